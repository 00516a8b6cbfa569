"""Who may read a structure, and how much of it."""

from directory.models import Role
from tests import builders as b


def readers_of(eg) -> dict:
    """People by name: a professional, the référents of this structure, of its EJ and of another, the régulations."""
    return {
        "pro": b.make_user(),
        "own": b.make_user(role=Role.REFERENT, eg=eg),
        "own_by_ej": b.make_user(role=Role.REFERENT, ej=eg.entite_juridique),
        "other": b.make_user(role=Role.REFERENT, eg=b.make_eg()),
        "regulation": b.make_user(role=Role.REGULATION),
        "regulation_75": b.make_user(role=Role.REGULATION, departement=b.make_departement("75")),
        "regulation_91": b.make_user(role=Role.REGULATION, departement=b.make_departement("91")),
    }
