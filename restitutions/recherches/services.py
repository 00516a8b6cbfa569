"""Saving, changing and deleting a search of one's own."""

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from accounts.models import User
from directory.permissions import Reader
from journal import models as journal
from restitutions import questions
from restitutions.models import Alerte, RechercheEnregistree
from restitutions.recherches import alertes

MAX_PER_PERSON = 50
CUT = (
    "Cette recherche trouve plus de 200 établissements\u00a0: affinez-la pour recevoir une alerte, "
    "ou enregistrez-la sans alerte."
)


class Refused(Exception):
    """Why it is not saved, in words, and the field it is about."""

    def __init__(self, field: str, words: str):
        self.field = field
        super().__init__(words)


def save(*, by: User, name: str, query: str, alerte: str) -> RechercheEnregistree:
    """A new saved search; what matches now is known: the first alert tells what comes after. Raises Refused."""
    form = questions.read(query)
    if not form.is_answerable:
        raise Refused("", "Cette recherche ne se lit plus\u00a0: refaites-la, puis enregistrez-la.")
    recherche = RechercheEnregistree(
        user=by, name=name, query=questions.canonical(form), words=questions.in_words(form), alerte=alerte
    )
    if alerte != Alerte.AUCUNE:
        _look(recherche, by)
    with transaction.atomic():
        # One person at a time: two tabs do not pass the limit together.
        User.objects.select_for_update(no_key=True).get(pk=by.pk)
        if RechercheEnregistree.objects.filter(user=by).count() >= MAX_PER_PERSON:
            raise Refused("", f"Vous gardez déjà {MAX_PER_PERSON} recherches\u00a0: supprimez-en une d’abord.")
        _write(recherche)
        journal.write("save_search", _reference(recherche), by=by, alerte=alerte)
    return recherche


def change(recherche: RechercheEnregistree, *, by: User, name: str, alerte: str) -> None:
    """Another name, another alert. Raises PermissionDenied, Refused."""
    _check_owner(recherche, by)
    starts = recherche.alerte == Alerte.AUCUNE != alerte
    recherche.name, recherche.alerte = name, alerte
    if starts:
        _look(recherche, by)
    with transaction.atomic():
        _write(recherche)
        journal.write("change_search", _reference(recherche), by=by, alerte=alerte)


@transaction.atomic
def delete(recherche: RechercheEnregistree, *, by: User) -> None:
    """Raises PermissionDenied."""
    _check_owner(recherche, by)
    journal.write("delete_search", _reference(recherche), by=by)
    recherche.delete()


@transaction.atomic
def unsubscribe(pk: int) -> bool:
    """No alert any more, whoever holds the link of the mail; False when there was none."""
    found = RechercheEnregistree.objects.exclude(alerte=Alerte.AUCUNE).filter(pk=pk).select_related("user")
    recherche = found.select_for_update(of=("self",)).first()
    if recherche is None:
        return False
    RechercheEnregistree.objects.filter(pk=pk).update(alerte=Alerte.AUCUNE)
    journal.write("stop_alert", _reference(recherche), by=recherche.user, via="mail")
    return True


def _check_owner(recherche: RechercheEnregistree, by: User) -> None:
    if recherche.user_id != by.pk:
        raise PermissionDenied


def _look(recherche: RechercheEnregistree, by: User) -> None:
    found = alertes.matching(recherche.query, Reader.of(by))
    if found is None or found.is_capped:
        raise Refused("alerte", CUT)
    alertes.remember(recherche, found)


def _write(recherche: RechercheEnregistree) -> None:
    try:
        with transaction.atomic():
            recherche.save()
    except IntegrityError as error:
        if "one_saved_search_per_name" not in str(error):
            raise
        raise Refused("name", "Une de vos recherches porte déjà ce nom.") from error


def _reference(recherche: RechercheEnregistree) -> str:
    return f"recherche:{recherche.pk}"
