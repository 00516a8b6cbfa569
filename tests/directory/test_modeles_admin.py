"""Support keeps the modèles de saisie: what it changes is in the journal, and the forms follow at once."""

import pytest
from django.urls import reverse

from directory import modeles
from directory.models import Kind, Role
from journal.models import Entry
from nomenclature.models import ChampSaisie, GroupeActes
from tests.builders import make_concept, make_modele, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def support(client):
    user = make_user(role=Role.SUPPORT, is_staff=True)
    client.force_login(user)
    return user


@pytest.fixture
def modele():
    return make_modele("uo", general=True, nom={}, actes_specifiques={})


def inline(modele, **more) -> dict[str, str]:
    """The formset of the fields of a modèle as the page sends it, and one more."""
    sent = {"libelle": modele.libelle, "general": "on", "categories": [], "types_uo": [], "champs-INITIAL_FORMS": "2"}
    for n, row in enumerate(modele.champs.order_by("ordre")):
        sent |= {f"champs-{n}-id": row.pk, f"champs-{n}-modele": modele.pk, f"champs-{n}-champ": row.champ}
        sent |= {
            f"champs-{n}-section": row.section,
            f"champs-{n}-ordre": row.ordre,
            f"champs-{n}-minimum": row.minimum,
        }
        sent |= {f"champs-{n}-affiche": "on"}
    return sent | {"champs-TOTAL_FORMS": "2"} | more


def test_support_requires_a_field_and_the_forms_follow(client, support, modele, django_capture_on_commit_callbacks):
    document = {"kind": "uo", "type_uo": None, "nom": ""}
    assert modeles.missing(Kind.UO, document) == []
    url = reverse("admin:nomenclature_modelesaisie_change", args=[modele.pk])
    with django_capture_on_commit_callbacks(execute=True):
        answer = client.post(url, inline(modele, **{"champs-0-obligatoire": "on"}))
    assert answer.status_code == 302, answer.context["errors"]
    assert [problem.address for problem in modeles.missing(Kind.UO, document)] == ["nom"]
    line = Entry.objects.get(action="nomenclature")
    assert (line.author, line.target) == (support, f"modelesaisie:{modele.pk}")


def test_a_field_of_the_other_kind_cannot_be_added(client, support, modele):
    url = reverse("admin:nomenclature_modelesaisie_change", args=[modele.pk])
    new = {"champs-TOTAL_FORMS": "3", "champs-2-modele": modele.pk, "champs-2-section": "Identité"}
    new |= {"champs-2-champ": "denomination", "champs-2-ordre": "1", "champs-2-minimum": "0"}
    answer = client.post(url, inline(modele, **new))
    assert answer.status_code == 200
    assert modele.champs.count() == 2


def test_codes_are_those_of_the_list_of_the_field(client, support, modele):
    good, bad = make_concept("TRE_R210|0815", "Animaux", value_set="JDV_J16"), make_concept("TRE_R211|404", "Addicto")
    row = modele.champs.get(champ="actes_specifiques")
    url = reverse("admin:nomenclature_champsaisie_change", args=[row.pk])
    sent = {"section": "Offre", "ordre": "3", "minimum": "0", "affiche": "on", "codes_proposes": [good.pk, bad.pk]}
    answer = client.post(url, sent)
    assert answer.status_code == 200
    assert "Pas dans la liste de ce champ\u00a0: Addicto." in answer.text
    answer = client.post(url, sent | {"codes_proposes": [good.pk]})
    assert answer.status_code == 302
    assert list(row.codes_proposes.all()) == [good]


def test_support_keeps_the_groups_of_actes(client, support):
    acte = make_concept("TRE_R210|0815", "Animaux", value_set="JDV_J16")
    answer = client.post(
        reverse("admin:nomenclature_groupeactes_add"), {"libelle": "Aides", "ordre": "1", "actes": [acte.pk]}
    )
    assert answer.status_code == 302
    assert list(GroupeActes.objects.get().actes.all()) == [acte]


@pytest.mark.parametrize("model", ["modelesaisie", "champsaisie", "groupeactes"])
def test_nothing_is_deleted_and_nobody_else_enters(client, support, modele, model):
    pk = {"modelesaisie": modele.pk, "champsaisie": ChampSaisie.objects.first().pk}.get(model, 1)
    assert client.get(reverse(f"admin:nomenclature_{model}_changelist")).status_code == 200
    assert client.post(reverse(f"admin:nomenclature_{model}_delete", args=[pk])).status_code in (302, 403)
    assert ChampSaisie.objects.count() == 2
    client.force_login(make_user(is_staff=True))
    assert client.get(reverse(f"admin:nomenclature_{model}_changelist")).status_code == 403
