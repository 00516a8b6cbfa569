"""The journal of a dossier in words: who did what, when."""

from dataclasses import dataclass
from datetime import datetime

from dossiers.decisions import MOTIFS
from dossiers.models import Dossier
from journal.models import Entry
from ror.templatetags.ror import plural

SHOWN = 200
WORDS = {
    "dossier_open": ("folder", "a ouvert le dossier"),
    "dossier_add_uo": ("plus", "a ajouté une unité"),
    "dossier_duplicate_uo": ("plus", "a dupliqué une unité"),
    "dossier_close_uo": ("x-circle", "a changé la fermeture d’une unité"),
    "dossier_remove_uo": ("minus", "a retiré une unité du dossier"),
    "dossier_finalise": ("check", "a finalisé une fiche"),
    "dossier_rebase": ("refresh", "a repris ce qui avait changé dans la fiche publiée"),
    "dossier_submit": ("send", "a envoyé le dossier en validation"),
    "dossier_withdraw": ("return", "a repris le dossier avant son examen"),
    "dossier_abandon": ("x-circle", "a abandonné le dossier"),
    "dossier_take": ("person", "a pris le dossier en charge"),
    "dossier_release": ("person", "a rendu le dossier à la file"),
    "dossier_correct": ("edit", "a corrigé une fiche"),
    "dossier_undecide": ("return", "est revenu sur une décision"),
    "dossier_return": ("return", "a renvoyé le dossier pour correction"),
    "dossier_validate": ("check-circle", "a validé le dossier"),
    "dossier_reopen": ("return", "a annulé la validation"),
    "dossier_publish": ("globe", "a publié le dossier"),
    "dossier_live_kept": ("info", "a gardé ce qui avait changé depuis dans la fiche publiée"),
    "dossier_blocked": ("warning", "a mis le dossier de côté"),
    "dossier_asleep": ("mail", "a relancé les référents"),
    "dossier_follow_up": ("folder", "a ouvert un dossier avec les lignes refusées"),
    "dossier_undo": ("return", "a annulé la publication"),
    "dossier_remark": ("message", "a écrit une remarque"),
}
DECIDED = {"dossier_accept": ("check", "a accepté"), "dossier_refuse": ("x", "a refusé")}


@dataclass(frozen=True)
class Event:
    at: datetime
    who: str
    icon: str
    what: str
    detail: str = ""


def events(dossier: Dossier, *, limit: int = SHOWN) -> list[Event]:
    """Newest first. Two queries: the lines, and the names of the fiches they speak of."""
    names = {draft.key: draft.name for draft in dossier.fiches.defer("base", "reference", "accepted", "saisie")}
    entries = Entry.objects.filter(target=dossier.reference).select_related("author")[:limit]
    return [_event(entry, names) for entry in entries]


def _event(entry: Entry, names: dict[str, str]) -> Event:
    said = entry.detail
    of = names.get(said.get("fiche", ""), "")
    if entry.action in DECIDED:
        icon, verb = DECIDED[entry.action]
        what = f"{verb} {plural(len(said.get('lines', [])), 'ligne')}"
    else:
        icon, what = WORDS.get(entry.action, ("info", entry.action.removeprefix("dossier_").replace("_", " ")))
    parts = [of, MOTIFS.get(said.get("motif", ""), ""), said.get("reason", "")]
    return Event(entry.at, str(entry.author), icon, what, "\u00a0: ".join(part for part in parts if part))
