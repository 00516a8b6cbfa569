"""Reads a folder of TRE_*.json and JDV_*.json, as collected from the ANS terminologies (history included)."""

import datetime as dt
import json
import re
from pathlib import Path
from typing import Any

from nomenclature.loading.rows import Bundle, ConceptRow, LoadingError, Member, Source

# A parent code without a system is one of the level above.
PARENT_SYSTEMS = {"TRE_R64": "TRE_R63", "TRE_R65": "TRE_R64", "TRE_R66": "TRE_R65"}
# JDV_J226 of 2022 names its system by OID only.
OID_SYSTEMS = {"1.2.250.1.213.3.3.221": "TRE_R338"}
_NATIONAL_URL = re.compile(r"/(TRE_[A-Z]\d+)-")


def read(folder: Path) -> Bundle:
    """Every TRE and JDV of a folder; definitions are not carried."""
    bundle = Bundle(labels_name_concepts=True)
    for path in sorted(folder.glob("TRE_*.json")):
        read_tre(path, bundle)
    for path in sorted(folder.glob("JDV_*.json")):
        read_jdv(path, bundle)
    return bundle


def parse(path: Path) -> dict[str, Any]:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise LoadingError(f"{path.name} : JSON illisible ({error}).") from error


def read_tre(path: Path, bundle: Bundle) -> None:
    tre = parse(path)
    try:
        system = tre["id"]
        bundle.systems[system] = Source(
            system,
            tre["name"],
            tre["title"],
            tre["system"],
            tre.get("oid", ""),
            tre.get("version") or tre.get("as_of", ""),
        )
        rows = bundle.concepts[system] = {}
        for concept in tre["concepts"]:
            if concept["code"] in rows:
                raise LoadingError(f"{path.name} : le code « {concept['code']} » y est deux fois.")
            rows[concept["code"]] = concept_row(system, concept)
    except (KeyError, ValueError, TypeError) as error:
        raise LoadingError(f"{path.name} : contenu inattendu ({error!r}).") from error


def concept_row(system: str, concept: dict[str, Any]) -> ConceptRow:
    """Deprecated in the TRE, or last seen in an older JDV only: retired."""
    return ConceptRow(
        code=concept["code"],
        label=concept["label"],
        short_label=concept.get("short", ""),
        alt_labels=tuple(concept.get("alt", [])),
        valid_from=day(concept.get("valid_from")),
        valid_to=day(concept.get("valid_to")),
        retired=bool(concept.get("deprecated") or concept.get("last_seen")),
        parent=parent_key(system, concept.get("parent", "")),
    )


def day(text: str | None) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None


def parent_key(system: str, parent: str) -> str:
    if not parent:
        return ""
    named, _, code = parent.rpartition(":")
    return f"{named or PARENT_SYSTEMS.get(system, system)}|{code}"


def read_jdv(path: Path, bundle: Bundle) -> None:
    """Codes come with their labels in older files (`concepts`), else bare (`codes`; `labels` where worded apart)."""
    jdv = parse(path)
    try:
        code = jdv["id"]
        if code in bundle.value_sets:
            raise LoadingError(f"{path.name} : {code} est déjà dans le dossier, dans une autre version.")
        bundle.value_sets[code] = Source(
            code, jdv["name"], jdv["title"], jdv["url"], jdv.get("oid", ""), jdv["version"]
        )
        members: dict[tuple[str, str], Member] = {}
        for include in jdv["includes"]:
            system = include.get("id") or system_code(include["system"])
            bundle.systems.setdefault(system, Source(system, system, url=include["system"]))
            labels = include.get("labels", {})
            found = [Member(system, c["code"], c["label"], worded=True) for c in include.get("concepts", [])]
            found += [Member(system, c, labels.get(c, "")) for c in include.get("codes", [])]
            members |= {(system, member.code): member for member in found}
        bundle.members[code] = list(members.values())
    except (KeyError, ValueError, TypeError) as error:
        raise LoadingError(f"{path.name} : contenu inattendu ({error!r}).") from error


def system_code(url: str) -> str:
    """`…/NOS/TRE_R211-ActiviteOperationnelle/FHIR/…` -> `TRE_R211`; an OID address -> the OID."""
    if match := _NATIONAL_URL.search(url):
        return match[1]
    oid = url.removeprefix("urn:oid:")
    return OID_SYSTEMS.get(oid, oid)
