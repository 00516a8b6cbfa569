"""Pieces of documents: what the showcase and the invented mass both write."""

import datetime as dt
from collections.abc import Iterable
from functools import cache, lru_cache
from typing import Any

from nomenclature.text import normalise

from .numbers import MAIL_DOMAIN

Line = dict[str, Any]

LANDLINE, MOBILE, MAIL, WEB = "2", "1", "3", "4"  # JDV_J225
OUVERTURE, SECRETARIAT, DOMICILE, SANS_RDV, FERMETURE = "01", "04", "05", "06", "08"  # TRE_R252
FONCTIONS, NATURES = "TRE_R251", "TRE_R287"

# Prestation SERAFIN of each activity used here (ASS_A14; the rest is our reading of the labels of JDV_J51).
FAMILLES = {
    "TRE_R265|004": "285 170 448 449 493 227 228 229 230 437 050 051 083 001 003 139 404 450 118 162 597 601 612 557",
    "TRE_R265|005": "287 288 568 571 556 631",
    "TRE_R265|006": "289 528 472",
    "TRE_R265|009": "290 291 292 200 339 283 558 549 620 621 622",
    "TRE_R265|011": "293 394",
    "TRE_R265|012": "294 295",
    "TRE_R265|013": "296 297 606",
    "TRE_R265|019": "298 401 533",
    "TRE_R265|020": "299",
    "TRE_R265|022": "300 301",
    "TRE_R265|023": "302 526",
    "TRE_R265|024": "303 304 305 438",
    "TRE_R265|025": "306 307",
    "TRE_R265|026": "308 309 342 553",
    "TRE_R265|027": "310 311 602",
    "TRE_R265|029": "312",
    "TRE_R265|030": "313 314 315 330",
    "TRE_R265|031": "402 403 324",
    "TRE_R265|034": "317",
    "TRE_R265|035": "318",
    "TRE_R265|037": "335 340 341 471 475 548 582 434 547",
    "TRE_R265|065": "322",
    "TRE_R265|067": "323",
    "TRE_R266|01": "325 326",
    "TRE_R266|02": "334 336 161 592 527",
    "TRE_R266|04": "392 393 511",
}
FAMILLE_OF = {code: famille for famille, codes in FAMILLES.items() for code in codes.split()}
MEDICO_SOCIAL = "TRE_R227|04"


@cache
def keys(system: str, codes: str) -> tuple[str, ...]:
    """`"08 41"` of one system as the sorted keys of a document."""
    return tuple(sorted(f"{system}|{code}" for code in codes.split()))


@cache
def trade_keys(codes: str) -> tuple[str, ...]:
    """`"R94|51 G15|60"`: professions come from several systems (JDV_J186)."""
    return tuple(sorted(f"TRE_{code}" for code in codes.split()))


def activites(uids: Iterable[str], codes: Iterable[str], champ: str) -> list[Line]:
    """Activities; the family is mandatory in the medico-social field only (RG_EXP_007)."""
    return [
        {
            "uid": uid,
            "activite": f"TRE_R211|{code}",
            "famille": FAMILLE_OF.get(code, "TRE_R265|004") if champ == MEDICO_SOCIAL else None,
        }
        for uid, code in zip(uids, codes, strict=False)
    ]


def telecom(uid: str, canal: str, adresse: str, *, niveau: int, utilisation: str = "") -> Line:
    return {"uid": uid, "canal": canal, "adresse": adresse, "utilisation": utilisation, "niveau": niveau}


def desk(uid: str, nature: str, telecoms: list[Line], *, niveau: int, ordre: int, description: str = "") -> Line:
    """A contact without a person (RG_EXP_040)."""
    return {
        "uid": uid,
        "nature": f"{NATURES}|{nature}",
        "niveau": niveau,
        "ordre": ordre,
        "description": description,
        "telecoms": telecoms,
    }


def person(
    uid: str, nom: str, fonction: str, telecoms: list[Line], *, niveau: int, ordre: int, description: str = ""
) -> Line:
    """A named contact and her function (RG_EXP_041)."""
    return {
        "uid": uid,
        "nom": nom,
        "fonction": f"{FONCTIONS}|{fonction}",
        "niveau": niveau,
        "ordre": ordre,
        "description": description,
        "telecoms": telecoms,
    }


def slot(
    uid: str,
    day: int | None,
    start: str | None,
    end: str | None,
    *,
    type_plage: str = OUVERTURE,
    first: dt.date | None = None,
    last: dt.date | None = None,
) -> Line:
    """One slot of the typical week, or a dated one."""
    return {
        "uid": uid,
        "type_plage": f"TRE_R252|{type_plage}",
        "jour_semaine": day,
        "heure_debut": start,
        "heure_fin": end,
        "date_debut": first and first.isoformat(),
        "date_fin": last and last.isoformat(),
    }


def slots_in_order(lines: list[Line]) -> list[Line]:
    """The order a document gives them back in: weekday, then hour, none last."""
    return sorted(lines, key=lambda line: (line["jour_semaine"] or 9, line["heure_debut"] or "99"))


def mailbox(*words: str) -> str:
    """`contact@csapa-les-mesanges.exemple.invalid`: the first word is the desk, the rest the structure."""
    desk_name, *rest = (_slug(word) for word in words)
    return f"{desk_name}@{'-'.join(rest)[:60].strip('-')}.{MAIL_DOMAIN}"


@lru_cache(10_000)
def _slug(text: str) -> str:
    return "-".join(normalise(text).split())


def website(name: str) -> str:
    return f"https://www.{_slug(name)[:50].strip('-')}.{MAIL_DOMAIN}/"
