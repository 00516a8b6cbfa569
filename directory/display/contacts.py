"""Contacts and telecoms a reader may see: the one place where levels are applied for the fiche pages."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from directory.display.common import Concepts
from directory.documents import Document
from directory.models import Niveau
from directory.models.contacts import Canal

CANAL = "TRE_R200"
PHONES = (Canal.MOBILE, Canal.FIXE)


@dataclass(frozen=True)
class TelecomLine:
    """`kind`: `phone`, `email`, `web` or `text` (fax, radio…); `href` only where a link is safe."""

    kind: str
    address: str
    href: str
    canal: str
    use: str
    niveau: int
    niveau_label: str


@dataclass(frozen=True)
class ContactLine:
    """`label` is the person and her function, or the desk."""

    label: str
    description: str
    niveau: int
    niveau_label: str
    telecoms: list[TelecomLine]


def canal_keys(document: Document) -> set[str]:
    """Concepts of the channels used: documents hold the bare code."""
    return {f"{CANAL}|{line['canal']}" for contact in document["contacts"] for line in contact["telecoms"]}


def readable(document: Document, *, level: int) -> list[dict]:
    """Contacts of a document up to `level`, each with its telecoms up to `level` (RG_EXP_032 to 034): the rest never
    leaves here."""
    return [
        contact | {"telecoms": [line for line in contact["telecoms"] if line["niveau"] <= level]}
        for contact in document["contacts"]
        if contact["niveau"] <= level
    ]


def visible_contacts(document: Document, *, level: int, concepts: Concepts) -> list[ContactLine]:
    """The same, as a page shows them."""
    return [_contact(contact, concepts) for contact in readable(document, level=level)]


def _contact(contact: dict, concepts: Concepts) -> ContactLine:
    return ContactLine(
        label=_label(contact, concepts),
        description=contact["description"],
        niveau=contact["niveau"],
        niveau_label=Niveau(contact["niveau"]).label,
        telecoms=[_telecom(line, concepts) for line in contact["telecoms"]],
    )


def _label(contact: dict, concepts: Concepts) -> str:
    if contact["nature"]:
        return concepts[contact["nature"]].label
    if contact["fonction"]:
        fonction = concepts[contact["fonction"]].label
        return f"{contact['nom']}, {fonction[:1].lower()}{fonction[1:]}"
    return contact["nom"] or "Contact"


def _telecom(line: dict, concepts: Concepts) -> TelecomLine:
    kind, href = _link(line["canal"], line["adresse"].strip())
    canal = concepts.get(f"{CANAL}|{line['canal']}")
    return TelecomLine(
        kind=kind,
        address=line["adresse"],
        href=href,
        canal=canal.label if canal else "",
        use=line["utilisation"],
        niveau=line["niveau"],
        niveau_label=Niveau(line["niveau"]).label,
    )


def _link(canal: str, address: str) -> tuple[str, str]:
    """Kind and address of the link. Typed text becomes a link only when it is what its channel says."""
    if canal in PHONES:
        return "phone", ""
    if canal == Canal.MEL:
        try:
            validate_email(address)
        except ValidationError:
            return "text", ""
        return "email", f"mailto:{address}"
    if canal == Canal.WEB:
        return _web(address)
    return "text", ""


def _web(address: str) -> tuple[str, str]:
    """Only https is followed; « www.exemple.fr » is read as such."""
    url = address if "://" in address else f"https://{address}"
    try:
        parts = urlsplit(url)
    except ValueError:
        return "text", ""
    safe = parts.scheme == "https" and "." in parts.netloc and "@" not in parts.netloc and " " not in url
    return ("web", url) if safe else ("text", "")
