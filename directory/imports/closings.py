"""What happens to the closing triple of a fiche that FINESS says open or closed."""

from collections.abc import Mapping

from directory.closing import OPEN, Triple
from directory.imports.report import WARNED, Report
from directory.models import FicheVersion, Kind


def is_closed(triple: Triple | None, today) -> bool:
    """Closed for good on that day."""
    return bool(triple and triple[1] and triple[1] <= today)


def resolve(kind: Kind, asked: Mapping[int, tuple[str, Triple, Triple | None]], report: Report) -> dict[int, Triple]:
    """The triple each fiche gets. `asked`: {id: (number, stored, what FINESS says)}.

    A FINESS closing always applies. When FINESS says open, only what a FINESS import had closed is opened again: a
    closing entered by a person stays and is reported (quality rule EX2).
    """
    suspects = {pk: stored for pk, (_, stored, said) in asked.items() if stored != OPEN and (said or OPEN) == OPEN}
    ours = _closed_by_an_import(kind, suspects)
    final = {}
    for pk, (number, stored, said) in asked.items():
        if pk in suspects and pk not in ours:
            detail = f"{stored[0]} le {stored[1]:%d/%m/%Y}"
            report.note(WARNED, "fermé dans le ROR, ouvert dans FINESS", finess=number, detail=detail)
            final[pk] = stored
        else:
            final[pk] = said or OPEN
    return final


def _closed_by_an_import(kind: Kind, suspects: Mapping[int, Triple]) -> set[int]:
    """Those whose first version with that closing came from an import. One query."""
    if not suspects:
        return set()
    versions = (
        FicheVersion.objects.filter(kind=kind, object_id__in=suspects)
        .order_by("object_id", "number")
        .values_list("object_id", "origin", "content__type_fermeture", "content__date_fermeture")
    )
    first: dict[int, str] = {}
    for pk, origin, closing_type, date in versions.iterator(chunk_size=2000):
        type_, closed_on, _ = suspects[pk]
        if (closing_type, date) == (type_, closed_on.isoformat()):
            first.setdefault(pk, origin)
        else:
            first.pop(pk, None)  # closed, reopened, closed again: only the last closing counts
    return {pk for pk, origin in first.items() if origin.startswith("import:")}
