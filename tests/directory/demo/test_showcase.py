"""The structures of the trainings, word for word (codes: domain notes, acceptance checklist)."""

import datetime as dt

import pytest

from accounts.models import Invitation, User
from directory.models import (
    DemandeAcces,
    EntiteGeographique,
    EntiteJuridique,
    FicheVersion,
    Habilitation,
    Niveau,
    Role,
    UniteOperationnelle,
)
from directory.permissions import Reader
from ror import clock

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seeded")]
CAMSP = "CAMSP du Lys (fictif)"


def codes(queryset) -> set[str]:
    return set(queryset.values_list("code", flat=True))


def activites(uo: UniteOperationnelle) -> set[str]:
    return set(uo.activites.values_list("activite__code", flat=True))


def test_csapa_les_mesanges():
    eg = EntiteGeographique.objects.get(denomination="CSAPA Les Mésanges (fictif)")
    assert eg.entite_juridique.raison_sociale == "SA Oiseaux (fictif)"
    assert eg.categorie.code == "197"
    assert eg.accessibilite.label == "Conforme"
    assert eg.lieu_principal.commune.nom == "Évry-Courcouronnes"
    assert eg.contacts.filter(fonction__code="01").exists()
    uo = eg.unites.get()
    assert uo.nom == "CSAPA – Accueil de jour (fictif)"
    assert activites(uo) == {"001", "404"}
    assert codes(uo.specialisations) == {"10"}
    assert codes(uo.actes_specifiques) == {"0815", "0932", "1013"}
    assert {c.key for c in uo.professions_ressources.all()} == {"TRE_R94|51", "TRE_G15|60", "TRE_R94|41"}
    assert codes(uo.competences_specifiques) == {"41", "08"}
    assert uo.conditions_accueil
    assert uo.animaux_domestiques


def test_camsp_du_lys():
    uo = UniteOperationnelle.objects.get(nom=CAMSP)
    assert uo.entite_geographique.entite_juridique.raison_sociale == "Association Eucalyptus (fictif)"
    assert uo.entite_geographique.categorie.code == "190"
    assert uo.type_uo.code == "61"
    assert (uo.age_min, uo.age_max, uo.age_max_unite, uo.patientele) == (0, 6, "a", "E")
    assert activites(uo) == {"293", "306", "335", "336", "289", "448", "290", "308"}
    assert codes(uo.actes_specifiques) == {"0854", "0988", "0989"}
    assert codes(uo.specialisations) == {"03", "11", "14", "16", "25"}
    assert {c.label for c in uo.specialites_ordinales.all()} == {
        "Psychiatrie, option enfant et adolescent (SM)",
        "Pédiatrie (SM)",
    }


def test_camsp_week_and_its_exception_of_week_38():
    slots = UniteOperationnelle.objects.get(nom=CAMSP).horaires.all()
    week = {(s.jour_semaine, f"{s.heure_debut:%H:%M}", f"{s.heure_fin:%H:%M}") for s in slots if not s.date_debut}
    assert week == {(day, "08:00", "19:00") for day in range(1, 6)} | {(6, "08:30", "13:00")}
    exception = next(s for s in slots if s.date_debut)
    assert exception.date_debut == exception.date_fin == dt.date(2025, 9, 17)
    assert exception.date_debut.isocalendar().week == 38
    assert (exception.type_plage.code, f"{exception.heure_debut:%H:%M}") == ("08", "12:00")


def test_camsp_contacts_at_the_three_levels():
    uo = UniteOperationnelle.objects.get(nom=CAMSP)
    by_nature = {c.nature.code: c for c in uo.contacts.select_related("nature") if c.nature}
    assert by_nature["04"].niveau == Niveau.PROFESSIONNELS
    assert by_nature["07"].niveau == Niveau.PUBLIC
    assert by_nature["07"].telecoms.get().canal == "3"
    assert uo.contacts.get(fonction__code="01").niveau == Niveau.PROFESSIONNELS
    assert by_nature["13"].niveau == Niveau.REGULATION


def test_pco_under_the_camsp():
    uo = EntiteGeographique.objects.get(denomination=CAMSP).unites.exclude(nom=CAMSP).get()
    assert (uo.type_uo.code, activites(uo)) == ("84", {"582"})
    assert {s.jour_semaine for s in uo.horaires.all()} == {2, 3, 4, 5, 6}


def test_nine_establishments_carry_the_act_hors_les_murs():
    found = UniteOperationnelle.objects.filter(type_uo__code="94-59-hlm").select_related("entite_geographique")
    assert found.count() == 9
    communes = [uo.entite_geographique.lieu_principal.commune.nom_ror for uo in found]
    assert sorted(communes) == [
        "Brunoy",
        "Cergy",
        "Créteil",
        "Kremlin-Bicêtre (Le)",
        "Nanterre",
        "Paris 14",
        "Paris 19",
        "Raincy (Le)",
        "Versailles",
    ]
    assert sum(uo.serves_children for uo in found) == 4
    assert all(uo.serves_adults for uo in found)
    assert all("340" in activites(uo) for uo in found)
    carried = [code for uo in found for code in activites(uo)]
    assert {code: carried.count(code) for code in ("335", "289", "336", "308")} == {
        "335": 6,
        "289": 5,
        "336": 3,
        "308": 2,
    }
    assert sum(uo.entite_geographique.unites.filter(type_uo__code="94-46").exists() for uo in found) == 4


def test_act_with_a_zone_a_closing_and_no_position():
    act = {
        uo.entite_geographique.lieu_principal.commune.nom: uo
        for uo in UniteOperationnelle.objects.filter(type_uo__code="94-59-hlm")
    }
    assert "75110" in act["Brunoy"].zones_intervention.values_list("insee", flat=True)
    closed = act["Créteil"]
    assert closed.is_closed(clock.today())
    assert closed.is_closing_temporary
    assert closed.date_reouverture > clock.today()
    assert act["Cergy"].entite_geographique.lieu_principal.latitude is None
    numbers = act["Paris 14e Arrondissement"].entite_geographique.contacts.filter(telecoms__canal__in=("1", "2"))
    assert not numbers.exists()


def test_showcase_went_through_publishing():
    uo = UniteOperationnelle.objects.get(nom=CAMSP)
    version = FicheVersion.objects.get(kind="uo", object_id=uo.pk)
    assert (version.number, uo.version, version.origin) == (1, 1, "demo")
    assert version.author.email == "referent@demo.ror"


def test_accounts_and_their_rights():
    today = clock.today()
    readers = {
        user.email: Reader.of(user) for user in User.objects.filter(email__endswith="@demo.ror", is_active=True)
    }
    assert len(readers) == 7
    csapa = EntiteGeographique.objects.get(denomination="CSAPA Les Mésanges (fictif)").pk
    lys = EntiteGeographique.objects.get(denomination=CAMSP).pk
    for email in ("referent@demo.ror", "referent2@demo.ror"):
        assert {csapa, lys} <= readers[email].own_eg_ids
    assert readers["autre@demo.ror"].own_eg_ids
    assert not readers["autre@demo.ror"].own_eg_ids & readers["referent@demo.ror"].own_eg_ids
    assert readers["pro@demo.ror"] == Reader()
    assert readers["regulation@demo.ror"].sees_all
    assert not readers["regulation@demo.ror"].is_support
    assert readers["support@demo.ror"].is_support
    assert User.objects.get(email="admin@demo.ror").is_superuser
    assert User.objects.get(email="support@demo.ror").check_password("Demo-ROR-2026")
    assert not Habilitation.objects.filter(valid_from__gte=today, user__is_active=True).exists()
    assert Habilitation.objects.filter(role=Role.SUPPORT).get().user.is_staff


def test_support_has_a_request_and_an_invitation_to_look_after():
    assert DemandeAcces.objects.get().user.email == "pro@demo.ror"
    assert Invitation.objects.get().state == "en attente"


def test_a_structure_waits_to_be_described():
    eg = EntiteGeographique.objects.get(denomination="Équipe mobile Les Frênes (fictif)")
    assert not eg.unites.exists()
    assert eg.verified_at is None
    assert EntiteJuridique.objects.filter(raison_sociale="Association Eucalyptus (fictif)", etablissements=eg).exists()
