"""The crash drill: its account sees each kind of fault, and a short drill passes."""

import ast
import copy
import json
import os
import subprocess

import pytest
from django.conf import settings

from drill import checker
from drill.browser import Answer
from drill.facts import Facts

CAMILLE, KARIM, SOPHIE, SUPPORT = "camille@exemple.fr", "karim@exemple.fr", "sophie@exemple.fr", "support@exemple.fr"
HISTORY = (  # action, from, to, by
    ("submit", "initie", "soumis", CAMILLE),
    ("take", "soumis", "soumis", SOPHIE),
    ("validate", "soumis", "valide", SOPHIE),
    ("publish", "valide", "publie", SOPHIE),
)


def line(version: int, action: str, source: str, target: str, by: str) -> dict:
    detail = {"from": source, "to": target, "version": version}
    if action == "publish":
        detail["fiches"] = ["uo:11/7:v2"]
    return {"id": version + 1, "action": f"dossier_{action}", "target": "dossier:1", "detail": detail, "by": by}


def version(number: int, origin: str, text: str) -> dict:
    content = {"complements": text}
    return {"kind": "uo", "object_id": 7, "key": "11/7", "number": number, "origin": origin, "content": content}


@pytest.fixture
def facts() -> Facts:
    """One dossier, sent, taken, validated and published, where everything is as it should be."""
    found = Facts(
        dossiers=[
            {
                "id": 1,
                "status": "publie",
                "version": 5,
                "blocked": "",
                "date_effet": None,
                "eg_id": 3,
                "opened_by": CAMILLE,
                "is_active": True,
            }
        ],
        fiches=[
            {
                "id": 9,
                "dossier_id": 1,
                "kind": "uo",
                "key": "11/7",
                "content": {"complements": "début m1"},
                "reference": {"complements": ""},
                "accepted": {"complements": "début m1"},
            }
        ],
        lines=[
            {"id": 1, "action": "dossier_open", "target": "dossier:1", "detail": {}, "by": CAMILLE},
            *(line(number, *step) for number, step in enumerate(HISTORY, start=1)),
        ],
        versions=[version(1, "test", ""), version(2, "dossier:1", "début m1")],
        live=[{"kind": "uo", "object_id": 7, "version": 2}],
        referents=[{"eg_id": 3, "email": CAMILLE}, {"eg_id": 3, "email": KARIM}],
        searched=[{"key": "11/7", "nom": "Accueil", "found": "Accueil"}],
        promises=[
            {"what": "opening", "dossier": 1},
            {"what": "text", "fiche": 9, "word": "m1"},
            *(
                {"what": "step", "dossier": 1, "version": number, "action": action, "by": by}
                for number, (action, _, _, by) in enumerate(HISTORY[:3], start=1)
            ),
        ],
        support=SUPPORT,
        mail_domain="exemple.fr",
        today="2026-11-22",
    )
    owed = list(checker.expected_messages(found))
    found.messages = [{"key": key, "recipient": address} for key, address, _ in owed]
    found.mails = [message_id for _, _, message_id in owed]
    return found


def test_a_clean_history_has_no_fault_and_owes_its_messages(facts):
    assert checker.check(facts) == {"lost": [], "twice": [], "half": [], "messages_missing": []}
    told = {(key, address) for key, address, _ in checker.expected_messages(facts)}
    both = {CAMILLE, KARIM}
    assert told == {
        *(("dossier:1:submit:1", address) for address in both | {SUPPORT}),
        *(("dossier:1:take:2", address) for address in both),
        *(("dossier:1:validate:3", address) for address in both),  # it says the publication too
    }


def test_a_mail_received_twice_under_one_identity_is_no_fault(facts):
    facts.mails *= 2
    assert not any(checker.check(facts).values())


def _not_published(facts: Facts) -> None:
    facts.lines.pop()
    facts.dossiers[0] |= {"status": "valide", "version": 4}
    facts.versions.pop()
    facts.live[0]["version"] = 1


def _published_late_and_untold(facts: Facts) -> None:
    facts.lines[-1]["by"] = "systeme@ror.invalid"


FAULTS = {
    "a step without line": ("lost", lambda f: f.promises[2].update(version=3)),
    "a step told to two people": ("lost", lambda f: f.promises.append(f.promises[2] | {"by": KARIM})),
    "an opening without line": ("lost", lambda f: f.lines.pop(0)),
    "a text that is not there": ("lost", lambda f: f.fiches[0]["content"].update(complements="début")),
    "two steps of one version": ("twice", lambda f: f.lines.append(copy.deepcopy(f.lines[1]))),
    "two publications": ("twice", lambda f: f.lines.append(line(5, *HISTORY[3]))),
    "two versions for one publication": ("twice", lambda f: f.versions.append(version(3, "dossier:1", "début m1"))),
    "two messages for one event": ("twice", lambda f: f.messages.append(f.messages[0])),
    "one word written twice": ("twice", lambda f: f.fiches[0]["content"].update(complements="m1 m1")),
    "a version too many": ("half", lambda f: f.dossiers[0].update(version=6)),
    "another status than the journal": ("half", lambda f: f.dossiers[0].update(status="valide")),
    "a broken chain": ("half", lambda f: f.lines[2]["detail"].update({"from": "initie"})),
    "a step that leads elsewhere": ("half", lambda f: f.lines[2]["detail"].update({"to": "initie"})),
    "a validation without its publication": ("half", _not_published),
    "a publication without its version": ("half", lambda f: f.lines[-1]["detail"].update(fiches=["uo:11/7:v3"])),
    "a version without its publication": ("half", lambda f: f.lines[-1]["detail"].update(fiches=[])),
    "a version that says another text": ("half", lambda f: f.versions[1]["content"].update(complements="autre")),
    "a live fiche ahead of its versions": ("half", lambda f: f.live[0].update(version=3)),
    "a search that is late": ("half", lambda f: f.searched[0].update(found="Ancien nom")),
    "a mail of no event": ("half", lambda f: f.mails.append("<inconnu@exemple.fr>")),
    "a message that was not written": ("messages_missing", lambda f: f.messages.pop()),
    "a message that never arrived": ("messages_missing", lambda f: f.mails.pop()),
    "a publication by the clock that tells nobody": ("messages_missing", _published_late_and_untold),
}


@pytest.mark.parametrize("key, spoil", FAULTS.values(), ids=FAULTS)
def test_the_account_sees(facts, key, spoil):
    spoil(facts)
    assert checker.check(facts)[key]


def test_the_account_knows_nothing_of_the_portal():
    imported = set()
    for name in ("checker", "facts"):
        for node in ast.walk(ast.parse((settings.BASE_DIR / "drill" / f"{name}.py").read_text())):
            if isinstance(node, ast.Import):
                imported |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                imported.add((node.module or "").partition(".")[0])
    ours = {"ror", "nomenclature", "accounts", "journal", "directory", "search", "dossiers", "api", "django"}
    assert not imported & ours


@pytest.mark.parametrize(
    "status, location, done",
    [
        (200, "", True),
        (302, "/dossiers/3/", True),
        (302, "/connexion/?next=/dossiers/3/", False),
        (403, "", False),
        (409, "", False),
        (422, "", False),
        (500, "", False),
    ],
)
def test_what_counts_as_acknowledged(status, location, done):
    assert Answer(status, location, "", "/").done is done


def test_a_short_drill_loses_nothing(tmp_path):
    """Forty steps and three deaths, one of each kind; the whole drill is `script/drill`."""
    wanted, report = 40, tmp_path / "drill.json"
    environment = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    words = [settings.BASE_DIR / "script" / "drill", "--transitions", str(wanted), "--json", report]
    done = subprocess.run(words, env=environment, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    figures = json.loads(report.read_text())
    assert figures["acknowledged"] >= wanted
    assert {figures[key] for key in ("lost", "twice", "half", "messages_missing")} == {0}
    assert figures["kills_by_kind"] == {"web": 1, "worker": 1, "database": 1}
    assert figures["mails_received"] >= figures["mails_expected"] > 0
