"""Each address × each role × what is one's own, another's, or nobody's, from the URLconf and the table of `rules.py`.

Also, for each of them: GET writes nothing, a refused POST writes nothing, a POST without a CSRF token is refused, and
nothing answers 5xx.
"""

import datetime as dt
import logging
import re
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from http.cookies import SimpleCookie
from types import SimpleNamespace

import pytest
from allauth.account.internal.flows import login
from django.apps import apps
from django.conf import settings
from django.db import connection, transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from accounts import invitations
from accounts.models import Invitation
from api import clients
from api.models import Client as ApiClient
from directory import verifying
from directory.models import DemandeAcces, Kind, Role
from dossiers import drafts
from dossiers.models import Dossier, Remarque, Statut
from nomenclature.models import CodeSystem
from restitutions.models import Etat, Extraction, RechercheEnregistree
from restitutions.recherches import alertes
from tests.builders import make_activite, make_contact, make_departement, make_eg, make_uo, make_user
from tests.frame import rules
from tests.frame.rules import RULES, Rule

LOGIN = ("/connexion/", "/admin/login/")
# What a request may write whoever asks: the session, the counters of failed logins.
BOOKKEEPING = {"accounts_session", "django_session", "cache"}
WRITES = re.compile(r"\b(?:insert\s+into|(?<!for )(?<!key )update|delete\s+from)\s+\"?([a-z_]+)\"?", re.IGNORECASE)
AREAS = {  # of about the same weight, for two test processes
    "pages": rules.PAGES,
    "accounts": rules.ACCOUNTS,
    "lists": [rule for rule in rules.ADMINISTRATION if rule.name.startswith("admin:nomenclature_")],
    "administration": [rule for rule in rules.ADMINISTRATION if not rule.name.startswith("admin:nomenclature_")],
}


def names(resolver: URLResolver | None = None, prefix: str = "") -> Iterator[str]:
    """Every URL, by the name `reverse` knows; by its pattern when it has none."""
    for one in (resolver or get_resolver()).url_patterns:
        if isinstance(one, URLPattern):
            yield prefix + (one.name or str(one.pattern))
        else:
            yield from names(one, prefix + (f"{one.namespace}:" if one.namespace else ""))


def test_every_url_has_a_rule_and_every_rule_a_url():
    known = {rule.name for rule in RULES} | set(rules.WITHOUT_A_RULE)
    assert set(names()) - known == set(), "à déclarer dans tests/frame/rules.py"
    assert known - set(names()) == set(), "plus aucune adresse de ce nom"


def test_what_names_an_object_says_which():
    unknown = {rule.obj for rule in RULES if rule.obj} - set(rules.OBJECTS) - set(rules.ADMIN_MODELS)
    assert unknown == set()


@pytest.fixture(autouse=True)
def _quiet():
    """Thousands of refusals, each of which Django logs with its traceback."""
    logging.disable(logging.ERROR)
    yield
    logging.disable(logging.NOTSET)


# --- The world ------------------------------------------------------------------------------------------------------


@pytest.fixture
def world(db) -> SimpleNamespace:
    """One described establishment, another one elsewhere, and somebody in each role."""
    eg, elsewhere = make_eg(), make_eg()
    ej = eg.entite_juridique
    uo = make_uo(eg=eg)
    CodeSystem.objects.filter(concepts=uo.type_uo_id).update(is_regional=True)  # the concepts support may change
    make_contact(uo)
    make_activite(uo)
    staff = {"is_staff": True}
    people = {
        rules.READER: make_user(role=Role.LECTEUR),
        rules.REFERENT: make_user(role=Role.REFERENT, ej=ej),
        rules.OTHER: make_user(role=Role.REFERENT, eg=elsewhere),
        rules.CONTRIBUTOR: make_user(role=Role.CONTRIBUTEUR, eg=eg),
        rules.REGULATION: make_user(role=Role.REGULATION),
        rules.SUPPORT_HERE: make_user(role=Role.SUPPORT, **staff),
        rules.SUPPORT_AWAY: make_user(role=Role.SUPPORT, departement=make_departement("93"), **staff),
        rules.ADMINISTRATOR: make_user(role=Role.ADMINISTRATEUR, is_superuser=True, **staff),
    }
    assert set(people) | {rules.ANONYMOUS} == set(rules.ROLES)
    invited = make_user(is_active=False, password=None)
    invitation = Invitation(user=invited, purpose="lecteur", invited_by=people[rules.SUPPORT_HERE])
    invitation.renew(dt.timedelta(days=7))
    invitation.save()
    dossier, sent = (drafts.open_dossier(one, by=people[rules.REFERENT]) for one in (eg, make_eg(entite_juridique=ej)))
    Dossier.objects.filter(pk=sent.pk).update(
        status=Statut.SOUMIS, submitted_by=people[rules.REFERENT], submitted_at=timezone.now(), version=2
    )
    boss = people[rules.ADMINISTRATOR]
    recherche = RechercheEnregistree.objects.create(user=boss, name="CSAPA", query="q=csapa", words="csapa")
    return SimpleNamespace(
        recherche=recherche,
        alerte=alertes.token(recherche),
        extraction=Extraction.objects.create(
            requester=boss, perimetre="tout", words="Tout", format="csv", etat=Etat.EXPIREE
        ),
        eg=eg,
        dossier=dossier,
        draft=dossier.fiches.get(kind="uo"),
        remark=Remarque.objects.create(dossier=dossier, author=people[rules.REFERENT], text="À revoir."),
        sent=sent,
        uo=uo,
        sensitive=make_uo(eg=eg, unite_sensible=True),
        people=people,
        person=people[rules.READER],
        right=people[rules.REFERENT].habilitations.get(),
        request=DemandeAcces.objects.create(
            user=people[rules.READER], eg=eg, fonction="infirmière", motif="J’y suis."
        ),
        invitation_pk=invitation.pk,
        client_api=_client_api(people[rules.SUPPORT_HERE]),
        link=verifying.address(Kind.EG, eg, people[rules.REFERENT]).rstrip("/").rpartition("/")[2],
        invitation=invitations.token(invitation),
        sessions={role: _session(user) for role, user in people.items()},
    )


def _session(user) -> str:
    """Of somebody who has just confirmed who she is: no page asks for the password again."""
    client = Client()
    client.force_login(user)
    session = client.session
    session[login.AUTHENTICATION_METHODS_SESSION_KEY] = [
        {"method": "password", "at": time.time(), "email": user.email, "reauthenticated": True}
    ]
    session[login._AUTHENTICATION_METHODS_USER_SESSION_KEY] = login.user_id_to_str(user)
    session.save()
    return session.session_key


def _client_api(support) -> ApiClient:
    client = ApiClient(name="Client d’essai", responsable="essai@exemple.fr")
    clients.create(client, by=support)
    return client


# --- One request, then as if it had not been ------------------------------------------------------------------------


@contextmanager
def undone() -> Iterator[set[str]]:
    """The tables written meanwhile; all of it is rolled back."""
    written: set[str] = set()

    def watch(execute, sql, params, many, context):
        written.update(table for table in WRITES.findall(str(sql)) if table not in BOOKKEEPING)
        return execute(sql, params, many, context)

    block = transaction.atomic()
    block._from_testcase = True  # what the views call may be `durable`
    with block, connection.execute_wrapper(watch):
        yield written
        transaction.set_rollback(True)


class Browser:
    """One client for all: building it costs more than most requests."""

    def __init__(self, sessions: dict[str, str], *, csrf: bool = False):
        self.client = Client(raise_request_exception=False, enforce_csrf_checks=csrf)
        self.sessions = sessions

    def ask(self, role: str, method: str, path: str, data: dict | None = None) -> tuple[int | str, set[str]]:
        """(verdict, tables written). « login »: sent to the login page, or told to log in."""
        self.client.cookies = SimpleCookie()
        if role in self.sessions:
            self.client.cookies[settings.SESSION_COOKIE_NAME] = self.sessions[role]
        with undone() as written:
            response = getattr(self.client, method)(path, data or {})
        return verdict(response), written


def verdict(response: HttpResponse) -> int | str:
    if response.status_code == 401 or response.get("Location", "").startswith(LOGIN):
        return "login"
    return response.status_code


# --- What is right --------------------------------------------------------------------------------------------------


def right(rule: Rule, role: str, method: str, said: int | str, *, exists: bool = True) -> bool:
    """Whether this role may be answered this."""
    audience = rule.get if method == "get" else rule.post
    if said in rule.also and (audience is None or role in audience):
        return True
    if audience is None:
        return said == 405 or said in refusals(rule, role, exists=exists)
    if role not in audience:
        return said in refusals(rule, role, exists=exists)
    if not exists:
        return said == rule.missing
    good = {400, 409, 410, 422} if method == "post" else set()
    return isinstance(said, int) and (said < 400 or said in good)


def refusals(rule: Rule, role: str, *, exists: bool) -> set[int | str]:
    """How this role may be refused; what is not there may be said so to anybody logged in."""
    if role == rules.ANONYMOUS:
        return {"login", 403} if rule.name.startswith("api:") else {"login"}
    # The admin sends to its login, which answers 403 to who is no staff (test_pages).
    if rule.name.startswith("admin:") and role not in rules.STAFF:
        return {"login"}
    return {*rule.denied} if exists else {*rule.denied, 404, rule.missing}


def _address(name: str, arguments: rules.Arguments) -> str:
    if isinstance(arguments, dict):
        return reverse(name, kwargs=arguments)
    return reverse(name, args=arguments)


def paths(rule: Rule, world: SimpleNamespace) -> Iterable[tuple[str, bool]]:
    """(address, whether its object exists)."""
    if not rule.obj:
        return [(reverse(rule.name), True)]
    if rule.obj in rules.OBJECTS:
        existing, missing = rules.OBJECTS[rule.obj]
        return [(_address(rule.name, existing(world)), True), (_address(rule.name, missing), False)]
    pk = apps.get_model(*rule.obj.rsplit("_", 1)).objects.values_list("pk", flat=True).first()
    found = [(reverse(rule.name, args=["0"]), False)]
    return found + ([(reverse(rule.name, args=[pk]), True)] if pk is not None else [])


def requests(area: list[Rule], world: SimpleNamespace) -> Iterator[tuple[Rule, str, bool, str, str]]:
    """(rule, address, whether its object exists, role, method). Two people are enough for a method nobody may use."""
    for rule in area:
        for path, exists in paths(rule, world):
            roles = rule.roles if exists else rules.ROLES_FOR_WHAT_IS_MISSING
            for method, audience in (("get", rule.get), ("post", rule.post)):
                for role in roles if audience is not None else (rules.ANONYMOUS, rules.REFERENT):
                    yield rule, path, exists, role, method


def told(faults: list[str]) -> None:
    if faults:
        pytest.fail(f"{len(faults)} réponse(s) que la table ne dit pas :\n" + "\n".join(faults), pytrace=False)


@pytest.mark.parametrize("area", AREAS)
def test_each_role_gets_what_the_table_says(world, area):
    browser, faults = Browser(world.sessions), []
    for rule, path, exists, role, method in requests(AREAS[area], world):
        said, written = browser.ask(role, method, path, rule.data if method == "post" else None)
        audience = rule.get if method == "get" else rule.post
        if not right(rule, role, method, said, exists=exists):
            faults.append(f"{rule.name} {method} {path} · {role} : {said}")
        if written and (method == "get" or not exists or role not in (audience or ())):
            faults.append(f"{rule.name} {method} {path} · {role} : a écrit dans {sorted(written)}")
    told(faults)


@pytest.mark.parametrize("area", AREAS)
def test_no_write_without_a_csrf_token(world, area):
    browser, faults = Browser(world.sessions, csrf=True), []
    for rule in AREAS[area]:
        if rule.post and rules.ADMINISTRATOR in rule.post:
            path = next(path for path, exists in sorted(paths(rule, world), key=lambda one: not one[1]))
            said, written = browser.ask(rules.ADMINISTRATOR, "post", path, rule.data)
            if said != 403 or written:
                faults.append(f"{rule.name} {path} : {said}, {sorted(written)}")
    told(faults)


def test_a_table_that_lies_is_caught(world):
    """The matrix can fail: a rule that opens too much, one that closes too much, a write seen."""
    browser = Browser(world.sessions)
    said, _ = browser.ask(rules.READER, "get", reverse("directory:uo", args=[world.sensitive.cle]))
    assert not right(Rule("directory:uo", rules.MEMBERS, obj="sensitive"), rules.READER, "get", said)
    said, _ = browser.ask(rules.READER, "get", reverse("directory:uo", args=[world.uo.cle]))
    assert not right(Rule("directory:uo", rules.LEVEL_3, obj="uo"), rules.READER, "get", said)
    path = reverse("directory:eg_verifier", args=[world.eg.cle])
    said, written = browser.ask(rules.REFERENT, "post", path, {"version": 1})
    assert "directory_entitegeographique" in written
    world.eg.refresh_from_db()
    assert world.eg.verified_at is None
    assert not right(Rule("x"), rules.READER, "get", 500)
    assert not right(Rule("x", rules.MEMBERS, rules.MEMBERS), rules.READER, "post", 500)
