"""Applies systems, concepts and value sets. The rules are written in `nomenclature.loading.load`."""

from collections.abc import Iterable
from dataclasses import replace

from django.db import models

from nomenclature.loading.report import Report, SystemChanges, ValueSetChanges
from nomenclature.loading.rows import Bundle, ConceptRow, LoadingError, Member, Source
from nomenclature.models import CodeSystem, Concept, ValueSet, ValueSetMembership

BATCH = 2000
TEXT = ["label", "short_label", "alt_labels"]
DETAILS = [*TEXT, "valid_from", "valid_to", "retired", "parent_id"]


def apply_sources(model: type[models.Model], sources: Iterable[Source], fields: list[str]) -> dict[str, models.Model]:
    """Create or update systems or value sets; a bare one (known by its code only) never overwrites what is there."""
    existing = {row.code: row for row in model.objects.all()}
    changed = []
    for source in sources:
        values = {name: getattr(source, name) for name in fields}
        row = existing.get(source.code)
        differs = row is not None and any(getattr(row, name) != value for name, value in values.items())
        if row is None or (differs and source.name != source.code):
            changed.append(model(code=source.code, **values))
    if changed:
        model.objects.bulk_create(changed, update_conflicts=True, unique_fields=["code"], update_fields=fields)
        existing |= {row.code: row for row in model.objects.filter(code__in=[row.code for row in changed])}
    return existing


def jdv_concepts(bundle: Bundle) -> dict[str, tuple[dict[str, ConceptRow], bool]]:
    """Concepts that only value sets tell of, for systems whose own table is not in the folder.

    system -> (rows, whole). `whole` is true when one value set stands for the system: it is the only one, here and in
    the database, with members of it, and it gives a label to each. Otherwise rows are codes to create if missing.
    """
    if not bundle.labels_name_concepts:
        return {}
    lists: dict[str, dict[str, list[Member]]] = {}
    for value_set, members in bundle.members.items():
        for member in members:
            if member.system not in bundle.concepts:
                lists.setdefault(member.system, {}).setdefault(value_set, []).append(member)
    known = ValueSetMembership.objects.filter(concept__system__code__in=lists).order_by()
    for system, value_set in known.values_list("concept__system__code", "value_set__code").distinct():
        lists[system].setdefault(value_set, [])
    answer = {}
    for system, by_value_set in lists.items():
        members = [member for members in by_value_set.values() for member in members]
        whole = len(by_value_set) == 1 and all(member.label or member.worded for member in members)
        rows: dict[str, ConceptRow] = {}
        for member in members:
            if member.label or member.worded:
                rows.setdefault(member.code, ConceptRow(member.code, member.label))
        answer[system] = (rows, whole)
    return answer


class ConceptWriter:
    """Compares the rows of a folder with the database and writes the difference, in a handful of statements."""

    def __init__(self, bundle: Bundle, report: Report, *, overwrite_regional: bool) -> None:
        self.bundle, self.report, self.overwrite_regional = bundle, report, overwrite_regional
        self.systems: dict[str, CodeSystem] = {}
        self.concepts: dict[str, Concept] = {}  # by key, of every system met
        self.before: dict[str, dict] = {}  # values of the concepts that were there, by key

    def apply(self) -> None:
        """Systems, then concepts, then parents, then value sets."""
        fields = ["name", "title", "url", "oid", "version", "is_regional"]
        self.systems = apply_sources(CodeSystem, self.bundle.systems.values(), fields)
        self.read_existing()
        from_jdv = jdv_concepts(self.bundle)
        touched: set[str] = set()
        for system, rows in self.bundle.concepts.items():
            keep = self.systems[system].is_regional and not self.overwrite_regional
            touched |= self.set_rows(system, rows, only_missing=keep, retire_absent=not keep)
        for system, (rows, whole) in from_jdv.items():
            full = {code: self.completed(system, row) for code, row in rows.items()}
            touched |= self.set_rows(system, full, only_missing=not whole, retire_absent=whole)
        self.create_missing()
        self.set_parents()
        self.write_changed(touched)
        self.apply_value_sets()

    def read_existing(self) -> None:
        codes = {*self.bundle.concepts, *(m.system for members in self.bundle.members.values() for m in members)}
        by_pk = {system.pk: system for system in self.systems.values()}
        for concept in Concept.objects.filter(system__code__in=codes):
            concept.system = by_pk[concept.system_id]
            self.concepts[concept.key] = concept
            self.before[concept.key] = {name: getattr(concept, name) for name in DETAILS}

    def completed(self, system: str, row: ConceptRow) -> ConceptRow:
        """A value set knows labels only: what the system's own table said of the rest stays."""
        concept = self.concepts.get(f"{system}|{row.code}")
        if concept is None:
            if not row.label:
                self.report.warnings.append(f"{system}|{row.code} : aucun libellé, montré par son code.")
            return replace(row, label=row.label or row.code)
        return replace(
            row,
            label=row.label or concept.label,
            short_label=concept.short_label,
            alt_labels=tuple(concept.alt_labels),
            valid_from=concept.valid_from,
            valid_to=concept.valid_to,
        )

    def set_rows(
        self, system: str, rows: dict[str, ConceptRow], *, only_missing: bool, retire_absent: bool
    ) -> set[str]:
        """Give the concepts in memory the values of the file; returns the keys that were met."""
        touched = set()
        for code, row in rows.items():
            key = f"{system}|{code}"
            concept = self.concepts.get(key)
            if concept is None:
                concept = self.concepts[key] = Concept(system=self.systems[system], code=code)
            elif only_missing:
                continue
            touched.add(key)
            concept.label, concept.short_label = row.label, row.short_label
            concept.alt_labels = list(row.alt_labels)
            concept.valid_from, concept.valid_to = row.valid_from, row.valid_to
            concept.retired = row.retired
        if retire_absent:
            for key, concept in self.concepts.items():
                if concept.system.code == system and concept.code not in rows and not concept.retired:
                    concept.retired = True
                    touched.add(key)
        return touched

    def create_missing(self) -> None:
        new = [concept for concept in self.concepts.values() if concept.pk is None]
        Concept.objects.bulk_create(new, batch_size=BATCH)
        for concept in new:
            self.changes_of(concept).added.append(concept.code)

    def set_parents(self) -> None:
        """Parents may be of a system that is not in the folder; one that nobody knows is a warning, not a refusal."""
        wanted = {
            f"{system}|{code}": row.parent
            for system, rows in self.bundle.concepts.items()
            for code, row in rows.items()
            if not (self.systems[system].is_regional and not self.overwrite_regional)
        }
        elsewhere = {parent for parent in wanted.values() if parent and parent not in self.concepts}
        found = Concept.objects.by_key(elsewhere)
        for key, parent in wanted.items():
            concept = self.concepts.get(parent) or found.get(parent)
            self.concepts[key].parent_id = concept.pk if concept else None
            if parent and not concept:
                self.report.warnings.append(f"{key} : parent inconnu « {parent} », laissé vide.")

    def write_changed(self, touched: set[str]) -> None:
        changed = []
        for key in sorted(touched):
            concept, old = self.concepts[key], self.before.get(key)
            if old is None:
                if concept.parent_id:
                    changed.append(concept)
            elif any(getattr(concept, name) != value for name, value in old.items()):
                changed.append(concept)
                self.report_change(concept, old)
        Concept.objects.bulk_create(
            changed,
            batch_size=BATCH,
            update_conflicts=True,
            unique_fields=["system", "code"],
            update_fields=[name.removesuffix("_id") for name in DETAILS],
        )

    def report_change(self, concept: Concept, old: dict) -> None:
        changes = self.changes_of(concept)
        self.report.changed[concept.pk] = concept.key
        if any(getattr(concept, name) != old[name] for name in TEXT):
            self.report.text_changed.append(concept.pk)
        if concept.label != old["label"]:
            changes.relabelled.append((concept.code, old["label"], concept.label))
        if concept.retired and not old["retired"]:
            changes.retired.append(concept.code)
        elif old["retired"] and not concept.retired:
            changes.reinstated.append(concept.code)
        elif concept.label == old["label"]:
            changes.details.append(concept.code)

    def changes_of(self, concept: Concept) -> SystemChanges:
        return self.report.systems.setdefault(concept.system.code, SystemChanges())

    def apply_value_sets(self) -> None:
        fields = ["name", "title", "url", "oid", "version"]
        value_sets = apply_sources(ValueSet, self.bundle.value_sets.values(), fields)
        wanted: dict[tuple[int, int], ValueSetMembership] = {}
        names: dict[tuple[int, int], tuple[str, str]] = {}
        for code, members in self.bundle.members.items():
            for member in members:
                key = f"{member.system}|{member.code}"
                concept = self.concepts.get(key)
                if concept is None:
                    raise LoadingError(f"{code} : le code « {key} » n’est dans aucune liste connue.")
                pair = (value_sets[code].pk, concept.pk)
                label = member.label if member.label != concept.label else ""
                wanted[pair] = ValueSetMembership(value_set_id=pair[0], concept_id=pair[1], label=label)
                names[pair] = (code, key)
        self.write_memberships(wanted, names)

    def write_memberships(self, wanted: dict, names: dict) -> None:
        scope = ValueSetMembership.objects.filter(value_set__code__in=self.bundle.members)
        existing = {
            (row.value_set_id, row.concept_id): row
            for row in scope.select_related("value_set", "concept__system").defer("concept__alt_labels")
        }
        upserted = []
        for pair, row in wanted.items():
            code, key = names[pair]
            changes = self.report.value_sets.setdefault(code, ValueSetChanges())
            if pair not in existing:
                changes.added.append(key)
                upserted.append(row)
            elif existing[pair].label != row.label:
                changes.reworded.append(key)
                upserted.append(row)
        gone = [row for pair, row in existing.items() if pair not in wanted]
        for row in gone:
            changes = self.report.value_sets.setdefault(row.value_set.code, ValueSetChanges())
            changes.removed.append(row.concept.key)
        ValueSetMembership.objects.filter(pk__in=[row.pk for row in gone]).delete()
        ValueSetMembership.objects.bulk_create(
            upserted,
            batch_size=BATCH,
            update_conflicts=True,
            unique_fields=["value_set", "concept"],
            update_fields=["label"],
        )
