"""Asking for an extraction, having it made at once, and reading the file."""

import csv
import io

import openpyxl
from django.urls import reverse

from restitutions.extractions import services
from restitutions.models import Etat, Format, Perimetre

LIST = "/extractions/"
NEW = "/extractions/nouvelle/"


def download_url(extraction):
    return reverse("restitutions:extraction_telecharger", args=[extraction.pk])


def ask(by, **attrs):
    return services.ask(by=by, **{"perimetre": Perimetre.TOUT, "file_format": Format.XLSX} | attrs)


def made(by, **attrs):
    extraction = ask(by, **attrs)
    assert services.run(extraction.pk)
    extraction.refresh_from_db()
    return extraction


def lines(extraction):
    """{(établissement, UO): {column: value}} of a ready file."""
    assert extraction.etat == Etat.PRETE, extraction.reason
    if extraction.format == Format.CSV:
        found = list(csv.DictReader(io.StringIO(extraction.path.read_text("utf-8-sig")), delimiter=";"))
    else:
        head, *cells = openpyxl.load_workbook(extraction.path)["Offre"].iter_rows(values_only=True)
        found = [dict(zip(head, row, strict=True)) for row in cells]
    return {(row["Établissement"], row["Nom de l’UO"] or None): row for row in found}


def units(extraction):
    return sorted(unit for _, unit in lines(extraction) if unit)
