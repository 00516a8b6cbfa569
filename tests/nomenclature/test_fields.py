import pytest
from django.apps import apps
from django.db import models

from nomenclature.fields import CodeField, ConceptField, ConceptsField
from nomenclature.models import CodeSystem, Concept
from tests.builders import make_uo


@pytest.mark.parametrize(
    "field",
    [
        ConceptField(value_set="JDV_J55"),
        ConceptField(value_set="JDV_J55", db_index=True, null=True, related_name="eg"),
        ConceptsField(value_set="JDV_J17", blank=True),
        CodeField(value_set="JDV_J201"),
        CodeField("type de fermeture", value_set="JDV_J201", max_length=3, blank=True),
    ],
)
def test_fields_survive_a_migration(field):
    _, path, args, kwargs = field.deconstruct()
    again = type(field)(*args, **kwargs)
    assert path == f"nomenclature.fields.{type(field).__name__}"
    assert kwargs["value_set"] == field.value_set == again.value_set
    assert again.deconstruct()[1:] == (path, args, kwargs)
    assert again.db_index == field.db_index
    assert again.max_length == field.max_length


def test_a_field_cannot_be_declared_without_its_value_set():
    for field in (ConceptField, ConceptsField, CodeField):
        with pytest.raises(TypeError, match="value_set"):
            field()


def test_a_concept_field_protects_has_no_index_and_no_reverse_relation():
    field = ConceptField(value_set="JDV_J55")
    assert field.remote_field.on_delete is models.PROTECT
    assert field.remote_field.related_name == "+"
    assert not field.db_index


@pytest.mark.django_db
def test_several_many_to_many_on_one_model_do_not_mix():
    system = CodeSystem.objects.create(code="TRE_T", name="T")
    concepts = [Concept.objects.create(system=system, code=code, label=code) for code in "abc"]
    uo = make_uo()
    fields = [field for field in uo._meta.local_many_to_many if isinstance(field, ConceptsField)]
    assert len(fields) >= 3
    wanted = {field.name: concepts[: 1 + n % 3] for n, field in enumerate(fields)}
    for name, chosen in wanted.items():
        setattr(uo, name, chosen)
    uo.save()
    [read] = type(uo).objects.prefetch_related(*wanted)
    assert {name: list(getattr(read, name).all()) for name in wanted} == wanted
    holders = {name: type(uo).objects.filter(**{name: concepts[2]}).exists() for name in wanted}
    assert holders == {name: concepts[2] in chosen for name, chosen in wanted.items()}


def test_every_field_of_the_project_names_a_value_set_that_the_fixtures_hold(tables):
    known = {row["code"] for row in tables("value_sets.csv")} | {"ror-type-uo", "ror-filiere"}
    named = {
        f"{model._meta.label}.{field.name}": field.value_set
        for model in apps.get_models()
        for field in [*model._meta.local_fields, *model._meta.local_many_to_many]
        if hasattr(field, "value_set")
    }
    assert {field: code for field, code in named.items() if code not in known} == {}
