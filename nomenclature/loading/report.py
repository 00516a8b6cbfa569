"""What a load did, or would do."""

from collections.abc import Iterator
from dataclasses import dataclass, field

SHOWN = 8  # examples per heading in the printed report
FICHES_SHOWN = 40  # codes in use, most used first


@dataclass
class SystemChanges:
    """Changes of one system; lists of codes, `relabelled` as (code, old label, new label).

    `details`: codes whose short or alternative labels, dates or parent changed while the label did not.
    """

    added: list[str] = field(default_factory=list)
    relabelled: list[tuple[str, str, str]] = field(default_factory=list)
    retired: list[str] = field(default_factory=list)
    reinstated: list[str] = field(default_factory=list)
    details: list[str] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.added or self.relabelled or self.retired or self.reinstated or self.details)


@dataclass
class ValueSetChanges:
    """Keys `system|code` that entered, left, or are worded differently in one value set."""

    added: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    reworded: list[str] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.reworded)


@dataclass
class TableChanges:
    """Rows of a table that is not a list of concepts (communes, types d’UO, synonymes…)."""

    created: int = 0
    changed: int = 0

    def __bool__(self) -> bool:
        return bool(self.created or self.changed)


@dataclass
class Report:
    """`changed`: concept id -> key, for concepts relabelled, retired, reinstated or changed in detail.

    `text_changed`: ids whose label, short label or alternative labels changed: what the search text is made of.
    `fiches`: concept id -> {kind of fiche: number of fiches that carry it}.
    """

    dry_run: bool = False
    read: int = 0
    systems: dict[str, SystemChanges] = field(default_factory=dict)
    value_sets: dict[str, ValueSetChanges] = field(default_factory=dict)
    tables: dict[str, TableChanges] = field(default_factory=dict)
    changed: dict[int, str] = field(default_factory=dict)
    text_changed: list[int] = field(default_factory=list)
    fiches: dict[int, dict[str, int]] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)

    @property
    def has_changes(self) -> bool:
        return any(any(part.values()) for part in (self.systems, self.value_sets, self.tables))

    def total(self, kind: str) -> int:
        """Number of concepts `added`, `relabelled`, `retired`, `reinstated` or changed in `details`, all systems."""
        return sum(len(getattr(changes, kind)) for changes in self.systems.values())

    def lines(self) -> Iterator[str]:
        """The report in French, one line after the other."""
        if self.dry_run:
            yield "Essai à blanc : rien n’est enregistré."
        yield f"{self.read} ligne(s) lue(s)."
        if not self.has_changes:
            yield "Aucun changement."
        for code, changes in sorted(self.systems.items()):
            if changes:
                yield from self._system_lines(code, changes)
        for code, changes in sorted(self.value_sets.items()):
            if changes:
                yield (
                    f"{code} (jeu de valeurs) : {len(changes.added)} entré(s), {len(changes.removed)} sorti(s), "
                    f"{len(changes.reworded)} reformulé(s)"
                )
        for name, changes in self.tables.items():
            if changes:
                yield f"{name} : {changes.created} créé(s), {changes.changed} modifié(s)"
        yield from self._fiche_lines()
        for warning in self.warnings:
            yield f"Attention : {warning}"

    def _system_lines(self, code: str, changes: SystemChanges) -> Iterator[str]:
        yield (
            f"{code} : {len(changes.added)} ajouté(s), {len(changes.relabelled)} renommé(s), "
            f"{len(changes.retired)} retiré(s), {len(changes.reinstated)} rétabli(s), "
            f"{len(changes.details)} précisé(s)"
        )
        for concept, old, new in changes.relabelled[:SHOWN]:
            yield f"    {concept} : « {old} » → « {new} »"
        if len(changes.relabelled) > SHOWN:
            yield f"    … et {len(changes.relabelled) - SHOWN} autre(s)"
        for title, codes in (("retirés", changes.retired), ("rétablis", changes.reinstated)):
            if codes:
                more = f" … et {len(codes) - SHOWN} autre(s)" if len(codes) > SHOWN else ""
                yield f"    {title} : {', '.join(codes[:SHOWN])}{more}"

    def _fiche_lines(self) -> Iterator[str]:
        if self.changed and not self.fiches:
            yield "Aucune fiche ne porte un code modifié."
        most_used = sorted(self.fiches.items(), key=lambda item: -sum(item[1].values()))
        for concept_id, counts in most_used[:FICHES_SHOWN]:
            detail = ", ".join(f"{name} : {count}" for name, count in sorted(counts.items()))
            yield f"Fiches touchées par {self.changed[concept_id]} : {detail}"
        if len(most_used) > FICHES_SHOWN:
            yield f"… et des fiches touchées par {len(most_used) - FICHES_SHOWN} autre(s) code(s)"
