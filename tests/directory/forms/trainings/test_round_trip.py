"""Document, form, the same sent unchanged: the document does not move."""

import copy
import json

import pytest

from directory.forms import FicheForm
from directory.ownership import DIRECT
from tests.directory.forms.sending import errors, filled

pytestmark = pytest.mark.django_db
NAMES = ["CSAPA – Accueil de jour", "CAMSP du Lys", "PCO TND du Lys", "CSAPA Les Mésanges", "CMPP des Saules"]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("is_live", [True, False])
def test_sent_unchanged_the_document_is_the_same(showcase, name, is_live):
    kind, document = showcase(name)
    before = copy.deepcopy(document)
    form = filled(kind, document, live=document if is_live else None)
    assert form.is_valid(), errors(form)
    assert form.document == before
    assert document == before


@pytest.mark.parametrize("name", NAMES)
def test_direct_editing_sent_unchanged_too(showcase, name):
    kind, document = showcase(name)
    form = filled(kind, document, live=document, only=DIRECT[kind])
    assert form.is_valid(), errors(form)
    assert form.document == document
    assert {item.name for section in form.sections for item in section.items} <= set(DIRECT[kind])


def test_the_saisie_is_json_and_gives_the_form_back(showcase):
    kind, document = showcase("CAMSP du Lys")
    form = filled(kind, document, nom="Un autre nom", age_min="beaucoup")
    again = FicheForm(kind, document, data=json.loads(json.dumps(form.saisie)))
    assert not again.is_valid()
    assert again.root["age_min"].value() == "beaucoup"
    assert again.document["nom"] == "Un autre nom"
    assert again.document["age_min"] == document["age_min"]
    assert again.saisie == form.saisie
