"""What the database holds once the drill is over, read by plain SQL; nothing of the portal is imported here.

The promises (`promises.jsonl`) are what the clients were told, one JSON object a line, each written by a client after
it read a 2xx or 3xx: `{"what": "step", "dossier", "version", "action", "by"}`, `{"what": "text", "fiche", "word"}`,
`{"what": "opening", "dossier"}`. `{"what": "unanswered", "url"}` promises nothing: a request that a death cut.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
from psycopg.rows import dict_row

Row = dict[str, Any]

QUERIES = {
    "dossiers": """
        select d.id, d.status, d.version, d.blocked, d.date_effet, d.eg_id, u.email as opened_by, u.is_active
        from dossiers_dossier d join accounts_user u on u.id = d.opened_by_id order by d.id""",
    "fiches": "select id, dossier_id, kind, key, content, reference, accepted from dossiers_draftfiche order by id",
    "lines": """
        select e.id, e.action, e.target, e.detail, u.email as by
        from journal_entry e join accounts_user u on u.id = e.author_id
        where e.target like 'dossier:%' order by e.id""",
    "messages": "select key, recipient from journal_message where key like 'dossier:%'",
    "versions": "select kind, object_id, key, number, origin, content from directory_ficheversion order by id",
    "live": """
        select 'eg' as kind, id as object_id, version from directory_entitegeographique
        union all select 'uo', id, version from directory_uniteoperationnelle""",
    "referents": """
        select eg.id as eg_id, u.email from directory_entitegeographique eg
        join directory_habilitation h on h.eg_id = eg.id or h.ej_id = eg.entite_juridique_id
        join accounts_user u on u.id = h.user_id
        where h.role = 'referent' and u.is_active and h.revoked_at is null
          and h.valid_from <= current_date and (h.valid_to is null or h.valid_to >= current_date)""",
    "searched": """
        select uo.identifiant as key, uo.nom, offre.nom as found from directory_uniteoperationnelle uo
        left join search_offre offre on offre.uo_id = uo.id where uo.published_at is not null""",
}


@dataclass
class Facts:
    """Rows of each query above, the promises made, and the Message-ID of every mail that arrived, in order."""

    dossiers: list[Row] = field(default_factory=list)
    fiches: list[Row] = field(default_factory=list)
    lines: list[Row] = field(default_factory=list)
    messages: list[Row] = field(default_factory=list)
    versions: list[Row] = field(default_factory=list)
    live: list[Row] = field(default_factory=list)
    referents: list[Row] = field(default_factory=list)
    searched: list[Row] = field(default_factory=list)
    promises: list[Row] = field(default_factory=list)
    mails: list[str] = field(default_factory=list)
    support: str = ""
    mail_domain: str = ""
    today: str = ""


def read(url: str, *, promises: Path, mails: Path, support: str, mail_domain: str) -> Facts:
    """The facts of a drill. `support`: the mailbox that is told of what is sent; `mail_domain`: of Message-ID."""
    with psycopg.connect(url, row_factory=dict_row) as db:
        found: dict[str, Any] = {name: db.execute(query).fetchall() for name, query in QUERIES.items()}
        found["today"] = db.execute("select current_date::text as today").fetchone()["today"]
    found |= {"promises": json_lines(promises), "mails": mails.read_text().split() if mails.exists() else []}
    return Facts(**found, support=support, mail_domain=mail_domain)


def json_lines(path: Path) -> list[Row]:
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def by(rows: Iterable[Row], *names: str) -> dict[Any, list[Row]]:
    """The rows grouped by one column, or by several."""
    found: dict[Any, list[Row]] = {}
    for row in rows:
        key = row[names[0]] if len(names) == 1 else tuple(row[name] for name in names)
        found.setdefault(key, []).append(row)
    return found
