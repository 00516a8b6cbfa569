"""What a fiche should say: the modèle de saisie of a document, what it lacks, and how complete it is.

Three layers are never mixed up (domain model §7): `checks` says what may be published, this says what « finaliser »
asks for and what the completeness counts; quality rules come later. Modèles are data (`nomenclature.ModeleSaisie`),
kept in the process: nothing here queries once they are.

modele = modele_for(Kind.UO, document)
missing(Kind.UO, document)          # [Problem("contacts", "…")]: empty when the fiche may be finalised
completeness(Kind.UO, document)     # Completeness(filled=7, expected=9, missing=("horaires", "conditions d’accueil"))
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from directory.checks import Problem
from directory.documents import MODELS, Document, shape_of
from directory.models import Kind
from directory.ownership import KEPT
from nomenclature.models import ChampSaisie, ModeleSaisie
from nomenclature.refreshed import Refreshed, table_stamp

CHECK_EVERY = 10.0  # seconds: an edit in the administration is seen by every process within that time
MEDICO_SOCIAL = "TRE_R227|04"
DIRECTION = {"fonction": "TRE_R251|01", "nature": "TRE_R287|10"}  # A.3: where quality exports look for the manager
# What a form shows beside a field, under the same label.
COMPANIONS = {"age_min": ("age_min_unite",), "age_max": ("age_max_unite",)}


@dataclass(frozen=True)
class Champ:
    """What the modèle says of one root field of the document."""

    name: str
    section: str = "Fiche"
    ordre: int = 0
    affiche: bool = True
    attendu: bool = False
    obligatoire: bool = False
    minimum: int = 0
    aide: str = ""
    permis: frozenset[str] = frozenset()
    proposes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Modele:
    """A modèle as forms read it: only the fields shown, in order, those of the general one included.

    `masques`: fields it hides; a form still shows one that holds a value, which nobody could correct otherwise.
    """

    code: str
    libelle: str
    kind: Kind
    champs: tuple[Champ, ...]
    masques: tuple[Champ, ...] = ()

    def champ(self, name: str) -> Champ | None:
        """None when the field is not shown."""
        return next((champ for champ in self.champs if champ.name == name), None)

    @property
    def sections(self) -> list[tuple[str, list[Champ]]]:
        """(title, fields): a section stands where its first field does."""
        found: dict[str, list[Champ]] = {}
        for champ in self.champs:
            found.setdefault(champ.section, []).append(champ)
        return list(found.items())


@dataclass(frozen=True)
class Completeness:
    """Expected fields, those filled, and the names of the others in lower case (« horaires »)."""

    filled: int
    expected: int
    missing: tuple[str, ...] = ()

    @property
    def percent(self) -> int:
        """Rounded down, so that 100 means that nothing is missing; 100 too when nothing is expected."""
        return self.filled * 100 // self.expected if self.expected else 100


# --- Modèles ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Modeles:
    general: dict[Kind, Modele]
    by_code: dict[tuple[Kind, str], Modele]  # (kind, key of a category or of a type d’UO)


def modele_for(kind: Kind, document: Document) -> Modele:
    """The modèle of the type d’UO or of the category; else the general one; else every field of the model."""
    kind = Kind(kind)
    found = _modeles.get()
    key = document.get("type_uo" if kind == Kind.UO else "categorie") or ""
    return found.by_code.get((kind, key)) or found.general.get(kind) or _bare(kind)


def reset() -> None:
    """Forget what this process keeps: after an edit here."""
    _modeles.reset()


def _build() -> _Modeles:
    """Seven queries whatever the number of modèles."""
    rows = ModeleSaisie.objects.prefetch_related(
        "categories__system",
        "types_uo__system",
        "champs__codes_permis__system",
        "champs__codes_proposes__system",
    )
    said = {row: {champ.champ: _champ(champ) for champ in row.champs.all()} for row in rows}
    general: dict[Kind, dict[str, Champ]] = defaultdict(dict)
    general.update({Kind(row.kind): champs for row, champs in said.items() if row.general})
    built = {}
    for row, champs in said.items():
        kind = Kind(row.kind)
        known = _known(kind, general[kind] | champs)
        shown, hidden = (tuple(champ for champ in known if champ.affiche is on) for on in (True, False))
        built[row] = Modele(row.code, row.libelle, kind, shown, hidden)
    by_code = {}
    for row, modele in built.items():
        for concept in row.categories.all() if row.kind == Kind.EG else row.types_uo.all():
            by_code.setdefault((modele.kind, concept.key), modele)
    return _Modeles({Kind(row.kind): modele for row, modele in built.items() if row.general}, by_code)


def _champ(row: ChampSaisie) -> Champ:
    return Champ(
        name=row.champ,
        section=row.section,
        ordre=row.ordre,
        affiche=row.affiche,
        attendu=row.attendu or row.obligatoire or row.minimum > 0,
        obligatoire=row.obligatoire or row.minimum > 0,
        minimum=row.minimum,
        aide=row.aide,
        permis=frozenset(concept.key for concept in row.codes_permis.all()),
        proposes=tuple(concept.key for concept in row.codes_proposes.all()),
    )


def _known(kind: Kind, champs: dict[str, Champ]) -> list[Champ]:
    """In order; a name the model no longer has must not break the forms."""
    known = [champ for champ in champs.values() if champ.name in field_labels(kind)]
    return sorted(known, key=lambda champ: (champ.ordre, champ.name))


_modeles = Refreshed(
    _build,
    lambda: table_stamp(
        ModeleSaisie,
        ModeleSaisie.categories.through,
        ModeleSaisie.types_uo.through,
        ChampSaisie,
        ChampSaisie.codes_permis.through,
        ChampSaisie.codes_proposes.through,
    ),
    CHECK_EVERY,
)


@cache
def _bare(kind: Kind) -> Modele:
    """Without any modèle in the database: all that a person may fill, nothing more required than by the model."""
    hidden = {*KEPT[kind], *(name for names in COMPANIONS.values() for name in names)}
    champs = [Champ(name, ordre=n) for n, name in enumerate(field_labels(kind)) if name not in hidden]
    return Modele("", "Modèle général", kind, tuple(champs))


@cache
def field_labels(kind: Kind) -> dict[str, str]:
    """Root fields a modèle may name, and their words in lower case: « horaires », « conditions d’accueil »."""
    shape = shape_of(MODELS[Kind(kind)])
    labels = {
        field.name: str(field.verbose_name) for field in (*shape.scalars, *shape.links, *shape.many) if field.editable
    }
    return labels | {name: str(child.model._meta.verbose_name_plural) for name, _, child in shape.children}


# --- What a document lacks -------------------------------------------------------------------------------------------


def missing(kind: Kind, document: Document) -> list[Problem]:
    """Requirements of the modèle that the document does not meet, each with the address of what to fill."""
    found: list[Problem] = []
    for champ in modele_for(kind, document).champs:
        problems = list(_problems(Kind(kind), champ, document))
        if champ.obligatoire or is_required_here(champ.name, document):
            found += problems
        else:
            found += [problem for problem in problems if problem.address != champ.name]
        found += _not_allowed(champ, document)
    return found


def completeness(kind: Kind, document: Document) -> Completeness:
    """How much of what the modèle expects the document says. No query once the modèles are known."""
    return completeness_of(kind, document, modele_for(kind, document).champs)


def completeness_of(kind: Kind, document: Document, champs: tuple[Champ, ...] | list[Champ]) -> Completeness:
    """The same for some fields: a section of a form."""
    labels = field_labels(Kind(kind))
    expected = [champ for champ in champs if champ.attendu or is_required_here(champ.name, document)]
    lacking = [champ for champ in expected if any(_problems(Kind(kind), champ, document))]
    return Completeness(len(expected) - len(lacking), len(expected), tuple(labels[champ.name] for champ in lacking))


def is_required_here(name: str, document: Document) -> bool:
    """RG_EXP_008: the public of a medico-social offer."""
    return name == "publics" and document.get("champ_activite") == MEDICO_SOCIAL


def _problems(kind: Kind, champ: Champ, document: Document) -> Iterator[Problem]:
    """What makes this field not filled, whether or not it is required."""
    value = document.get(champ.name)
    count = len(value) if isinstance(value, list) else 0
    if is_empty(value):
        yield Problem(champ.name, _EMPTY.get(champ.name) or _empty_words(value, champ.minimum))
    elif isinstance(value, list) and count < champ.minimum:
        yield Problem(champ.name, f"Il en faut au moins {champ.minimum}\u00a0: il y en a {count}.")
    if champ.name == "contacts" and value:
        yield from _contact_problems(kind, value)
    if champ.name == "activites" and document.get("champ_activite") == MEDICO_SOCIAL:
        yield from _famille_problems(value or [])


def is_empty(value: Any) -> bool:
    """« Non » and 0 are answers."""
    return value is None or value in ("", [])


_EMPTY = {
    "contacts": "Indiquez au moins un contact.",
    "activites": "Choisissez au moins une activité opérationnelle.",
    "horaires": "Indiquez les horaires d’une semaine type.",
    "lieux": "Indiquez l’adresse de l’établissement.",
}


def _empty_words(value: Any, minimum: int) -> str:
    if not isinstance(value, list):
        return "À renseigner."
    return f"Choisissez au moins {minimum} valeurs." if minimum > 1 else "Choisissez au moins une valeur."


def _contact_problems(kind: Kind, contacts: list[Document]) -> Iterator[Problem]:
    """Peuplement: somebody named by a function or a desk, who can be reached. Of an EG: its manager (A.3)."""
    reachable = [
        contact
        for contact in contacts
        if (contact.get("fonction") or contact.get("nature"))
        and any(line.get("canal") and line.get("adresse") for line in contact.get("telecoms") or [])
    ]
    if not reachable:
        yield Problem(
            "contacts", "Il faut au moins un contact avec sa fonction ou sa nature, et un numéro ou une adresse."
        )
    elif kind == Kind.EG and not any(
        contact.get(name) == key for contact in reachable for name, key in DIRECTION.items()
    ):
        yield Problem(
            "contacts",
            "Indiquez les coordonnées du directeur ou du responsable\u00a0: un contact de fonction "
            "«\u00a0Directeur\u00a0» ou de nature «\u00a0Direction\u00a0».",
        )


def _famille_problems(activites: list[Document]) -> Iterator[Problem]:
    """RG_EXP_007: the SERAFIN family is mandatory in the medico-social field."""
    for line in activites:
        if not line.get("famille"):
            yield Problem(
                f"activites/{line.get('uid')}/famille",
                "Choisissez la famille d’activité\u00a0: elle est obligatoire dans le champ médico-social.",
            )


def _not_allowed(champ: Champ, document: Document) -> Iterator[Problem]:
    """Codes outside those the modèle allows."""
    if not champ.permis:
        return
    refused = {
        address: key for address, key in _codes(champ.name, document.get(champ.name)) if key not in champ.permis
    }
    for address in refused:
        yield Problem(address, "Une valeur choisie n’est pas prévue par le modèle de saisie de cette fiche.")


def _codes(name: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield name, value
    elif name == "activites":
        yield from ((f"activites/{line.get('uid')}/activite", line["activite"]) for line in value or [])
    elif isinstance(value, list) and all(isinstance(one, str) for one in value):
        yield from ((name, key) for key in value)
