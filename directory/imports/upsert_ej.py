"""Write a batch of EJ: what FINESS owns, and nothing else."""

import datetime as dt
from dataclasses import dataclass, field

from django.utils import timezone

from directory import identifiers
from directory.closing import OPEN, Triple
from directory.imports import phones
from directory.imports.closings import is_closed, resolve
from directory.imports.fields import ADDRESS_FIELDS
from directory.imports.lists import Lists
from directory.imports.records import EjRecord, Survey
from directory.imports.report import Report
from directory.imports.rows import differences, label, update_all
from directory.imports.statistics import Statistics
from directory.models import EntiteGeographique, EntiteJuridique, Kind
from directory.publishing import publish_many

OWNED = (
    "raison_sociale",
    "complement_raison_sociale",
    "statut_juridique_id",
    "siren",
    "date_creation",
    "a_identifier",
    *ADDRESS_FIELDS,
)
TRIPLE = ("type_fermeture", "date_fermeture", "date_reouverture")


@dataclass
class Writing:
    """What the writers share during one file."""

    lists: Lists
    survey: Survey
    report: Report
    by: object
    today: dt.date
    statistics: Statistics
    origin: str = ""  # « import:7 »


@dataclass
class EjWriter:
    """`write` batches, then `finish`: closings go last, when every EG of the file has said its own state."""

    writing: Writing
    _closing: dict[int, tuple[str, Triple, Triple]] = field(default_factory=dict)

    def write(self, records: list[EjRecord]) -> set[int]:
        """Create and update; returns the EG to refresh."""
        if not records:
            return set()
        now, report = timezone.now(), self.writing.report
        stored = {
            row["finess"]: row
            for row in EntiteJuridique.objects.filter(finess__in=[record.finess for record in records]).values(
                "pk", "finess", "idnat_struct", *OWNED, *TRIPLE
            )
        }
        created, changed, ids = [], [], {}
        for record in records:
            row = stored.get(record.finess)
            wanted = record.values | {"a_identifier": False}
            if row is None:
                if not self._is_worth_creating(record):
                    report.add("ej", "closed_unknown")
                    continue
                created.append(new_ej(record.finess, wanted, record.closing))
                continue
            ids[record.finess] = row["pk"]
            wanted |= {name: row[name] for name in record.lost & wanted.keys()}
            self._note_closing(record, row)
            if names := differences(row, wanted):
                report.fields.update(
                    f"EJ – {label(EntiteJuridique, name)}" for name in names if name != "a_identifier"
                )
                report.add("ej", "described", int(row["a_identifier"]))
                changed.append(
                    EntiteJuridique(pk=row["pk"], idnat_struct=row["idnat_struct"], finess=row["finess"], **wanted)
                )
        EntiteJuridique.objects.bulk_create(created)
        update_all(EntiteJuridique, changed, OWNED)
        ids |= {ej.finess: ej.pk for ej in created}
        numbers = {ids[r.finess]: r.telephone for r in records if r.finess in ids and "telephone" not in r.lost}
        called = phones.write("entite_juridique", numbers, standard_id=self.writing.lists.standard_id, now=now)
        new_ids = {ej.pk for ej in created}
        if called - new_ids:
            report.fields["EJ – téléphone"] += len(called - new_ids)
        updated = {ej.pk for ej in changed} | called - new_ids
        report.add("ej", "created", len(created))
        report.add("ej", "changed", len(updated))
        report.add("ej", "unchanged", len(ids) - len(new_ids) - len(updated))
        return self._publish(sorted(new_ids | updated))

    def _publish(self, ids: list[int]) -> set[int]:
        if not ids:
            return set()
        return publish_many(Kind.EJ, ids, by=self.writing.by, origin=self.writing.origin, project=False)

    def _is_worth_creating(self, record: EjRecord) -> bool:
        """A closed EJ that the ROR never knew is not taken, unless an open EG still names it."""
        return not is_closed(record.closing, self.writing.today) or record.finess in self.writing.survey.wanted_ej

    def _note_closing(self, record: EjRecord, row: dict) -> None:
        before: Triple = tuple(row[name] for name in TRIPLE)
        if before != (record.closing or OPEN):
            self._closing[row["pk"]] = (record.finess, before, record.closing)

    def placeholders(self, numbers: list[str]) -> dict[str, int]:
        """Create the EJ that EG lines quote and nothing describes yet; {number: id}."""
        ejs = [
            EntiteJuridique(
                finess=number,
                idnat_struct=identifiers.idnat_struct_of_ej(finess=number, siren=None, rang=None),
                raison_sociale=f"À identifier (FINESS {number})",
                a_identifier=True,
            )
            for number in numbers
        ]
        EntiteJuridique.objects.bulk_create(ejs)
        self._publish([ej.pk for ej in ejs])
        self.writing.report.add("ej", "placeholders", len(ejs))
        return {ej.finess: ej.pk for ej in ejs}

    def finish(self, *, describes_eg: bool) -> set[int]:
        """Closings and reopenings of EJ; a closing goes down to the EG this file does not describe (RG_EXP_044)."""
        final = resolve(Kind.EJ, self._closing, self.writing.report)
        moved = {pk: after for pk, after in final.items() if after != self._closing[pk][1]}
        if not moved:
            return set()
        report = self.writing.report
        rows = EntiteJuridique.objects.in_bulk(list(moved))
        for pk, ej in rows.items():
            ej.type_fermeture, ej.date_fermeture, ej.date_reouverture = moved[pk]
            report.add("ej", "closed" if moved[pk] != OPEN else "reopened")
        update_all(EntiteJuridique, list(rows.values()), TRIPLE)
        touched = self._publish(sorted(rows))
        return touched | self._close_below({pk: t for pk, t in moved.items() if t != OPEN}, describes_eg=describes_eg)

    def _close_below(self, closed: dict[int, Triple], *, describes_eg: bool) -> set[int]:
        below = EntiteGeographique.objects.filter(entite_juridique__in=closed)
        changes: dict[int, tuple[Triple, Triple]] = {}
        rows = []
        for eg in below:
            before: Triple = tuple(getattr(eg, name) for name in TRIPLE)
            after = closed[eg.entite_juridique_id]
            said_itself = describes_eg and eg.finess in self.writing.survey
            if said_itself or before == after or (is_closed(before, after[1]) and not eg.is_closing_temporary):
                continue
            eg.type_fermeture, eg.date_fermeture, eg.date_reouverture = after
            changes[eg.pk] = (before, after)
            rows.append(eg)
        if not rows:
            return set()
        update_all(EntiteGeographique, rows, TRIPLE)
        self.writing.report.add("eg", "closed", len(rows))
        return publish_many(
            Kind.EG,
            sorted(changes),
            by=self.writing.by,
            origin=self.writing.origin,
            closings=changes,
            project=False,
        )


def new_ej(finess: str, values: dict, closing: Triple | None) -> EntiteJuridique:
    """An EJ not saved yet."""
    idnat_struct = identifiers.idnat_struct_of_ej(finess=finess, siren=None, rang=None)
    triple = dict(zip(TRIPLE, closing or OPEN, strict=True))
    return EntiteJuridique(finess=finess, idnat_struct=idnat_struct, **values, **triple)
