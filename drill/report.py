"""What the drill says on screen, in French: one table, then the faults in words."""

import sys

SHOWN = 12  # faults told for each key; the rest is counted
LABELS = {
    "acknowledged": "étapes acquittées",
    "lost": "perdues",
    "twice": "faites deux fois",
    "half": "faites à moitié",
    "messages_missing": "messages manquants",
    "kills": "kill -9",
    "answers": "réponses « fait » lues (doubles clics compris)",
    "texts": "textes enregistrés et acquittés",
    "openings": "ouvertures de dossier acquittées",
    "unanswered": "envois coupés ou en erreur 5xx, sans promesse",
    "steps_in_journal": "étapes au journal",
    "publications": "publications",
    "mails_expected": "courriels dus",
    "mails_received": "courriels reçus",
    "mails_repeated": "  dont reçus à nouveau, sous la même identité",
    "seconds": "durée, en secondes",
}
VERDICTS = {  # (without lock?, does the proof hold?)
    (False, True): "Rien de perdu, rien en double, rien à moitié, tout le monde prévenu.",
    (False, False): "L’ESSAI ÉCHOUE.",
    (True, True): "Sans verrou, des pertes sont vues : l’essai sait les voir.",
    (True, False): "Sans verrou et pourtant rien de vu : L’ESSAI NE PROUVE RIEN.",
}


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def show(figures: dict, faults: dict[str, list[str]]) -> None:
    say("")
    for key, label in LABELS.items():
        more = ""
        if key == "kills":
            more = "   " + ", ".join(f"{kind} {count}" for kind, count in figures["kills_by_kind"].items())
        say(f"  {label:<52}{figures[key]:>8}{more}")
    for key, found in faults.items():
        if found:
            say(f"\n  {LABELS[key]} :")
            for fault in found[:SHOWN]:
                say(f"    {fault}")
            if len(found) > SHOWN:
                say(f"    … et {len(found) - SHOWN} de plus")
    say("")
