"""Support opens a nominative account and gives it its right, in one step. The link and the password: `accounts`."""

from dataclasses import dataclass

from django.db import IntegrityError, transaction

from accounts import invitations as accounts
from accounts.invitations import InvitationRefused
from accounts.models import User
from directory.habilitations import Right, grant
from journal import outbox

CLOSED = "Ce compte est fermé. Rouvrez-le d’abord, depuis sa page dans l’administration."


@dataclass(frozen=True)
class Person:
    """Who is invited, as support typed it."""

    email: str
    first_name: str
    last_name: str
    fonction: str


@transaction.atomic
def invite(person: Person, right: Right, *, by: User) -> tuple[User, bool]:
    """The account and whether an invitation left: an account that is open gets its right, and a message saying so.

    A second invitation of somebody who has not come yet adds the right and sends a new link. What an existing account
    says of the person is kept. Raises InvitationRefused (account closed), PermissionDenied.
    """
    user = _account(person)
    if not user.is_active and not accounts.can_be_invited(user):
        raise InvitationRefused(CLOSED)
    given = grant(user=user, right=right, by=by)
    if user.is_active:
        outbox.add(
            f"habilitation:{given.pk}",
            to=[user],
            subject="Vous avez un nouvel accès dans le ROR",
            template="directory/mail/acces_donne.txt",
            context={"words": right.words, "right": given, "fiche": right.eg or right.ej},
        )
        return user, False
    accounts.invite(user, by=by, purpose=right.words)
    return user, True


def _account(person: Person) -> User:
    email = person.email.lower()
    found = User.objects.filter(email__iexact=email).first()
    if found is not None:
        return found
    try:
        with transaction.atomic():
            return User.objects.create_user(
                email,
                None,
                first_name=person.first_name,
                last_name=person.last_name,
                fonction=person.fonction,
                is_active=False,
            )
    except IntegrityError:  # invited at the same moment by a colleague
        return User.objects.get(email__iexact=email)
