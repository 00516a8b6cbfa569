"""The invented mass: deterministic, lawful, alive."""

import datetime as dt
import io
from collections import Counter
from dataclasses import replace

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models import Max

from directory.demo import load
from directory.demo.catalogue import OFFRES
from directory.demo.encode import Encoder, Range
from directory.demo.etablissements import ETABLISSEMENTS
from directory.demo.generate import Generator
from directory.demo.numbers import FICTION_PREFIXES
from directory.demo.world import load_world
from directory.documents import MODELS, shape_of, to_documents
from directory.management.commands import seed_demo
from directory.models import (
    Contact,
    EntiteGeographique,
    EntiteJuridique,
    FicheVersion,
    Horaire,
    Kind,
    Lieu,
    Telecommunication,
    UniteOperationnelle,
)
from directory.querysets import closed_for_good_on
from journal.models import Entry
from nomenclature.models import Concept, TypeUO
from ror import clock

from .conftest import EG

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seeded")]
TODAY = dt.date(2026, 3, 4)


@pytest.fixture(scope="module")
def world(seeded):
    return load_world()


@pytest.fixture(scope="module")
def entries(world):
    return list(Generator(world, today=TODAY).entries(eg=150))


def test_two_runs_invent_the_same_rows(world, entries):
    assert list(Generator(world, today=TODAY).entries(eg=150)) == entries


def test_another_seed_invents_something_else(world, entries):
    assert list(Generator(world, today=TODAY, seed=1).entries(eg=150)) != entries


def test_counts(seeded):
    done, lines = seeded
    assert done.eg == EntiteGeographique.objects.count() == EG
    assert done.uo == UniteOperationnelle.objects.count()
    assert done.ej == EntiteJuridique.objects.count()
    assert 2 * done.eg < done.uo < 5 * done.eg
    assert any("indexés" in line for line in lines)


def test_every_name_says_it_is_invented():
    for model, name in (
        (EntiteJuridique, "raison_sociale"),
        (EntiteGeographique, "denomination"),
        (UniteOperationnelle, "nom"),
    ):
        assert not model.objects.exclude(**{f"{name}__endswith": "(fictif)"}).exists()
    assert not Contact.objects.exclude(nom="").exclude(nom__endswith="(fictif)").exists()
    numbers = Telecommunication.objects.filter(canal__in=("1", "2")).values_list("adresse", flat=True)
    assert all(number.startswith(FICTION_PREFIXES) for number in numbers)
    assert not Telecommunication.objects.filter(canal="3").exclude(adresse__endswith=".exemple.invalid").exists()


def test_no_number_can_be_a_real_one():
    """No real number of the files read has an order number from 90000."""
    for model in (EntiteJuridique, EntiteGeographique):
        assert not model.objects.exclude(finess=None).exclude(finess__regex=r"^..09[0-9]{5}$").exists()


def test_the_departement_of_a_number_is_that_of_its_commune():
    lieux = Lieu.objects.filter(est_principal=True).exclude(entite_geographique__finess=None)
    assert lieux.exists()
    for finess, departement in lieux.values_list("entite_geographique__finess", "commune__departement"):
        assert finess.startswith(departement)


def test_the_kept_version_is_what_reading_the_fiche_gives():
    for kind in Kind:
        kept = dict(FicheVersion.objects.filter(kind=kind, origin="demo").values_list("object_id", "content"))
        assert len(kept) == MODELS[kind].objects.count()
        assert to_documents(kind, kept) == kept
    assert not UniteOperationnelle.objects.exclude(version=1).exists()


def coded(shape, document):
    """(value set, key or code) of every coded value of a document."""
    for field in (*shape.scalars, *shape.links, *shape.many):
        value, value_set = document[field.name], getattr(field, "value_set", None)
        if value_set and value:
            yield from ((value_set, key) for key in ([value] if isinstance(value, str) else value))
    for name, _, child in shape.children:
        for line in document[name]:
            yield from coded(child, line)


def test_every_code_is_in_force_in_its_value_set(entries):
    used = {pair for entry in entries for pair in coded(shape_of(MODELS[entry.kind]), entry.document)}
    for code, offre in OFFRES.items():  # what this draw may have left out
        used |= {("JDV_J16", f"TRE_R210|{acte}") for acte in offre.actes.split()}
        used |= {("JDV_J17", f"TRE_R211|{activite}") for activite in offre.activites.split()}
        assert len(offre.actes.split()) == len(set(offre.actes.split())), code
    used |= {("JDV_J55", f"TRE_R66|{profile.categorie}") for profile in ETABLISSEMENTS}
    assert len({value_set for value_set, _ in used}) > 20
    for value_set in sorted({value_set for value_set, _ in used}):
        allowed = set()
        for concept in Concept.objects.in_value_set(value_set).select_related("system"):
            allowed |= {concept.key, concept.code}
        assert {key for of, key in used if of == value_set} <= allowed, value_set


def test_types_are_those_proposed_for_the_category():
    proposed = {
        t.concept.code: set(t.categories.values_list("code", flat=True))
        for t in TypeUO.objects.select_related("concept").prefetch_related("categories")
    }
    for profile in ETABLISSEMENTS:
        for offre in profile.offres:
            categories = proposed[OFFRES[offre].type_uo]
            assert not categories or profile.categorie in categories, (profile.categorie, offre)


def test_medico_social_offers_name_families_and_a_public():
    """RG_EXP_007, RG_EXP_008."""
    offers = UniteOperationnelle.objects.filter(champ_activite__code="04")
    assert offers.exists()
    assert not offers.filter(publics=None).exists()
    assert not offers.filter(activites=None).exists()
    assert not offers.filter(activites__isnull=False, activites__famille=None).exists()
    assert (
        not UniteOperationnelle.objects.exclude(champ_activite__code="04")
        .filter(activites__famille__isnull=False)
        .exists()
    )


def test_sensitive_units_have_only_level_3():
    """RG_EXP_039."""
    sensitive = UniteOperationnelle.objects.filter(unite_sensible=True)
    assert sensitive.exists()
    contacts = Contact.objects.filter(unite__in=sensitive)
    assert set(contacts.values_list("niveau", flat=True)) == {3}
    assert set(Telecommunication.objects.filter(contact__in=contacts).values_list("niveau", flat=True)) == {3}


def test_the_database_agrees_with_every_row():
    with connection.cursor() as cursor:
        cursor.execute("set constraints all immediate")
    for model in (EntiteGeographique, UniteOperationnelle, Contact, Telecommunication):
        sequence = f"select last_value from {model._meta.db_table}_id_seq"
        with connection.cursor() as cursor:
            cursor.execute(sequence)
            assert cursor.fetchone()[0] >= model.objects.aggregate(last=Max("pk"))["last"]


def test_every_screen_has_something_to_show():
    today = clock.today()
    egs, uos = EntiteGeographique.objects, UniteOperationnelle.objects
    assert egs.filter(unites=None).count() >= EG // 20
    assert egs.filter(closed_for_good_on(today)).exists()
    assert egs.filter(type_fermeture="PRO", date_reouverture__gt=today).exists()
    assert egs.filter(date_fermeture__gt=today).exists()
    assert egs.filter(lieux__est_principal=True, lieux__latitude=None).exists()
    assert egs.filter(site_principal__isnull=False).exists()
    assert uos.filter(updated_at__date__lt=today - dt.timedelta(days=settings.STALE_AFTER_DAYS)).exists()
    assert uos.filter(zones_intervention__isnull=False).exists()
    assert uos.filter(lieux_offre__isnull=False).exists()
    assert set(Contact.objects.values_list("niveau", flat=True)) == {1, 2, 3}
    assert Horaire.objects.filter(jour_semaine=6).exists()
    assert Horaire.objects.filter(type_plage__code="08", date_debut__gte=today).exists()
    assert len(Counter(uos.values_list("type_uo", flat=True))) > 30
    assert not uos.exclude(verified_at=None).filter(verified_by=None).exists()


def test_a_closed_establishment_closes_its_units():
    """RG_EXP_044."""
    closed = UniteOperationnelle.objects.exclude(entite_geographique__type_fermeture="")
    assert closed.exists()
    for uo in closed.select_related("entite_geographique"):
        eg = uo.entite_geographique
        assert (uo.type_fermeture, uo.date_fermeture) == (eg.type_fermeture, eg.date_fermeture)


def test_an_unknown_code_stops_the_load(entries):
    broken = replace(entries[0], document=entries[0].document | {"statut_juridique": "TRE_R72|nulle part"})
    mass = load.mass_of(load_world(), today=TODAY, first_offre=1, eg=1, blocks=1)
    encoder = Encoder(mass.concepts, mass.users, {table: Range(1) for table in mass.first_ids})
    with pytest.raises(KeyError, match="nulle part"):
        encoder.add(broken)


def test_a_second_run_does_nothing():
    before = (UniteOperationnelle.objects.count(), Entry.objects.count())
    out = io.StringIO()
    call_command("seed_demo", stdout=out)
    assert "déjà" in out.getvalue()
    assert (UniteOperationnelle.objects.count(), Entry.objects.count()) == before


def test_accounts_alone_are_not_made_twice():
    out = io.StringIO()
    call_command("seed_demo", "--comptes-seuls", stdout=out)
    assert "0 créés, 0 habilitations" in out.getvalue()


@pytest.mark.parametrize("hosts", [["ror.example.org"], ["localhost", "ror.example.org"], ["*"], []])
def test_refused_where_somebody_else_can_connect(settings, hosts):
    settings.DEBUG, settings.ALLOWED_HOSTS = False, hosts
    with pytest.raises(CommandError, match="Refusé"):
        call_command("seed_demo")


def test_allowed_in_development(settings):
    settings.DEBUG, settings.ALLOWED_HOSTS = True, ["ror.example.org"]
    seed_demo.refuse_outside_a_demo()


def test_the_search_index_follows():
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from search_offre")
        assert cursor.fetchone()[0] > EG
