"""What is lost, made twice, made by halves, or not told, among what the clients were promised.

Written from the rules, not from the workflow: nothing of the portal is imported, and the table of steps is said again.
Each function takes the facts and returns sentences; none is good news.
"""

import hashlib
from collections import Counter
from collections.abc import Iterator

from drill.facts import Facts, Row, by

# action → (statuses it starts from, status it gives or None when the status stays, who is told)
REFERENTS, SUPPORT = "référents", "support"
STEPS: dict[str, tuple[set[str], str | None, set[str]]] = {
    "submit": ({"initie", "a_corriger"}, "soumis", {REFERENTS, SUPPORT}),
    "withdraw": ({"soumis"}, "initie", set()),
    "abandon": ({"initie", "a_corriger"}, "abandonne", set()),
    "take": ({"soumis"}, None, {REFERENTS}),
    "release": ({"soumis"}, None, set()),
    "return": ({"soumis"}, "a_corriger", {REFERENTS}),
    "validate": ({"soumis"}, "valide", {REFERENTS}),
    "reopen": ({"valide"}, "a_corriger", {REFERENTS}),
    "publish": ({"valide"}, "publie", {REFERENTS}),
}
FIRST_STATUS = "initie"
WORDS_IN = "complements"  # the field of a fiche where clients add their words


def check(facts: Facts) -> dict[str, list[str]]:
    """Every fault, by key of the report."""
    return {
        "lost": list(lost(facts)),
        "twice": list(twice(facts)),
        "half": list(half(facts)),
        "messages_missing": list(messages_missing(facts)),
    }


def steps_of(facts: Facts) -> dict[int, list[Row]]:
    """Dossier id → its lines that are steps, in order, with `step` (the action without its prefix) and `version`."""
    found: dict[int, list[Row]] = {row["id"]: [] for row in facts.dossiers}
    for line in facts.lines:
        action = line["action"].removeprefix("dossier_")
        if action in STEPS or action == "blocked":
            dossier = int(line["target"].partition(":")[2])
            found.setdefault(dossier, []).append(line | {"step": action, "version": line["detail"]["version"]})
    return found


# --- Lost ------------------------------------------------------------------------------------------------------------


def lost(facts: Facts) -> Iterator[str]:
    """A promise with nothing behind it."""
    made = {
        (dossier, step["version"], step["step"], step["by"])
        for dossier, steps in steps_of(facts).items()
        for step in steps
    }
    opened = {line["target"] for line in facts.lines if line["action"] == "dossier_open"}
    texts = {row["id"]: (row["content"].get(WORDS_IN) or "").split() for row in facts.fiches}
    for one in facts.promises:
        if one["what"] == "step" and (one["dossier"], one["version"], one["action"], one["by"]) not in made:
            yield f"dossier {one['dossier']} v{one['version']} : {one['action']} par {one['by']}, absente du journal"
        if one["what"] == "opening" and f"dossier:{one['dossier']}" not in opened:
            yield f"dossier {one['dossier']} : ouvert, sans ligne au journal"
        if one["what"] == "text" and one["word"] not in texts.get(one["fiche"], ()):
            yield f"fiche {one['fiche']} : le mot {one['word']} n’y est pas"


# --- Twice -----------------------------------------------------------------------------------------------------------


def twice(facts: Facts) -> Iterator[str]:
    """Two steps of one version, two versions of a fiche for one publication, two messages for one event, a word
    written twice."""
    for dossier, steps in steps_of(facts).items():
        for version, same in by(steps, "version").items():
            if len(same) > 1:
                yield f"dossier {dossier} v{version} : {len(same)} étapes ({', '.join(one['step'] for one in same)})"
        if sum(step["step"] == "publish" for step in steps) > 1:
            yield f"dossier {dossier} : publié plusieurs fois"
    ours = [row for row in facts.versions if row["origin"].startswith("dossier:")]
    for (origin, kind, key), same in by(ours, "origin", "kind", "key").items():
        if len(same) > 1:
            yield f"{origin} : {len(same)} versions de {kind} {key}"
    for (key, recipient), same in by(facts.messages, "key", "recipient").items():
        if len(same) > 1:
            yield f"message {key} : {len(same)} fois pour {recipient}"
    for row in facts.fiches:
        for word, times in Counter((row["content"].get(WORDS_IN) or "").split()).items():
            if times > 1:
                yield f"fiche {row['id']} : le mot {word} y est {times} fois"


# --- By halves -------------------------------------------------------------------------------------------------------


def half(facts: Facts) -> Iterator[str]:
    """A step of which one part is there and another is not."""
    steps = steps_of(facts)
    for row in facts.dossiers:
        for fault in _chain(row, steps[row["id"]], facts.today):
            yield f"dossier {row['id']} : {fault}"
    yield from _publications(facts, steps)
    yield from _live(facts)
    told = {message_id for _, _, message_id in expected_messages(facts)}
    asked = {message_id_of(row["key"], row["recipient"], facts.mail_domain) for row in facts.messages}
    for message_id in sorted(set(facts.mails) - told - asked):
        yield f"courriel {message_id} : parti sans événement"


def _chain(dossier: Row, steps: list[Row], today: str) -> Iterator[str]:
    """The journal of one dossier, followed line by line to its status."""
    if dossier["version"] - 1 != len(steps):
        yield f"version {dossier['version']} mais {len(steps)} étapes au journal"
    status = FIRST_STATUS
    for step in steps:
        if step["step"] == "blocked":
            continue
        sources, target, _ = STEPS[step["step"]]
        before, after = step["detail"]["from"], step["detail"]["to"]
        if before != status or before not in sources or after != (target or before):
            yield f"{step['step']} va de {before} à {after}, depuis {status}"
        status = after
    if status != dossier["status"]:
        yield f"{dossier['status']}, mais le journal le laisse {status}"
    is_due = dossier["date_effet"] is None or str(dossier["date_effet"]) <= today
    if dossier["status"] == "valide" and is_due and not dossier["blocked"]:
        yield "validé et à échéance, mais pas publié"


def _publications(facts: Facts, steps: dict[int, list[Row]]) -> Iterator[str]:
    """Each publication has its versions, and each version its publication; what was accepted is what is published."""
    versions = {(row["kind"], row["key"], row["number"]): row for row in facts.versions}
    listed: dict[int, set[tuple[str, str, int]]] = {}
    for dossier, own in steps.items():
        for step in own:
            if step["step"] == "publish":
                listed.setdefault(dossier, set()).update(_fiche(text) for text in step["detail"]["fiches"])
    for dossier, fiches in listed.items():
        for fiche in sorted(fiches - versions.keys()):
            yield f"dossier {dossier} : publie {fiche}, version absente"
    for fiche, row in versions.items():
        origin = row["origin"].partition(":")
        if origin[0] == "dossier" and fiche not in listed.get(int(origin[2]), ()):
            yield f"version {fiche} : de {row['origin']}, dont le journal ne la publie pas"
    accepted = [row for row in facts.fiches if row["dossier_id"] in listed and row["accepted"] is not None]
    for row in accepted:
        published = [versions.get(one) for one in listed[row["dossier_id"]] if one[:2] == (row["kind"], row["key"])]
        if row["accepted"] != row["reference"] and not published:
            yield f"dossier {row['dossier_id']} : {row['key']} acceptée et non publiée"
        for version in filter(None, published):
            if version["content"].get(WORDS_IN) != row["accepted"].get(WORDS_IN):
                yield f"dossier {row['dossier_id']} : {row['key']} publiée avec un autre texte que l’accepté"


def _fiche(text: str) -> tuple[str, str, int]:
    """« uo:11/12:v3 » → ("uo", "11/12", 3)"""
    kind, _, rest = text.partition(":")
    key, _, number = rest.rpartition(":v")
    return kind, key, int(number)


def _live(facts: Facts) -> Iterator[str]:
    """Each public fiche is at the number of its last version, none is missing, and the search knows it."""
    kept = by(facts.versions, "kind", "object_id")
    for row in facts.live:
        known = sorted(version["number"] for version in kept.get((row["kind"], row["object_id"]), []))
        if known != list(range(1, row["version"] + 1)):
            yield f"{row['kind']} {row['object_id']} : à la version {row['version']}, versions gardées {known}"
    for row in facts.searched:
        if row["found"] != row["nom"]:
            yield f"unité {row['key']} : la recherche dit « {row['found']} », la fiche « {row['nom']} »"


# --- Not told --------------------------------------------------------------------------------------------------------


def messages_missing(facts: Facts) -> Iterator[str]:
    """A person who is owed a message that was not written, or not received."""
    written = {(row["key"], row["recipient"]) for row in facts.messages}
    received = set(facts.mails)
    for key, address, message_id in expected_messages(facts):
        if (key, address) not in written:
            yield f"{key} : pas de message pour {address}"
        elif message_id not in received:
            yield f"{key} : message écrit pour {address}, jamais reçu"


def expected_messages(facts: Facts) -> Iterator[tuple[str, str, str]]:
    """(key, address, Message-ID) of all that the steps of the journal owe to somebody."""
    referents = by(facts.referents, "eg_id")
    steps = steps_of(facts)
    for dossier in facts.dossiers:
        people = {row["email"] for row in referents.get(dossier["eg_id"], [])}
        people |= {dossier["opened_by"]} if dossier["is_active"] else set()
        own = steps[dossier["id"]]
        for before, step in zip([None, *own], own, strict=False):
            if step["step"] == "blocked" or _is_told_by_the_validation(before, step):
                continue
            told = STEPS[step["step"]][2]
            addresses = (people if REFERENTS in told else set()) | ({facts.support} if SUPPORT in told else set())
            key = f"dossier:{dossier['id']}:{step['step']}:{step['version']}"
            for address in sorted(addresses):
                yield key, address, message_id_of(key, address, facts.mail_domain)


def _is_told_by_the_validation(before: Row | None, step: Row) -> bool:
    """A publication in the stride of the validation: the message of the validation says it."""
    return bool(before) and step["step"] == "publish" and before["step"] == "validate" and before["by"] == step["by"]


def message_id_of(key: str, address: str, domain: str) -> str:
    """The identity a message keeps however often it leaves."""
    return f"<{hashlib.sha256(f'{key} {address}'.encode()).hexdigest()[:32]}@{domain}>"
