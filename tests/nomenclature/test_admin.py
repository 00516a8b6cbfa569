"""The administration: national lists are read, regional ones kept, nothing deleted."""

import pytest
from django.apps import apps
from django.contrib import admin
from django.urls import reverse

from nomenclature.models import Concept, Synonyme, TypeUO
from tests.builders import make_commune, make_concept, make_type_uo, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def administrator(client):
    client.force_login(make_user(is_staff=True, is_superuser=True))
    return client


@pytest.fixture
def national():
    return make_concept("TRE_R66|197", "CSAPA")


@pytest.fixture
def regional():
    concept = make_type_uo("80", "Mon CSAPA").concept
    type(concept.system).objects.filter(pk=concept.system_id).update(is_regional=True)
    return Concept.objects.select_related("system").get(pk=concept.pk)


@pytest.mark.parametrize(
    "model", list(apps.get_app_config("nomenclature").get_models()), ids=lambda model: model.__name__
)
def test_each_list_can_be_read_and_searched(administrator, national, regional, model):
    make_commune()
    if model not in admin.site._registry:
        assert model.__name__ == "ValueSetMembership"
        return
    url = reverse(f"admin:nomenclature_{model._meta.model_name}_changelist")
    assert administrator.get(url).status_code == 200
    assert administrator.get(url, {"q": "csapa"}).status_code == 200


def test_a_national_concept_is_read_only(administrator, national):
    url = reverse("admin:nomenclature_concept_change", args=[national.pk])
    assert 'name="label"' not in administrator.get(url).text
    assert administrator.post(url, {"label": "Autre"}).status_code == 403
    national.refresh_from_db()
    assert national.label == "CSAPA"


def test_a_regional_concept_is_renamed_and_retired_its_code_kept(administrator, regional):
    url = reverse("admin:nomenclature_concept_change", args=[regional.pk])
    answer = administrator.post(url, {"label": "CSAPA d’ici", "retired": "on", "code": "autre"})
    assert answer.status_code == 302
    regional.refresh_from_db()
    assert (regional.label, regional.retired, regional.code) == ("CSAPA d’ici", True, "80")


def test_nobody_deletes_a_concept(administrator, regional):
    assert administrator.post(reverse("admin:nomenclature_concept_delete", args=[regional.pk])).status_code == 403
    assert Concept.objects.filter(pk=regional.pk).exists()


def test_a_type_uo_is_edited(administrator, regional, national):
    url = reverse("admin:nomenclature_typeuo_change", args=[regional.pk])
    offre = TypeUO.objects.get(pk=regional.pk).type_offre_id
    assert administrator.post(url, {"type_offre": offre, "categories": [national.pk]}).status_code == 302
    assert list(TypeUO.objects.get(pk=regional.pk).categories.all()) == [national]
    wrong = administrator.post(url, {"type_offre": national.pk})
    assert wrong.status_code == 200
    assert "type_offre" in wrong.context["adminform"].form.errors


def test_a_synonyme_is_added_with_its_compared_form(administrator, regional):
    url = reverse("admin:nomenclature_synonyme_add")
    assert administrator.post(url, {"texte": "Désintox’", "concept": regional.pk}).status_code == 302
    assert Synonyme.objects.get().texte_normalise == "desintox"


def test_a_synonyme_without_a_letter_or_twice_is_refused_with_words(administrator, regional):
    url = reverse("admin:nomenclature_synonyme_add")
    Synonyme.objects.create(texte="desintox", concept=regional)
    for texte in ("…", "Désintox"):
        answer = administrator.post(url, {"texte": texte, "concept": regional.pk})
        assert answer.status_code == 200
        assert answer.context["adminform"].form.errors
    assert Synonyme.objects.count() == 1
