"""What support sends and where, who else is support, and a request for an access."""

from accounts.models import User
from directory import demandes
from directory.models import DemandeAcces, EntiteGeographique, Role
from tests.builders import make_departement, make_user

INVITE = "/admin/directory/habilitation/inviter/"
STRUCTURES = "/admin/directory/habilitation/structures/"


def support_of(code: str) -> User:
    return make_user(role=Role.SUPPORT, departement=make_departement(code), is_staff=True)


def form(eg=None, **more) -> dict:
    data = {"email": "ana@exemple.fr", "first_name": "Ana", "last_name": "Neuf", "fonction": "éducatrice"}
    return data | {"role": "referent", "structure": eg.cle if eg else "", "valid_from": "2025-01-01"} | more


def ask(eg: EntiteGeographique, user: User | None = None) -> DemandeAcces:
    return demandes.ask(eg, by=user or make_user(), fonction="cheffe de service", motif="Je remplace M. Oulad.")
