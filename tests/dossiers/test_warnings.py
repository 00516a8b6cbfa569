"""What looks wrong in a fiche: each warning, and that an ordinary fiche has none."""

import pytest

from dossiers import warnings
from nomenclature.models import Commune

PARIS = Commune(insee="75110", nom="Paris 10", nom_ror="Paris 10", latitude=48.8762, longitude=2.3590)
CENTRE = {"latitude": 48.8762, "longitude": 2.3590}
LONG = "Accueil sans rendez-vous du lundi au vendredi, et le samedi matin pour les familles."


def contact(niveau: int = 1, *phones: str, uid: str = "c") -> dict:
    return {"uid": uid, "niveau": niveau, "telecoms": [{"uid": p, "canal": "2", "adresse": p} for p in phones]}


def uo(**changes) -> dict:
    return {"kind": "uo", "nom": "Accueil de jour", "contacts": [contact(1, "0183763031")]} | changes


def eg(**lieu) -> dict:
    place = {"uid": "l", "nom": "", "est_principal": True, "commune": "75110"} | CENTRE | lieu
    return {"kind": "eg", "nom_operationnel": "", "contacts": [], "lieux": [place]}


def told(document: dict, *, reference: dict | None = None, others: list | None = None) -> list[str]:
    return warnings.of(document, reference=reference, others=others or [], communes={"75110": PARIS})


@pytest.mark.parametrize("document", [uo(), eg(), uo(nom="CSAPA"), uo(contacts=[contact(1, "15", "3919")])])
def test_an_ordinary_fiche_has_none(document):
    assert told(document) == []


@pytest.mark.parametrize(
    ("document", "words"),
    [
        (uo(nom="CSAPA finess 750011728"), "numéro FINESS"),
        (uo(nom="CSAPA 750011728"), "numéro FINESS"),
        (uo(nom="CENTRE DE SOINS"), "majuscules"),
        (uo(age_max="140", age_max_unite="a"), "dépasse 120 ans"),
        (uo(age_min="18", age_min_unite="a", age_max="18.0", age_max_unite="a"), "sont les mêmes"),
        (uo(contacts=[contact(2, "0183763031")]), "Aucun contact de niveau 1"),
        (uo(contacts=[contact(1, "0102030")]), "pas un numéro de téléphone valide"),
        (uo(contacts=[contact(1, "accueil")]), "pas un numéro de téléphone valide"),
        (eg(latitude=None, longitude=None), "géolocalisé"),
        (eg(latitude=48.60), "km du centre de Paris 10"),
        (eg() | {"lieux": []}, "pas d’adresse"),
    ],
)
def test_what_looks_wrong_is_told(document, words):
    [sentence] = told(document)
    assert words in sentence


def test_a_sensitive_unit_has_no_public_contact_and_that_is_right():
    assert told(uo(unite_sensible=True, contacts=[contact(3, "0183763031")])) == []


def test_a_contact_that_becomes_more_visible_is_told():
    after, before = uo(contacts=[contact(1)]), uo(contacts=[contact(2)])
    assert told(after, reference=before) == [
        "Un contact passe du niveau 2 au niveau 1\u00a0: plus de personnes le verront."
    ]
    assert told(before | {"contacts": [contact(2), contact(1, uid="d")]}, reference=after) == []


def test_a_text_copied_from_another_unit_is_told_when_it_is_long():
    other = uo(nom="Consultation", conditions_accueil=LONG)
    assert "Consultation" in told(uo(conditions_accueil=LONG), others=[other])[0]
    short = "Sur rendez-vous."
    assert told(uo(conditions_accueil=short), others=[uo(conditions_accueil=short)]) == []


def test_a_place_is_told_from_the_centre_of_its_commune():
    east = warnings.position(
        {"est_principal": True, "commune": "75110"} | CENTRE | {"longitude": 2.40}, {"75110": PARIS}
    )
    assert east.km == pytest.approx(3.0, abs=0.1)
    assert east.bearing == pytest.approx(90, abs=0.5)
