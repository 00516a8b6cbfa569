"""What must always hold is refused by the database itself, whoever writes."""

import datetime as dt

import pytest
from django.db import IntegrityError, connection, transaction

from directory import identifiers
from directory.models import Contact, FicheVersion, Habilitation, Role
from journal.models import Entry, write
from tests.builders import make_concept, make_contact, make_eg, make_ej, make_horaire, make_uo, make_user

pytestmark = pytest.mark.django_db


def refused(constraint, action):
    """Run `action` and check which constraint the database named, deferred ones included."""
    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        action()
        with connection.cursor() as cursor:
            cursor.execute("set constraints all immediate")
    assert constraint in str(caught.value)


@pytest.mark.parametrize(
    ("build", "constraint"),
    [
        (lambda: make_eg(finess="75001172"), "eg_finess_format"),
        (lambda: make_eg(finess=None), "eg_has_a_national_number"),
        (lambda: make_ej(finess=None, siren="12345678"), "ej_siren_format"),
        (lambda: make_ej(statut_juridique=None), "ej_statut_juridique_unless_placeholder"),
        (lambda: make_eg(type_fermeture="DEF"), "eg_closing_type_and_date_together"),
        (lambda: make_eg(date_fermeture=dt.date(2026, 1, 1)), "eg_closing_type_and_date_together"),
        (
            lambda: make_eg(
                type_fermeture="DEF", date_fermeture=dt.date(2026, 1, 1), date_reouverture=dt.date(2026, 2, 1)
            ),
            "eg_reopening_only_if_temporary",
        ),
        (lambda: make_uo(identifiant="Paris/12 3"), "uo_identifiant_format"),
        (lambda: make_uo(age_min=2, age_max=12, age_max_unite="mo"), "uo_age_min_below_age_max"),
        (lambda: make_uo(age_min=2, age_min_unite="y"), "uo_age_units_a_mo_wk_d"),
        (lambda: make_horaire(make_uo(), 1, "12:00", "09:00"), "horaire_ends_after_it_begins"),
        (lambda: make_horaire(make_uo(), None, "09:00", "12:00"), "horaire_has_a_weekday_or_a_period"),
        (
            lambda: Habilitation.objects.create(user=make_user(), role=Role.REFERENT, valid_from=dt.date(2026, 1, 1)),
            "habilitation_of_a_referent_names_a_structure",
        ),
        (
            lambda: make_user(role=Role.REGULATION, eg=make_eg()),
            "habilitation_on_a_territory_names_no_structure",
        ),
    ],
)
def test_the_database_refuses(build, constraint):
    refused(constraint, build)


def test_a_service_contact_has_no_name():
    uo = make_uo()
    accueil = make_concept("TRE_R287|01", "Accueil")
    refused("contact_nature_excludes_nom_and_fonction", lambda: make_contact(uo, nature=accueil, nom="Durand"))


def test_a_function_needs_a_name():
    uo = make_uo()
    directeur = make_concept("TRE_R251|01", "Directeur")
    refused("contact_fonction_needs_a_nom", lambda: make_contact(uo, nom="", fonction=directeur))


def test_a_telecom_is_never_more_visible_than_its_contact():
    uo = make_uo()
    refused(
        "telecom_level_at_least_its_contact_level",
        lambda: make_contact(uo, niveau=3, telecoms=[("2", "0199000001", 2)]),
    )


def test_a_contact_cannot_become_more_restrictive_than_its_telecoms():
    contact = make_contact(make_uo(), niveau=1, telecoms=[("2", "0199000001", 1)])
    refused("telecom_level_at_least_its_contact_level", lambda: Contact.objects.filter(pk=contact.pk).update(niveau=2))


def test_contacts_of_a_sensitive_unit_are_level_3():
    uo = make_uo(unite_sensible=True)
    refused("contacts_of_a_sensitive_unit_are_level_3", lambda: make_contact(uo, niveau=2))


def test_a_unit_made_sensitive_must_hide_its_contacts_in_the_same_transaction():
    uo = make_uo()
    make_contact(uo, niveau=2)
    refused(
        "contacts_of_a_sensitive_unit_are_level_3",
        lambda: type(uo).objects.filter(pk=uo.pk).update(unite_sensible=True),
    )


@pytest.mark.parametrize("field", ["champ_activite", "mode_prise_en_charge"])
def test_champ_and_mode_never_change_once_published(field):
    uo = make_uo()
    other = make_concept("TRE_R213|32")
    refused("uo_champ_and_mode_never_change", lambda: type(uo).objects.filter(pk=uo.pk).update(**{field: other}))


def test_the_journal_and_the_versions_are_append_only():
    uo = make_uo()
    write("essai", "uo:1", by=make_user())
    for rows in (Entry.objects.all(), FicheVersion.objects.filter(kind="uo", object_id=uo.pk)):
        assert rows.exists()
        with pytest.raises(Exception, match="Cannot update or delete"), transaction.atomic():
            rows.update(**({"action": "x"} if rows.model is Entry else {"origin": "x"}))
        with pytest.raises(Exception, match="Cannot update or delete"), transaction.atomic():
            rows.delete()


def test_the_journal_needs_an_author():
    refused("null value", lambda: Entry.objects.create(action="essai", target="uo:1"))


@pytest.mark.parametrize("finess", ["010780195", "2A0000154", "2B0000129", "750011728"])
def test_finess_keys_of_real_numbers_are_right(finess):
    assert identifiers.finess_key_is_right(finess)


@pytest.mark.parametrize("finess", ["888888888", "750011729", "7500117", "2C0000154"])
def test_wrong_finess_keys(finess):
    assert not identifiers.finess_key_is_right(finess)


def test_pivot_identifiers():
    assert identifiers.idnat_struct_of_eg(finess="910800002", siret="1" * 14, rang=None) == "1910800002"
    assert identifiers.idnat_struct_of_eg(finess=None, siret="26010004500012", rang=None) == "326010004500012"
    assert identifiers.idnat_struct_of_ej(finess=None, siren="772201489", rang=None) == "2772201489"
    assert identifiers.idnat_struct_of_ej(finess=None, siren=None, rang="EJ10001234567012") == "4EJ10001234567012"


def test_la_poste_has_its_own_siret_rule():
    identifiers.validate_siret("35600000049837")
