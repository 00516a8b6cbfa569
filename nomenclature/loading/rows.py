"""What a folder of lists says, whatever its format: the readers fill a `Bundle`, the writer applies it."""

import datetime as dt
from dataclasses import dataclass, field


class LoadingError(Exception):
    """The folder cannot be loaded; the message, in French, names the file and the line. Nothing was written."""


@dataclass(frozen=True)
class Source:
    """Title, national address, OID and version of a list."""

    code: str
    name: str
    title: str = ""
    url: str = ""
    oid: str = ""
    version: str = ""
    is_regional: bool = False


@dataclass(frozen=True)
class ConceptRow:
    """`parent` is a key `system|code`, or empty."""

    code: str
    label: str
    short_label: str = ""
    alt_labels: tuple[str, ...] = ()
    valid_from: dt.date | None = None
    valid_to: dt.date | None = None
    retired: bool = False
    parent: str = ""


@dataclass(frozen=True)
class Member:
    """A code of a value set. `label` is the value set's wording, empty when the file gives none.

    `worded`: the file lists concepts, code and label, rather than bare codes (one label is empty in JDV_J19 of 2021).
    """

    system: str
    code: str
    label: str = ""
    worded: bool = False


@dataclass(frozen=True)
class TypeUORow:
    code: str
    type_offre: str
    mode_prise_en_charge: str
    champ_activite: str
    categories: tuple[str, ...]


@dataclass(frozen=True)
class FiliereRow:
    code: str
    types_uo: tuple[str, ...]
    activites: tuple[str, ...]


@dataclass(frozen=True)
class ChampRow:
    """One field of a modèle de saisie; `permis` and `proposes` are keys."""

    champ: str
    section: str
    ordre: int
    affiche: bool
    attendu: bool
    obligatoire: bool
    minimum: int
    permis: tuple[str, ...]
    proposes: tuple[str, ...]
    aide: str


@dataclass
class ModeleRow:
    """A modèle de saisie; `categories` and `types_uo` are keys."""

    code: str
    libelle: str
    kind: str
    general: bool
    categories: tuple[str, ...]
    types_uo: tuple[str, ...]
    champs: list[ChampRow] = field(default_factory=list)


@dataclass(frozen=True)
class GroupeActesRow:
    libelle: str
    ordre: int
    actes: tuple[str, ...]


@dataclass
class Bundle:
    """All that a folder holds. An absent table stays empty and touches nothing.

    `labels_name_concepts`: the labels of value sets are those of the concepts (older JDV), not a wording beside them.
    `tables`: rows of regions, departements and communes as model field values, the key first.
    """

    labels_name_concepts: bool = False
    systems: dict[str, Source] = field(default_factory=dict)
    value_sets: dict[str, Source] = field(default_factory=dict)
    concepts: dict[str, dict[str, ConceptRow]] = field(default_factory=dict)
    members: dict[str, list[Member]] = field(default_factory=dict)
    types_uo: list[TypeUORow] = field(default_factory=list)
    filieres: list[FiliereRow] = field(default_factory=list)
    synonymes: list[tuple[str, str]] = field(default_factory=list)  # (texte, key)
    modeles: dict[str, ModeleRow] = field(default_factory=dict)
    groupes_actes: list[GroupeActesRow] = field(default_factory=list)
    tables: dict[str, list[dict]] = field(default_factory=dict)

    def size(self) -> int:
        """Number of rows read, all tables."""
        lists = [*self.concepts.values(), *self.members.values(), *self.tables.values()]
        champs = [modele.champs for modele in self.modeles.values()]
        return sum(map(len, [*lists, self.synonymes, self.filieres, self.types_uo, self.groupes_actes, *champs]))
