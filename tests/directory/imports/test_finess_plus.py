"""The FINESS+ feed: closings, sites, names of values."""

import datetime as dt

import pytest

from directory.models import EntiteGeographique, EntiteJuridique, FicheVersion
from tests.builders import make_uo

from .lines import address, ege, ej, et, phone, pmej

CLOSED = ("DEF", dt.date(2020, 3, 31), None)
OPEN = ("", None, None)


def triple(fiche):
    fiche.refresh_from_db()
    return fiche.type_fermeture, fiche.date_fermeture, fiche.date_reouverture


def test_ej_and_eg_in_one_file(load, folder, eg, ej):
    where = address(complementPointGeographique="                ", lieuDit="BP 132", typeVoie="R   ")
    load(folder.json(pmej(ege(general={"espic": ["6"]}, adresse=[address(usageAdresse="04"), where]))))
    fiche = eg()
    assert fiche.entite_juridique == ej()
    assert (ej().raison_sociale, ej().statut_juridique.code, ej().a_identifier) == (
        "CROIX ROUGE FRANCAISE",
        "61",
        False,
    )
    assert (fiche.date_autorisation, fiche.modalite_participation_sph.code) == (dt.date(1978, 12, 1), "6")
    lieu = fiche.lieux.get()
    assert lieu.postal_lines == ["12 bis Rue de Paradis", "BP 132", "75010 Paris"]
    assert lieu.commune_id == "75110"


def test_the_same_establishment_from_both_sources_differs_in_nothing_but_what_differs(load, folder):
    load(folder.csv(ej(telephone="")), folder.csv(et()))
    report = load(folder.json(pmej(ege(), adresse=[address(usageAdresse="02")])))
    assert dict(report.fields) == {
        "EG – date d’autorisation": 1,
        "EJ – numéro": 1,
        "EJ – extension": 1,
        "EJ – voie": 1,
        "EJ – code postal": 1,
    }


def test_second_run_changes_nothing(load, folder):
    file = folder.json(pmej(ege(), ege("750020729", ege_id="2", main="1")))
    load(file)
    before = FicheVersion.objects.count()
    assert load(file).counts["eg"]["unchanged"] == 2
    assert FicheVersion.objects.count() == before


def test_closed_and_unknown_is_not_taken(load, folder):
    report = load(folder.json(pmej(ege(closed="2020-03-31"), closed="2020-03-31")))
    assert not EntiteGeographique.objects.exists()
    assert not EntiteJuridique.objects.exists()
    assert report.total("closed_unknown") == 2


def test_a_closing_goes_down_to_the_units_and_a_reopening_comes_back(load, folder, eg):
    load(folder.json(pmej(ege())))
    uo, closed_before = make_uo(eg=eg()), make_uo(eg=eg())
    type(uo).objects.filter(pk=closed_before.pk).update(type_fermeture="DEF", date_fermeture=dt.date(2010, 1, 1))
    report = load(folder.json(pmej(ege(closed="2020-03-31")), generated_at="2026-08-14"))
    assert triple(eg()) == triple(uo) == CLOSED
    assert triple(closed_before) == ("DEF", dt.date(2010, 1, 1), None)
    assert report.counts["eg"]["closed"] == 1
    assert FicheVersion.objects.filter(kind="uo", object_id=uo.pk).count() == 2
    report = load(folder.json(pmej(ege()), generated_at="2026-08-15"))
    assert triple(eg()) == triple(uo) == OPEN
    assert report.counts["eg"]["reopened"] == 1


def test_a_closing_to_come_is_kept_with_its_date(load, folder, eg):
    load(folder.json(pmej(ege(closed="2099-12-31", etatObjet="A"))))
    assert triple(eg()) == ("DEF", dt.date(2099, 12, 31), None)
    assert not eg().is_closed(dt.date(2026, 11, 22))


def test_inactive_without_a_date_closes_on_its_last_update(load, folder, eg, remarks):
    load(folder.json(pmej(ege())))
    report = load(folder.json(pmej(ege(etatObjet="I")), generated_at="2026-08-14"))
    assert triple(eg()) == ("DEF", dt.date(2021, 10, 18), None)
    assert remarks(report)["fermé sans date, date de mise à jour retenue"] == 1


def test_a_closing_entered_by_a_person_is_not_undone(load, folder, eg, remarks):
    load(folder.json(pmej(ege())))
    closing = {"type_fermeture": "PRO", "date_fermeture": dt.date(2026, 1, 1)}
    EntiteGeographique.objects.update(**closing)
    report = load(folder.json(pmej(ege()), generated_at="2026-08-14"))
    assert triple(eg())[0] == "PRO"
    assert remarks(report) == {"fermé dans le ROR, ouvert dans FINESS": 1}


def test_a_legacy_file_that_names_it_reopens_what_finess_had_closed(load, folder, eg):
    load(folder.json(pmej(ege()), generated_at="2026-01-01"))
    load(folder.json(pmej(ege(closed="2020-03-31")), generated_at="2026-02-01"))
    load(folder.csv(et(), date="2026-05-12"))
    assert triple(eg()) == OPEN


def test_a_closed_ej_closes_the_establishments_the_file_does_not_describe(load, folder, eg, ej):
    load(folder.csv(et(), et(nofinesset="750020729"), date="2026-01-01"))
    load(folder.json(pmej(ege(), closed="2020-03-31"), generated_at="2026-08-13"))
    assert triple(ej()) == CLOSED
    assert triple(eg("750020729")) == CLOSED
    assert triple(eg()) == OPEN  # FINESS+ itself says it is open


def test_a_closed_ej_of_an_open_establishment_is_taken(load, folder, ej):
    load(folder.json(pmej(ege(), closed="2020-03-31")))
    assert triple(ej()) == CLOSED
    assert not ej().a_identifier


@pytest.mark.parametrize("swap", [False, True])
def test_annexes_find_their_main_site_whatever_the_order(load, folder, eg, swap):
    sites = [ege(ege_id="1"), ege("750020729", ege_id="2", main="1")]
    load(folder.json(pmej(*reversed(sites) if swap else sites)), batch=1 if swap else 1000)
    assert eg("750020729").site_principal == eg()
    assert eg().site_principal is None
    assert eg("750020729").version == 1


def test_a_main_site_that_never_comes(load, folder, eg, remarks):
    file = folder.json(pmej(ege(ege_id="1", closed="2020-01-01"), ege("750020729", ege_id="2", main="1")))
    report = load(file)
    assert eg("750020729").site_principal is None
    assert remarks(report) == {"site principal absent du ROR, lien laissé vide": 1}


def test_an_establishment_moved_to_another_ej_is_read_where_it_is_open(load, folder, eg):
    moved = pmej(ege(closed="2020-03-31")), pmej(ege(), number="930021480")
    report = load(folder.json(*moved))
    assert eg().entite_juridique.finess == "930021480"
    assert triple(eg()) == OPEN
    assert report.counts["eg"].get("refused", 0) == 0


def test_the_same_number_twice_with_other_words_is_refused(load, folder):
    report = load(folder.json(pmej(ege(), ege(contact=phone("0146661268")))))
    assert report.remarks["même numéro, contenu différent"].examples[0]["detail"] == "pmej 1, ege 1 et pmej 1, ege 2"


def test_departements(load, folder):
    antony = address(cogCommune="92002", codePostal="92160", ligneAcheminement="ANTONY")
    file = folder.json(
        pmej(ege(), ege("920000122", ege_id="2", adresse=[antony])),
        pmej(ege("750020729", ege_id="3"), number="930021480"),
    )
    report = load(file, departements=["92"])
    assert list(EntiteGeographique.objects.values_list("finess", flat=True)) == ["920000122"]
    assert list(EntiteJuridique.objects.values_list("finess", flat=True)) == ["750721334"]
    assert (report.counts["eg"]["filtered"], report.counts["ej"]["filtered"]) == (2, 1)


@pytest.mark.parametrize(
    "broken",
    [
        {"adresse": None, "contact": None, "roleEge": None},
        {"adresse": ["texte"], "contact": [None], "roleEge": []},
        {"adresse": []},
    ],
)
def test_absent_or_odd_parts_do_not_stop_the_import(load, folder, eg, broken):
    load(folder.json(pmej(ege(**broken))))
    assert eg().denomination == "ACT LES TILLEULS"


@pytest.mark.parametrize("odd", [{"espic": "6"}, {"siret": 12}, {"numFinessEge": None}, {"dateOuverture": ["x"]}])
def test_odd_values_are_refused_or_told(load, folder, odd):
    report = load(folder.json(pmej(ege(general=odd), ege("750020729", ege_id="2"))))
    assert report.counts["eg"]["created"] + report.counts["eg"]["refused"] == 2
