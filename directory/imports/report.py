"""What an import says it did: exact counts, and the first examples of each kind of remark."""

from collections import Counter
from dataclasses import dataclass, field

EXAMPLES_STORED = 1000
EXAMPLES_SHOWN = 20

REFUSED, REPAIRED, WARNED = "refus", "réparation", "à vérifier"
GROUPS = (REFUSED, REPAIRED, WARNED)

# Order and words of the counts: one, several.
COUNTS = {
    "read": ("ligne lue", "lignes lues"),
    "created": ("création", "créations"),
    "changed": ("modification", "modifications"),
    "unchanged": ("sans changement", "sans changement"),
    "closed": ("fermeture", "fermetures"),
    "reopened": ("réouverture", "réouvertures"),
    "placeholders": ("fiche à identifier créée", "fiches à identifier créées"),
    "described": ("fiche à identifier désormais décrite", "fiches à identifier désormais décrites"),
    "refused": ("refus", "refus"),
    "duplicates": ("doublon identique ignoré", "doublons identiques ignorés"),
    "filtered": ("hors des départements demandés", "hors des départements demandés"),
    "closed_unknown": ("fermeture d’une fiche inconnue, non reprise", "fermetures de fiches inconnues, non reprises"),
}
NAMES = {"ej": "Entités juridiques", "eg": "Établissements"}


@dataclass
class Remarks:
    """One kind of remark: how many, and the first ones as {où, numéro, précision}."""

    group: str
    count: int = 0
    examples: list[dict[str, str]] = field(default_factory=list)


class Report:
    """Counts per entity, changes per field, remarks per kind."""

    def __init__(self, *, file_name: str, label: str):
        self.file_name, self.label = file_name, label
        self.facts: dict[str, str] = {}
        self.counts: dict[str, Counter[str]] = {"ej": Counter(), "eg": Counter()}
        self.fields: Counter[str] = Counter()
        self.remarks: dict[str, Remarks] = {}

    def add(self, entity: str, what: str, number: int = 1) -> None:
        self.counts[entity][what] += number

    def note(self, group: str, kind: str, *, where: str = "", finess: str = "", detail: str = "") -> None:
        """One remark; only the first thousand of a kind are kept, all are counted."""
        remarks = self.remarks.setdefault(kind, Remarks(group))
        remarks.count += 1
        if len(remarks.examples) < EXAMPLES_STORED:
            remarks.examples.append({"where": where, "finess": finess, "detail": detail})

    def refuse(self, entity: str, kind: str, *, where: str, finess: str, detail: str) -> None:
        self.add(entity, "refused")
        self.note(REFUSED, kind, where=where, finess=finess, detail=detail)

    def total(self, what: str) -> int:
        return sum(counts[what] for counts in self.counts.values())

    def as_dict(self) -> dict:
        """What `ImportRun.report` keeps."""
        return {
            "file": self.file_name,
            "format": self.label,
            "facts": self.facts,
            "counts": {entity: dict(counts) for entity, counts in self.counts.items() if counts},
            "fields": dict(self.fields.most_common()),
            "remarks": [
                {"group": remarks.group, "kind": kind, "count": remarks.count, "examples": remarks.examples}
                for kind, remarks in self.remarks.items()
            ],
        }

    def as_text(self, *, examples: int = EXAMPLES_SHOWN) -> str:
        """The same for the screen, in French."""
        lines = [f"{self.file_name} : {self.label}"]
        lines += [f"  {name} : {value}" for name, value in self.facts.items()]
        for entity, counts in self.counts.items():
            if counts:
                lines.append(f"  {NAMES[entity]}")
                lines += [
                    f"    {number(counts[key]):>8} {COUNTS[key][counts[key] > 1]}" for key in COUNTS if counts[key]
                ]
        if self.fields:
            lines.append("  Champs modifiés")
            lines += [f"    {number(count):>8} {name}" for name, count in self.fields.most_common()]
        for group in GROUPS:
            lines += self._group(group, examples)
        return "\n".join(lines)

    def _group(self, group: str, examples: int) -> list[str]:
        lines = []
        for kind, remarks in self.remarks.items():
            if remarks.group != group:
                continue
            lines.append(f"  {group.capitalize()} : {kind} ({number(remarks.count)})")
            for example in remarks.examples[:examples]:
                parts = [example["where"], example["finess"], example["detail"]]
                lines.append("      " + " – ".join(part for part in parts if part))
            if remarks.count > examples:
                lines.append(f"      … et {number(remarks.count - examples)} de plus")
        return lines


def number(value: int) -> str:
    """14463 → « 14 463 », with narrow no-break spaces."""
    return f"{value:,}".replace(",", "\u202f")
