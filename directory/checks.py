"""What a document must satisfy to be published, said in French, each with the address of its line."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.db import IntegrityError, models

from directory.documents import MODELS, Document, Shape, shape_of
from directory.models import Kind, Lieu, Niveau
from nomenclature.models import Concept


@dataclass(frozen=True)
class Problem:
    """One thing to correct; `address` is `contacts/<uid>/nom`, or a field name at the root."""

    address: str
    message: str


class DocumentInvalid(Exception):
    """A document that cannot be published. `problems` is never empty."""

    def __init__(self, problems: list[Problem]):
        self.problems = problems
        super().__init__(" ; ".join(f"{p.address} : {p.message}" for p in problems))


def problems(kind: Kind, document: Document, live: Document | None) -> list[Problem]:
    """Every problem of the document; empty when it may be published. Values the live fiche already holds are kept
    even if their code was retired since: only what is new is checked against the value sets."""
    shape = shape_of(MODELS[kind])
    found = [*_field_problems(shape, document, ""), *_uid_problems(shape, document, "")]
    found += _value_set_problems(_codes(shape, document, "") - _codes(shape, live or {}, ""))
    found += _level_problems(document)
    if kind == Kind.UO:
        found += _lieu_problems(document)
    return found


def _field_problems(shape: Shape, document: Document, path: str) -> Iterator[Problem]:
    for field in (*shape.scalars, *shape.links):
        if field.name not in document:
            continue
        value = document[field.name]
        try:
            if isinstance(field, models.ForeignKey):
                if value is None and not field.null:
                    raise ValidationError(field.error_messages["null"])
            elif field.editable or field.name == "uid":
                field.clean(value, None)
                # A TextField leaves its max_length to the forms; a document has no form.
                if field.max_length and isinstance(value, str):
                    MaxLengthValidator(field.max_length)(value)
        except ValidationError as error:
            yield Problem(path + field.name, " ".join(error.messages))
    for name, _, child in shape.children:
        for line in document.get(name) or []:
            yield from _field_problems(child, line, f"{path}{name}/{line.get('uid')}/")


def _uid_problems(shape: Shape, document: Document, path: str) -> Iterator[Problem]:
    for name, _, child in shape.children:
        lines = document.get(name) or []
        uids = [line.get("uid") for line in lines]
        if len(set(uids)) < len(uids) or not all(uids):
            yield Problem(path + name, "Deux lignes portent le même identifiant interne, ou n’en ont pas.")
        for line in lines:
            yield from _uid_problems(child, line, f"{path}{name}/{line.get('uid')}/")


def _codes(shape: Shape, document: Document, path: str) -> set[tuple[str, str, str]]:
    """(address, value set, code or key) of every coded value."""
    found = set()
    for field in (*shape.scalars, *shape.links, *shape.many):
        value_set = getattr(field, "value_set", None)
        value = document.get(field.name)
        if value_set and value:
            found |= {(path + field.name, value_set, key) for key in ([value] if isinstance(value, str) else value)}
    for name, _, child in shape.children:
        for line in document.get(name) or []:
            found |= _codes(child, line, f"{path}{name}/{line.get('uid')}/")
    return found


def _value_set_problems(codes: set[tuple[str, str, str]]) -> list[Problem]:
    """One query per value set used."""
    found = []
    for value_set in sorted({value_set for _, value_set, _ in codes}):
        allowed = set()
        for system, code in Concept.objects.in_value_set(value_set).values_list("system__code", "code"):
            allowed |= {code, f"{system}|{code}"}
        for address, of, key in sorted(codes):
            if of == value_set and key not in allowed:
                found.append(Problem(address, f"« {key} » n’est pas une valeur proposée ici, ou a été retirée."))
    return found


def _level_problems(document: Document) -> Iterator[Problem]:
    """RG_EXP_034 (telecom at least as restrictive as its contact), RG_EXP_039 (sensitive unit: level 3)."""
    for contact in document.get("contacts") or []:
        path = f"contacts/{contact['uid']}"
        if document.get("unite_sensible") and contact["niveau"] < Niveau.REGULATION:
            yield Problem(f"{path}/niveau", "Les contacts d’une unité sensible sont de niveau 3.")
        if contact.get("nature") and (contact.get("nom") or contact.get("fonction")):
            yield Problem(f"{path}/nature", "Un contact de service n’a ni nom ni fonction.")
        if contact.get("fonction") and not contact.get("nom"):
            yield Problem(f"{path}/nom", "Une fonction demande le nom de la personne.")
        for telecom in contact.get("telecoms") or []:
            if telecom["niveau"] < contact["niveau"]:
                yield Problem(
                    f"{path}/telecoms/{telecom['uid']}/niveau",
                    "Un numéro ne peut pas être plus visible que le contact qui le porte.",
                )


def _lieu_problems(document: Document) -> Iterator[Problem]:
    wanted = {line["lieu_uid"]: line["uid"] for line in document.get("lieux_offre") or []}
    if not wanted:
        return
    known = Lieu.objects.filter(entite_geographique__idnat_struct=document["entite_geographique"], uid__in=wanted)
    for missing in wanted.keys() - set(known.values_list("uid", flat=True)):
        yield Problem(f"lieux_offre/{wanted[missing]}", "Ce lieu n’existe pas dans l’établissement.")


def from_integrity_error(error: IntegrityError) -> DocumentInvalid:
    """The words of the constraint the database refused; a bug keeps its technical name rather than none."""
    diag = getattr(error.__cause__, "diag", None)
    name = (diag and diag.constraint_name) or "contrainte inconnue"
    for model in _all_models():
        for constraint in model._meta.constraints:
            if constraint.name == name:
                return DocumentInvalid(
                    [Problem(model._meta.verbose_name, str(constraint.get_violation_error_message()))]
                )
    return DocumentInvalid([Problem("", f"Règle non respectée : {name}.")])


def _all_models() -> set[type[models.Model]]:
    def walk(shape: Shape) -> set[type[models.Model]]:
        return {shape.model}.union(*[walk(child) for _, _, child in shape.children])

    return set().union(*[walk(shape_of(model)) for model in MODELS.values()])
