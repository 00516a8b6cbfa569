"""Addresses, names, dates, numbers: one trap each."""

import datetime as dt

import pytest

from directory.imports import addresses, values
from directory.imports.names import names

from .lines import et

TYPES = {"R": "Rue", "AV": "Avenue", "CHE": "Chemin", "LD": "Lieu dit"}


def built(**cells):
    blank = dict.fromkeys(("number", "extension", "code", "name", "distribution", "place"), "")
    return addresses.build(**blank | cells, types=TYPES)


@pytest.mark.parametrize(
    ("cells", "street"),
    [
        ({"code": "R", "name": "DE PARIS"}, "Rue de Paris"),
        ({"code": "R", "name": "DE L ABREUVOIR"}, "Rue de l'Abreuvoir"),
        ({"code": "PL", "name": "DE L'ABBE G. HENOCQUE"}, "Pl de l'Abbe G. Henocque"),
        ({"code": "R", "name": "D ESTIENNE D ORVES"}, "Rue d'Estienne d'Orves"),
        ({"code": "CHE", "name": "CHEMIN SAFER"}, "Chemin Safer"),  # the type is not said twice
        ({"code": "R", "name": "DU 8 MAI 1945"}, "Rue du 8 Mai 1945"),
        ({"code": "AV", "name": "DU 1ER SEPTEMBRE"}, "Avenue du 1er Septembre"),
        ({"code": "R", "name": "LOUIS XIV"}, "Rue Louis XIV"),
        ({"code": "", "name": "ZAC CHAMPIGNY"}, "ZAC Champigny"),
        ({"code": "", "name": "Rue Alexandre Bérard"}, "Rue Alexandre Bérard"),  # BAN spelling kept
        ({"code": "R   ", "name": "DU VAL-DE-MARNE"}, "Rue du Val-de-Marne"),
    ],
)
def test_street(cells, street):
    assert built(**cells)["libelle_voie"] == street


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ({"number": "12", "extension": "B"}, {"numero_voie": "12", "extension": "bis"}),
        ({"number": "12", "extension": "C"}, {"numero_voie": "12", "extension": "C"}),  # ambiguous: as published
        ({"number": "28b"}, {"numero_voie": "28", "extension": "bis"}),  # FINESS+
        ({"number": "13", "distribution": "13-15"}, {"numero_voie": "13-15", "complement_point_geographique": ""}),
        ({"number": "7", "distribution": "BATIMENT A"}, {"complement_point_geographique": "Batiment A"}),
        ({"place": "BP 71 IMMEUBLE SEMAFA"}, {"mention_distribution": "BP 71", "lieu_dit": "Immeuble Semafa"}),
        ({"place": "CS 11021"}, {"mention_distribution": "CS 11021", "lieu_dit": ""}),
        ({"place": "TROIS EPIS"}, {"mention_distribution": "", "lieu_dit": "Trois Epis"}),
    ],
)
def test_address_cells(cells, expected):
    assert expected.items() <= built(**cells).items()


def test_the_whole_address_reads_well(load, folder, eg):
    load(folder.csv(et(ligneacheminement="92205 NEUILLY SUR SEINE CEDEX", commune="051", departement="92")))
    lieu = eg().lieux.get()
    assert lieu.postal_lines == ["12 bis Rue de Paradis", "92205 Neuilly sur Seine Cedex"]
    assert (lieu.uid, lieu.est_principal, lieu.commune_id) == ("finess", True, "92051")


def test_the_town_takes_the_spelling_of_its_commune(load, folder, eg):
    load(folder.csv(et(ligneacheminement="92200 NEUILLY SUR SEINE", commune="051", departement="92")))
    assert eg().lieux.get().localite == "Neuilly-sur-Seine"


@pytest.mark.parametrize(
    ("short", "long", "complement", "expected"),
    [
        ("CH DE FLEYRIAT", "", "", ("CH DE FLEYRIAT", "")),
        (
            "CH DE FLEYRIAT",
            "CENTRE HOSPITALIER DE BOURG-EN-BRESSE FLEYRIAT",
            "",
            ("CENTRE HOSPITALIER DE BOURG-EN-BRESSE FLEYRIAT", ""),
        ),
        (
            "CMPP TONY LAINE",
            "CENTRE MEDICO PSYCHO PEDAGOGIQUE DE LA CROIX ROUGE",
            "",
            ("CMPP TONY LAINE", "CENTRE MEDICO PSYCHO PEDAGOGIQUE DE LA CROIX ROUGE"),
        ),
        ("CLINIQUE CONVERT", "CLINIQUE CONVERT", "SITE NORD", ("CLINIQUE CONVERT", "SITE NORD")),
        ("", "CLINIQUE CONVERT", "", ("CLINIQUE CONVERT", "")),
        ("RELAIS PARENTAL LA PASSERELLE 93", "RELAIS PARENTAL", "", ("RELAIS PARENTAL LA PASSERELLE 93", "")),
    ],
)
def test_the_fuller_name_is_shown_and_the_other_is_not_lost(short, long, complement, expected):
    assert names(short, long, complement) == expected


@pytest.mark.parametrize(
    ("written", "digits"),
    [("0146661267", "0146661267"), ("01 46 66 12 67", "0146661267"), ("3919", "3919"), ("", ""), ("0000000000", "")],
)
def test_telephone(written, digits):
    assert values.telephone(written) == digits


@pytest.mark.parametrize("written", ["12345", "1466612670", "٠١٤٦٦٦١٢٦٧", "014666126A"])
def test_not_a_telephone(written):
    with pytest.raises(ValueError, match=written):
        values.telephone(written)


def test_an_unreadable_telephone_is_left_empty_and_told(load, folder, eg, remarks):
    report = load(folder.csv(et(telephone="3134335540")))
    assert not eg().contacts.exists()
    assert remarks(report)["téléphone illisible, laissé vide"] == 1


def test_implausible_opening_date_is_left_empty_and_told(load, folder, eg, remarks):
    report = load(folder.csv(et(dateouv="0201-12-01")))
    assert eg().date_ouverture is None
    assert remarks(report)["date d’ouverture invraisemblable, laissée vide"] == 1


def test_opening_date_to_come_is_kept(load, folder, eg):
    load(folder.csv(et(dateouv="2031-02-01")))
    assert eg().date_ouverture == dt.date(2031, 2, 1)


def test_false_key_is_told_and_kept(load, folder, eg, remarks):
    report = load(folder.csv(et(nofinesset="750011729")))
    assert eg("750011729").version == 1
    assert remarks(report)["clé du numéro FINESS fausse, numéro conservé"] == 1


def test_corsican_number_has_no_warning(load, folder, eg, remarks):
    report = load(folder.csv(et(nofinesset="2A0000154")))
    assert eg("2A0000154").idnat_struct == "12A0000154"
    assert not remarks(report)


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        ({"nofinesset": "7500117"}, "numéro FINESS illisible"),
        ({"nofinesset": "75001172X"}, "numéro FINESS illisible"),
        ({"nofinessej": ""}, "numéro FINESS illisible"),
        ({"nofinessej": "750011728"}, "numéro FINESS illisible"),
        ({"categetab": "999"}, "catégorie inconnue"),
        ({"categetab": ""}, "catégorie inconnue"),
        ({"rs": ""}, "nom absent"),
    ],
)
def test_a_line_that_cannot_be_kept_is_refused_with_its_number(load, folder, cells, kind):
    report = load(folder.csv(et(nofinesset="750020729"), et(**cells)))
    assert report.counts["eg"] == {"read": 2, "created": 1, "refused": 1, "changed": 0, "unchanged": 0}
    assert report.remarks[kind].examples[0]["where"] == "ligne 3"


def test_wrong_number_of_cells(load, folder):
    report = load(folder.csv(et(), "structureet;750020729;trop;peu"))
    assert report.remarks["nombre de cellules inattendu"].count == 1


@pytest.mark.parametrize(
    ("categorie", "kind"),
    [
        ("620", "catégorie hors du jeu de valeurs JDV_J55, conservée"),
        ("382", "catégorie retirée de la nomenclature, conservée"),
    ],
)
def test_category_that_people_may_not_choose_is_kept_and_flagged(load, folder, eg, remarks, categorie, kind):
    report = load(folder.csv(et(categetab=categorie)))
    assert eg().categorie.code == categorie
    assert remarks(report) == {kind: 1}


def test_sph_is_taken_when_its_code_is_known(load, folder, eg, remarks):
    assert load(folder.csv(et(codesph="6"))) and eg().modalite_participation_sph.code == "6"
    report = load(folder.csv(et(codesph="8")))
    assert eg().modalite_participation_sph is None
    assert remarks(report)["participation au service public hospitalier inconnue, laissée vide"] == 1


@pytest.mark.parametrize(
    ("cells", "insee", "kind"),
    [
        ({"commune": "451", "departement": "01", "ligneacheminement": "01440 VIRIAT"}, "01451", None),
        ({"commune": "411", "departement": "9D", "ligneacheminement": "97405 ST DENIS CEDEX"}, "97411", None),
        # merged communes: the postal code stayed
        (
            {"commune": "059", "departement": "93", "ligneacheminement": "93380 PIERREFITTE SUR SEINE"},
            "93066",
            "code commune périmé, commune retrouvée",
        ),
        # CEDEX: only the name tells
        (
            {"commune": "999", "departement": "92", "ligneacheminement": "92205 NEUILLY SUR SEINE CEDEX"},
            "92051",
            "code commune périmé, commune retrouvée",
        ),
        (
            {"commune": "999", "departement": "92", "ligneacheminement": "92999 NULLE PART"},
            None,
            "commune introuvable, laissée vide",
        ),
    ],
)
def test_commune(load, folder, eg, remarks, cells, insee, kind):
    report = load(folder.csv(et(**cells)))
    assert eg().lieux.get().commune_id == insee
    assert remarks(report) == ({kind: 1} if kind else {})


def test_too_long_a_text_is_cut_and_told(load, folder, eg, remarks):
    report = load(folder.csv(et(lieuditbp="LIEU " * 30)))
    assert len(eg().lieux.get().lieu_dit) <= 60
    assert remarks(report)["texte trop long, coupé"] == 1
