"""Write a batch of EG with their main lieu, telephone and territory: what FINESS owns, and nothing else."""

from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q
from django.utils import timezone

from directory import identifiers
from directory.closing import OPEN, Triple
from directory.imports import coordinates, phones
from directory.imports.closings import is_closed, resolve
from directory.imports.fields import ADDRESS_FIELDS
from directory.imports.records import EgRecord
from directory.imports.report import WARNED
from directory.imports.rows import differences, label, update_all
from directory.imports.upsert_ej import TRIPLE, EjWriter, Writing
from directory.models import EntiteGeographique, EntiteJuridique, Kind, Lieu
from directory.publishing import publish_many

UID = "finess"
POSITION = ("latitude", "longitude", "coordonnees_fiables")
OWNED = (
    "entite_juridique_id",
    "site_principal_id",
    "denomination",
    "complement_denomination",
    "categorie_id",
    "siret",
    "modalite_participation_sph_id",
    "date_ouverture",
    "date_autorisation",
)
LIEU_OWNED = (*ADDRESS_FIELDS, "commune_id", *POSITION)


@dataclass
class EgWriter:
    """`write` batches, then `finish`: annexes whose main site comes later in the file wait until then."""

    writing: Writing
    ej: EjWriter
    _waiting: list[EgRecord] = field(default_factory=list)

    def write(self, records: list[EgRecord], *, last: bool = False) -> set[int]:
        """Create and update; returns the EG to refresh. `last`: annexes wait no more."""
        if not records:
            return set()
        batch = _Batch(self, records, last=last)
        return batch.write()

    def finish(self, size: int) -> set[int]:
        """Write the annexes that waited; those whose main site never came are written without it."""
        touched: set[int] = set()
        while self._waiting:
            waiting, self._waiting = self._waiting, []
            for start in range(0, len(waiting), size):
                touched |= self.write(waiting[start : start + size])
            if len(self._waiting) == len(waiting):
                waiting, self._waiting = self._waiting, []
                for start in range(0, len(waiting), size):
                    touched |= self.write(waiting[start : start + size], last=True)
        return touched

    def wait(self, record: EgRecord) -> None:
        self._waiting.append(record)


class _Batch:
    """One batch: a number of statements that does not depend on its size."""

    def __init__(self, writer: EgWriter, records: list[EgRecord], *, last: bool):
        self.writer, self.writing = writer, writer.writing
        self.report, self.now = writer.writing.report, timezone.now()
        self.stored = self._load([record.finess for record in records])
        self.main_sites = self._main_site_ids(records)
        self.records = self._ready(records, last=last)
        self.ejs = self._ej_ids()
        self.before: dict[int, Triple] = {}

    # --- what is there -----------------------------------------------------------------------------------------------

    @staticmethod
    def _load(numbers: list[str]) -> dict[str, dict[str, Any]]:
        names = ("pk", "finess", "idnat_struct", *OWNED, *TRIPLE)
        return {row["finess"]: row for row in EntiteGeographique.objects.filter(finess__in=numbers).values(*names)}

    def _main_site_ids(self, records: list[EgRecord]) -> dict[str, int]:
        wanted = {record.main_site for record in records if record.main_site}
        if not wanted:
            return {}
        return dict(EntiteGeographique.objects.filter(finess__in=wanted).values_list("finess", "pk"))

    def _ready(self, records: list[EgRecord], *, last: bool) -> list[EgRecord]:
        """Without the closed EG the ROR never knew, nor the annexes that must wait for their main site."""
        kept = []
        for record in records:
            if record.finess not in self.stored and is_closed(record.closing, self.writing.today):
                self.report.add("eg", "closed_unknown")
            elif record.main_site and record.main_site not in self.main_sites:
                if last or record.main_site not in self.writing.survey:
                    self._warn(record, "site principal absent du ROR, lien laissé vide", record.main_site)
                    kept.append(record)
                else:
                    self.writer.wait(record)
            else:
                kept.append(record)
        return kept

    def _ej_ids(self) -> dict[str, int]:
        """Ids of the EJ quoted; placeholders are made for those nobody knows."""
        wanted = {record.ej for record in self.records}
        found = dict(EntiteJuridique.objects.filter(finess__in=wanted).values_list("finess", "pk"))
        today = self.writing.today
        missing = {r.ej for r in self.records if r.ej not in found and not is_closed(r.closing, today)}
        return found | self.writer.ej.placeholders(sorted(missing)) if missing else found

    # --- what must be there ------------------------------------------------------------------------------------------

    def write(self) -> set[int]:
        coordinates.locate(self.records, self.writing.lists.communes, self.report)
        created, changed, ids = self._compare()
        EntiteGeographique.objects.bulk_create(created)
        update_all(EntiteGeographique, changed, (*OWNED, *TRIPLE))
        ids |= {eg.finess: eg.pk for eg in created}
        new_ids = {eg.pk for eg in created}
        self._add_territoires(created)
        moved = self._write_lieux(ids, new_ids)
        numbers = {ids[r.finess]: r.telephone for r in self.records if "telephone" not in r.lost}
        called = phones.write("entite_geographique", numbers, standard_id=self.writing.lists.standard_id, now=self.now)
        if called - new_ids:
            self.report.fields["EG – téléphone"] += len(called - new_ids)
        updated = ({eg.pk for eg in changed} | moved | called) - new_ids
        self.report.add("eg", "created", len(new_ids))
        self.report.add("eg", "changed", len(updated))
        self.report.add("eg", "unchanged", len(ids) - len(new_ids) - len(updated))
        return self._publish(new_ids | updated, changed)

    def _compare(self) -> tuple[list[EntiteGeographique], list[EntiteGeographique], dict[str, int]]:
        """(to create, to update, {number: id} of those that exist)."""
        triples = self._triples()
        created, changed, ids = [], [], {}
        for record in self.records:
            row = self.stored.get(record.finess)
            wanted = self._wanted(record, row)
            if row is None:
                created.append(self._new(record, wanted))
                continue
            ids[record.finess] = row["pk"]
            wanted |= dict(zip(TRIPLE, triples[row["pk"]], strict=True))
            if names := differences(row, wanted):
                self.report.fields.update(f"EG – {label(EntiteGeographique, name)}" for name in names)
                key = {"pk": row["pk"], "finess": row["finess"], "idnat_struct": row["idnat_struct"]}
                changed.append(EntiteGeographique(**key, **wanted))
        return created, changed, ids

    def _triples(self) -> dict[int, Triple]:
        asked = {}
        for record in self.records:
            if row := self.stored.get(record.finess):
                self.before[row["pk"]] = tuple(row[name] for name in TRIPLE)
                asked[row["pk"]] = (record.finess, self.before[row["pk"]], record.closing)
        return resolve(Kind.EG, asked, self.report)

    def _wanted(self, record: EgRecord, row: dict[str, Any] | None) -> dict[str, Any]:
        kept = {name: row[name] for name in record.lost & record.values.keys()} if row else {}
        ej_id = self.ejs.get(record.ej) or row["entite_juridique_id"]  # closed, under an EJ nobody knows: keep its own
        main_id = self.main_sites.get(record.main_site or "") or (row and row["site_principal_id"])
        return record.values | kept | {"entite_juridique_id": ej_id, "site_principal_id": main_id}

    def _new(self, record: EgRecord, wanted: dict[str, Any]) -> EntiteGeographique:
        idnat_struct = identifiers.idnat_struct_of_eg(finess=record.finess, siret=None, rang=None)
        triple = dict(zip(TRIPLE, record.closing or OPEN, strict=True))
        return EntiteGeographique(finess=record.finess, idnat_struct=idnat_struct, **wanted, **triple)

    def _add_territoires(self, created: list[EntiteGeographique]) -> None:
        """On creation only: afterwards the territory belongs to the region."""
        departements = {record.finess: record.departement for record in self.records}
        through = EntiteGeographique.territoires_sante.through
        links = []
        for eg in created:
            if territoire_id := self.writing.lists.territoires.get(departements[eg.finess]):
                links.append(through(entitegeographique_id=eg.pk, concept_id=territoire_id))
        through.objects.bulk_create(links)

    # --- its main lieu -----------------------------------------------------------------------------------------------

    def _write_lieux(self, ids: dict[str, int], new_ids: set[int]) -> set[int]:
        """Create or update the lieu `finess` of each EG; returns the EG whose lieu changed."""
        rows, other_main = self._load_lieux(ids, new_ids)
        created, changed = [], []
        for record in self.records:
            pk = ids[record.finess]
            row = rows.get(pk)
            wanted = dict.fromkeys(POSITION) | record.lieu
            if row is None:
                if pk in other_main:
                    self._warn(record, "entrée principale saisie dans le ROR, adresse FINESS ajoutée à côté", "")
                created.append(self._lieu(pk, wanted, est_principal=pk not in other_main, created_at=self.now))
                continue
            if "latitude" not in record.lieu and row["commune_id"] == wanted["commune_id"]:
                wanted |= {name: row[name] for name in POSITION}  # FINESS says nothing: the position is kept
            if names := differences(row, wanted):
                self.report.fields.update(f"EG – {label(Lieu, name)}" for name in names)
                key = {name: row[name] for name in ("est_principal", "created_at")}
                changed.append(self._lieu(pk, wanted, pk=row["pk"], **key))
        Lieu.objects.bulk_create(created)
        update_all(Lieu, changed, (*LIEU_OWNED, "updated_at"))
        return {lieu.entite_geographique_id for lieu in (*created, *changed)}

    def _lieu(self, eg_id: int, values: dict[str, Any], **key: Any) -> Lieu:
        return Lieu(entite_geographique_id=eg_id, uid=UID, updated_at=self.now, **values, **key)

    @staticmethod
    def _load_lieux(ids: dict[str, int], new_ids: set[int]) -> tuple[dict[int, dict], set[int]]:
        """({EG: its FINESS lieu}, EG whose main entrance is another lieu)."""
        known = [pk for pk in ids.values() if pk not in new_ids]
        names = ("pk", "entite_geographique_id", "uid", "est_principal", "created_at", *LIEU_OWNED)
        found = Lieu.objects.filter(Q(uid=UID) | Q(est_principal=True), entite_geographique__in=known).values(*names)
        rows, other_main = {}, set()
        for row in found if known else ():
            if row["uid"] == UID:
                rows[row["entite_geographique_id"]] = row
            else:
                other_main.add(row["entite_geographique_id"])
        return rows, other_main

    # --- versions ----------------------------------------------------------------------------------------------------

    def _publish(self, ids: set[int], changed: list[EntiteGeographique]) -> set[int]:
        """One version per changed EG; its closing or reopening goes down to its UO."""
        closings: dict[int, tuple[Triple, Triple]] = {}
        for eg in changed:
            before, after = self.before[eg.pk], tuple(getattr(eg, name) for name in TRIPLE)
            if before != after:
                closings[eg.pk] = (before, after)
                self.report.add("eg", "closed" if after != OPEN else "reopened")
        if not ids:
            return set()
        writing = self.writing
        return publish_many(
            Kind.EG, sorted(ids), by=writing.by, origin=writing.origin, closings=closings, project=False
        )

    def _warn(self, record: EgRecord, kind: str, detail: str) -> None:
        self.report.note(WARNED, kind, where=record.where, finess=record.finess, detail=detail)
