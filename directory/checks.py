"""What a document must satisfy to be published, said in French, each with the address of its line."""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache

from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator, ProhibitNullCharactersValidator
from django.db import IntegrityError, connection, models

from directory import planning
from directory.documents import MODELS, Document, Shape, keys_named, lookup, shape_of
from directory.models import EntiteGeographique, Kind, Lieu, LieuDeLOffre, Niveau, UniteOperationnelle
from directory.models.common import TEMPORARY_CLOSINGS
from directory.models.unites import DAYS_PER_UNIT
from directory.ownership import CLOSING
from nomenclature.models import Concept

PARENTS = {Kind.EG: "entite_juridique", Kind.UO: "entite_geographique"}
NOT_NULL, UNIQUE = "23502", "23505"  # SQLSTATE
CLOSING_DAY = 'select date_fermeture from "{}" where idnat_struct = %s and type_fermeture <> all(%s)'


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


class Lookups:
    """What the rules ask the database, each answer kept: documents checked together ask once for all."""

    def __init__(self, documents: Iterable[Document] = ()):
        """`documents`: those whose references will be asked for, found in one query per model."""
        self._allowed: dict[str, set[str]] = {}
        self._closings: dict[tuple[type, str], dt.date | None] = {}
        self._lieux: dict[str, set[str]] = {}
        self._known: dict[type, dict[str, bool]] = defaultdict(dict)
        wanted: dict[type, set[str]] = defaultdict(set)
        for document in documents:
            for model, keys in keys_named(shape_of(MODELS[Kind(document["kind"])]), document).items():
                wanted[model] |= keys
        for model, keys in wanted.items():
            self._learn(model, keys)

    def _learn(self, model: type[models.Model], keys: set[str]) -> None:
        found = lookup(model, keys)
        self._known[model].update({key: key in found for key in keys})

    def unknown(self, document: Document) -> list[str]:
        """Keys the document names that do not exist here."""
        missing = []
        for model, keys in keys_named(shape_of(MODELS[Kind(document["kind"])]), document).items():
            self._learn(model, keys - self._known[model].keys())
            missing += sorted(key for key in keys if not self._known[model][key])
        return missing

    def allowed(self, value_set: str) -> set[str]:
        """Codes, and `system|code` keys, that a person may choose in a value set."""
        if value_set not in self._allowed:
            rows = Concept.objects.in_value_set(value_set).values_list("system__code", "code")
            self._allowed[value_set] = {key for system, code in rows for key in (code, f"{system}|{code}")}
        return self._allowed[value_set]

    def closing(self, model: type[models.Model], key: str) -> dt.date | None:
        """The day this entity closes for good; None when it does not."""
        if (model, key) not in self._closings:
            with connection.cursor() as cursor:
                cursor.execute(CLOSING_DAY.format(model._meta.db_table), [key, ["", *TEMPORARY_CLOSINGS]])
                (self._closings[model, key],) = cursor.fetchone() or (None,)
        return self._closings[model, key]

    def lieux(self, eg: str | None) -> set[str]:
        """Uids of the places of an establishment."""
        if eg not in self._lieux:
            found = Lieu.objects.filter(entite_geographique__idnat_struct=eg)
            self._lieux[eg] = set(found.values_list("uid", flat=True))
        return self._lieux[eg]


def problems(kind: Kind, document: Document, live: Document | None, lookups: Lookups | None = None) -> list[Problem]:
    """Every problem of the document; empty when it may be published. Values the live fiche already holds are kept
    even if their code was retired since: only what is new is checked against the value sets."""
    shape, lookups = shape_of(MODELS[kind]), lookups or Lookups()
    found = [*_field_problems(shape, document, ""), *_uid_problems(shape, document, "")]
    found += _value_set_problems(_codes(shape, document, "") - _codes(shape, live or {}, ""), lookups)
    found += _level_problems(document)
    found += _closed_parent_problems(kind, document, lookups)
    found += _closing_problems(document)
    if kind == Kind.EG:
        found += _used_lieu_problems(document, live or {})
    if kind == Kind.UO:
        found += [
            *_fixed_problems(document, live),
            *_age_problems(document),
            *_activite_problems(document),
            *_lieu_problems(document, lookups),
            *_horaire_problems(document, live or {}),
        ]
    return found


def _field_problems(shape: Shape, document: Document, path: str) -> Iterator[Problem]:
    for field in (*shape.scalars, *shape.links):
        if field.name not in document:
            continue
        value = document[field.name]
        try:
            if isinstance(field, models.ForeignKey):
                if value is None and not field.null:
                    raise ValidationError("Ce champ est obligatoire.")
            elif field.editable or field.name == "uid":
                field.clean(value, None)
                if isinstance(value, str):
                    for validate in _of_a_form(field):
                        validate(value)
        except ValidationError as error:
            yield Problem(path + field.name, " ".join(error.messages))
    for name, _, child in shape.children:
        for line in document.get(name) or []:
            yield from _field_problems(child, line, f"{path}{name}/{line.get('uid')}/")


@cache
def _of_a_form(field: models.Field) -> tuple[Callable[[str], None], ...]:
    """What a field leaves to the forms, as a TextField its max_length: a document has no form."""
    length = [MaxLengthValidator(field.max_length)] if field.max_length else []
    return (ProhibitNullCharactersValidator(), *length)


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


def _value_set_problems(codes: set[tuple[str, str, str]], lookups: Lookups) -> list[Problem]:
    """One query per value set used."""
    found = []
    for value_set in sorted({value_set for _, value_set, _ in codes}):
        allowed = lookups.allowed(value_set)
        for address, of, key in sorted(codes):
            if of == value_set and key not in allowed:
                found.append(Problem(address, f"« {key} » n’est pas une valeur proposée ici, ou a été retirée."))
    return found


def _level_problems(document: Document) -> Iterator[Problem]:
    """RG_EXP_034 (telecom at least as restrictive as its contact), RG_EXP_039 (sensitive unit: level 3)."""
    for contact in document.get("contacts") or []:
        path = f"contacts/{contact.get('uid')}"
        if document.get("unite_sensible") and _niveau(contact) < Niveau.REGULATION:
            yield Problem(f"{path}/niveau", "Les contacts d’une unité sensible sont de niveau 3.")
        if contact.get("nature") and (contact.get("nom") or contact.get("fonction")):
            yield Problem(f"{path}/nature", "Un contact de service n’a ni nom ni fonction.")
        if contact.get("fonction") and not contact.get("nom"):
            yield Problem(f"{path}/nom", "Une fonction demande le nom de la personne.")
        for telecom in contact.get("telecoms") or []:
            if _niveau(telecom) < _niveau(contact):
                yield Problem(
                    f"{path}/telecoms/{telecom.get('uid')}/niveau",
                    "Un numéro ne peut pas être plus visible que le contact qui le porte.",
                )


def _niveau(line: Document) -> int:
    """The level of a line, or what the model gives to one that says none; a wrong one has its own problem."""
    value = line.get("niveau")
    return value if isinstance(value, int) else Niveau.PROFESSIONNELS


# The three rules that follow are constraints of the database too: said here first, next to their field.


def _closing_problems(document: Document) -> Iterator[Problem]:
    """RG_EXP_043, RG_EXP_045: the closing triple holds together."""
    kind, closes, reopens = (document.get(name) or "" for name in CLOSING)
    if bool(kind) != bool(closes):
        yield Problem("date_fermeture", "Le type et la date de fermeture vont ensemble.")
    elif reopens and kind not in TEMPORARY_CLOSINGS:
        yield Problem("date_reouverture", "Seule une fermeture provisoire a une date de réouverture.")
    elif reopens and reopens < closes:
        yield Problem("date_reouverture", "La réouverture ne peut pas précéder la fermeture.")


def _age_problems(document: Document) -> Iterator[Problem]:
    """Ages compare in days, whatever their units (domain model §3.7)."""
    ages = [(document.get(name), document.get(f"{name}_unite")) for name in ("age_min", "age_max")]
    try:
        low, high = (None if age in (None, "") else float(age) * DAYS_PER_UNIT[unit] for age, unit in ages)
    except (KeyError, ValueError):
        return  # each has its own problem
    if low is not None and high is not None and high < low:
        yield Problem("age_max", "L’âge maximum est inférieur à l’âge minimum.")


def _activite_problems(document: Document) -> Iterator[Problem]:
    """RG_EXP_007: the pair (activité, famille) is there once."""
    seen = set()
    for line in document.get("activites") or []:
        pair = (line.get("activite"), line.get("famille"))
        if pair in seen:
            yield Problem(f"activites/{line.get('uid')}/famille", "La même activité y est déjà avec cette famille.")
        seen.add(pair)


def _fixed_problems(document: Document, live: Document | None) -> Iterator[Problem]:
    """RG_EXP_010, RG_EXP_011: another champ or another mode is another offre."""
    for name in ("champ_activite", "mode_prise_en_charge"):
        if live and name in document and document[name] != live[name]:
            yield Problem(name, "Ne change plus après publication\u00a0: fermez l’unité et créez-en une autre.")


def _lieu_problems(document: Document, lookups: Lookups) -> Iterator[Problem]:
    wanted = {line["lieu_uid"]: line["uid"] for line in document.get("lieux_offre") or []}
    if not wanted:
        return
    for missing in wanted.keys() - lookups.lieux(document.get("entite_geographique")):
        yield Problem(f"lieux_offre/{wanted[missing]}", "Ce lieu n’existe pas dans l’établissement.")


def _horaire_problems(document: Document, live: Document) -> Iterator[Problem]:
    """Slots that mean nothing or overlap. What the live fiche already holds stays until somebody changes it."""
    for uid, field, message in planning.faults(document.get("horaires") or [], known=live.get("horaires") or []):
        yield Problem(f"horaires/{uid}/{field}", message)


def _closed_parent_problems(kind: Kind, document: Document, lookups: Lookups) -> Iterator[Problem]:
    """RG_EXP_044: what hangs under something closed for good is closed, at the latest on the same day.

    A stale document would otherwise reopen a UO under a closed EG.
    """
    parent = PARENTS.get(kind)
    key = document.get(parent) if parent else None
    if not key:
        return
    model = UniteOperationnelle if kind == Kind.UO else EntiteGeographique
    closed = lookups.closing(model._meta.get_field(parent).related_model, key)
    if closed and (document.get("date_fermeture") or "9999") > closed.isoformat():
        yield Problem(
            "date_fermeture",
            f"L’entité dont elle dépend ferme définitivement le {closed:%d/%m/%Y} : au plus tard ce jour.",
        )


def _used_lieu_problems(document: Document, live: Document) -> Iterator[Problem]:
    """A place where a UO works stays: its address would silently become that of the main entrance."""
    lieux = {line["uid"]: line for line in live.get("lieux") or []}
    removed = lieux.keys() - {line.get("uid") for line in document.get("lieux") or lieux.values()}
    if not removed:
        return
    of_the_eg = LieuDeLOffre.objects.filter(unite__entite_geographique__idnat_struct=live["idnat_struct"])
    for uid in of_the_eg.filter(lieu_uid__in=removed).values_list("lieu_uid", flat=True).distinct():
        yield Problem(f"lieux/{uid}", "Une unité travaille dans ce lieu\u00a0: changez d’abord le lieu de l’unité.")


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
    if getattr(diag, "sqlstate", "") == NOT_NULL:
        return DocumentInvalid([Problem(diag.column_name or "", "Ce champ est obligatoire.")])
    if getattr(diag, "sqlstate", "") == UNIQUE:
        return DocumentInvalid([Problem(_column_of(name), "Ce numéro est déjà celui d’une autre fiche.")])
    return DocumentInvalid([Problem("", f"Règle non respectée : {name}.")])


def _column_of(constraint: str) -> str:
    """`finess` from `directory_entitegeographique_finess_key`, the name PostgreSQL gives to `unique`."""
    for model in MODELS.values():
        if constraint.startswith(f"{model._meta.db_table}_"):
            return constraint.removeprefix(f"{model._meta.db_table}_").removesuffix("_key")
    return ""


def _all_models() -> set[type[models.Model]]:
    def walk(shape: Shape) -> set[type[models.Model]]:
        return {shape.model}.union(*[walk(child) for _, _, child in shape.children])

    return set().union(*[walk(shape_of(model)) for model in MODELS.values()])
