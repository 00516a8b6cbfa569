"""Who is master of what in a fiche, as data: what FINESS or support alone changes, whatever a référent restores.

Names are those of the documents. The FINESS imports write the same fields (`tests/directory/test_history.py` holds the
two together); `docs/import-finess.md` says why each one.
"""

from directory.models import Kind
from directory.models.common import Adresse

UID = "finess"  # of the line (lieu, contact, telecom) that FINESS writes
CLOSING = ("type_fermeture", "date_fermeture", "date_reouverture")
ADDRESS = tuple(field.name for field in Adresse._meta.fields)

# Kept from the live fiche by a restoration. For a UO: its identity, its place in the tree, its closing.
KEPT: dict[Kind, tuple[str, ...]] = {
    Kind.EJ: (
        "idnat_struct",
        "finess",
        "siren",
        "rang",
        "raison_sociale",
        "complement_raison_sociale",
        "statut_juridique",
        "date_creation",
        "a_identifier",
        *ADDRESS,
        *CLOSING,
    ),
    Kind.EG: (
        "idnat_struct",
        "finess",
        "siret",
        "rang",
        "entite_juridique",
        "site_principal",
        "denomination",
        "complement_denomination",
        "categorie",
        "modalite_participation_sph",
        "date_ouverture",
        "date_autorisation",
        *CLOSING,
    ),
    Kind.UO: ("identifiant", "entite_geographique", *CLOSING),
}

# Of the lieu FINESS writes and of the main entrance; the rest of the line (name, access) belongs to the structure.
KEPT_OF_LIEU = ("est_principal", *ADDRESS, "commune", "latitude", "longitude", "coordonnees_fiables")

# What a référent changes alone, at once: all the rest of a fiche goes through a dossier and its validation.
DIRECT: dict[Kind, tuple[str, ...]] = {
    Kind.EJ: (),
    Kind.EG: ("contacts", "commentaire"),
    Kind.UO: (
        "contacts",
        "horaires",
        "conditions_admission",
        "conditions_accueil",
        "animaux_domestiques",
        "complements",
    ),
}

FINESS_CONTACT = "Ce contact est repris de FINESS à chaque import\u00a0: laissez-le, et ajoutez le vôtre."


def finess_contact_changed(before: dict, after: dict) -> bool:
    """The contact that FINESS writes would be overwritten by the next import: to be said rather than lost."""
    old, new = ([one for one in document.get("contacts") or [] if one["uid"] == UID] for document in (before, after))
    return [one | {"ordre": 0} for one in old] != [one | {"ordre": 0} for one in new]
