"""What a file may hold is what its requester might read when it was made; who takes it must still read as much."""

from typing import Any

from directory.permissions import Reader


def snapshot(reader: Reader) -> dict[str, Any]:
    """The rights that decide what is in a file, as JSON."""
    return {
        "sees_all": reader.sees_all,
        "departements": sorted(reader.departements),
        "own_eg_ids": sorted(reader.own_eg_ids),
    }


def covers(reader: Reader, rights: dict[str, Any]) -> bool:
    """This reader may still extract, and reads at least what these rights did."""
    if not reader.may_extract:
        return False
    return reader.sees_all or not (
        rights["sees_all"]
        or set(rights["departements"]) - reader.departements
        or set(rights["own_eg_ids"]) - reader.own_eg_ids
    )
