"""Values as the API writes them: codes with their system and label, empty texts as null, ages with their unit."""

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers


class CodeSerializer(serializers.Serializer):
    """A coded value. `systeme` is the national address of the list, or our name for a regional one."""

    systeme = serializers.CharField()
    code = serializers.CharField()
    libelle = serializers.CharField()


@extend_schema_field(OpenApiTypes.STR)
class Texte(serializers.Field):
    """A text, null when nobody wrote any."""

    def __init__(self, **kwargs) -> None:
        super().__init__(allow_null=True, **kwargs)

    def to_representation(self, value: str) -> str | None:
        return value or None


@extend_schema_field(CodeSerializer(allow_null=True))
class Code(serializers.Field):
    """`system|code` of a document, or a bare code of `system`, told with its label; null when there is none.

    `context["concepts"]`: what `directory.display.common.concepts_of` found.
    """

    def __init__(self, system: str = "", **kwargs) -> None:
        super().__init__(allow_null=True, **kwargs)
        self._system = system

    def to_representation(self, value: str) -> dict | None:
        return told(f"{self._system}|{value}" if self._system else value, self.context["concepts"]) if value else None


@extend_schema_field(CodeSerializer(many=True))
class Codes(serializers.Field):
    """Several of them, in the order of their labels."""

    def to_representation(self, value: list[str]) -> list[dict]:
        found = [told(key, self.context["concepts"]) for key in value]
        return sorted(found, key=lambda one: (one["libelle"], one["code"]))


def told(key: str, concepts: dict) -> dict:
    """A concept by its key. A code that no list has any more is told as it is: it was true when it was written."""
    system, _, code = key.partition("|")
    concept = concepts.get(key)
    if concept is None:
        return {"systeme": system, "code": code, "libelle": code}
    return {"systeme": concept.system.url or concept.system.code, "code": concept.code, "libelle": concept.label}
