"""The demo accounts (`accounts.demo.ACCOUNTS`) and what each may do."""

import datetime as dt
from dataclasses import dataclass

from django.contrib.auth.hashers import make_password

from accounts.demo import ACCOUNTS, PASSWORD
from accounts.models import User
from directory import demandes, habilitations, invitations
from directory.invitations import Person
from directory.models import EntiteGeographique, EntiteJuridique, Habilitation, Role
from ror import clock

from .act import ACTS
from .showcase import EUCALYPTUS, MESANGES


@dataclass(frozen=True)
class Right:
    """A role on the region, or on a structure of the showcase named here."""

    role: Role
    ej: str | None = None
    eg: str | None = None


_REFERENT = (Right(Role.REFERENT, eg=MESANGES), Right(Role.REFERENT, ej=EUCALYPTUS))
RIGHTS: dict[str, tuple[Right, ...]] = {
    "pro@demo.ror": (Right(Role.LECTEUR),),
    "referent@demo.ror": _REFERENT,
    "referent2@demo.ror": _REFERENT,
    "autre@demo.ror": (Right(Role.REFERENT, eg=f"{ACTS[2].nom} (fictif)"),),
    "support@demo.ror": (Right(Role.SUPPORT),),
    "admin@demo.ror": (Right(Role.ADMINISTRATEUR),),
    "regulation@demo.ror": (Right(Role.REGULATION),),
}
STAFF = {"support@demo.ror", "admin@demo.ror"}
SUPERUSERS = {"admin@demo.ror"}
AUTHOR = "support@demo.ror"


def create_accounts() -> int:
    """Create the accounts that are missing; returns how many. One hash for all: the password is known to all."""
    existing = set(User.objects.filter(email__in=[a.email for a in ACCOUNTS]).values_list("email", flat=True))
    password = make_password(PASSWORD)
    created = User.objects.bulk_create(
        User(
            email=account.email,
            first_name=account.first_name,
            last_name=account.last_name,
            fonction=account.fonction,
            password=password,
            is_staff=account.email in STAFF,
            is_superuser=account.email in SUPERUSERS,
        )
        for account in ACCOUNTS
        if account.email not in existing
    )
    return len(created)


def grant_rights() -> int:
    """Give each account the rights it lacks; those on a structure wait until it is there. Returns how many."""
    users = {user.email: user for user in User.objects.filter(email__in=RIGHTS)}
    since = clock.today() - dt.timedelta(days=400)
    granted = 0
    for email, rights in RIGHTS.items():
        for right in rights:
            perimeter = _perimeter(right)
            if perimeter is None:
                continue
            _, created = Habilitation.objects.get_or_create(
                user=users[email], role=right.role, **perimeter, defaults={"valid_from": since}
            )
            granted += created
    return granted


def people_who_wait() -> None:
    """An access request and an invitation on the CSAPA of the trainings, so that support has something to answer."""
    users = {user.email: user for user in User.objects.filter(email__in=RIGHTS)}
    eg = EntiteGeographique.objects.get(denomination=MESANGES)
    demandes.ask(
        eg,
        by=users["pro@demo.ror"],
        fonction="assistante sociale coordinatrice",
        motif="La directrice adjointe m’a désignée pour tenir les horaires et les contacts à jour.",
    )
    newcomer = Person("nouvelle@demo.ror", "Maud", "Tessier (fictif)", "cheffe de service")
    invitations.invite(newcomer, habilitations.Right(Role.REFERENT, eg=eg), by=users[AUTHOR])


def _perimeter(right: Right) -> dict | None:
    """Keyword arguments of the habilitation, or None when the structure is not in this database."""
    if right.ej:
        ej = EntiteJuridique.objects.filter(raison_sociale=right.ej).first()
        return {"ej": ej} if ej else None
    if right.eg:
        eg = EntiteGeographique.objects.filter(denomination=right.eg).first()
        return {"eg": eg} if eg else None
    return {"ej": None, "eg": None, "departement": None}
