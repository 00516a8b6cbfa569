"""Builders: each gives a valid, published object; the test states only what matters to it.

Codes are written `system|code`. Nothing here loads the nomenclature: a builder makes the few concepts it needs.
Publication is recorded (version 1, author: the system user) but not projected: call `project(eg, …)` in tests that
read an index derived from the fiches.
"""

import datetime as dt
import itertools
import uuid
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from django.db import transaction
from stdnum import luhn

from accounts.models import User
from directory import publishing
from directory.authentication import SENSITIVE_ROLES
from directory.models import (
    ActiviteOperationnelle,
    Contact,
    EntiteGeographique,
    EntiteJuridique,
    Habilitation,
    Horaire,
    Kind,
    Lieu,
    Role,
    Telecommunication,
    UniteOperationnelle,
)
from directory.models.common import new_uid
from nomenclature.models import (
    ChampSaisie,
    CodeSystem,
    Commune,
    Concept,
    Departement,
    ModeleSaisie,
    Region,
    TypeUO,
    ValueSet,
    ValueSetMembership,
)

_serial = itertools.count(1)
PASSWORD = "une phrase de passe assez longue"
TOTP_SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
DEPARTEMENTS = {"75": "Paris", "77": "Seine-et-Marne", "91": "Essonne", "93": "Seine-Saint-Denis"}


# --- People -------------------------------------------------------------------------------------------------------


def make_user(
    email: str = "", *, role: str = "", ej=None, eg=None, departement=None, totp: bool | None = None, **attrs: Any
) -> User:
    """An active account; `role` (a `Role` value) adds one habilitation in force since 2020.

    Whom the rule of the second factor binds (support, administrators) has one, unless `totp` says otherwise.
    """
    attrs = {"first_name": "Nadia", "last_name": "Belkacem", "password": PASSWORD} | attrs
    user = User.objects.create_user(email or f"personne{next(_serial)}@exemple.fr", **attrs)
    if role:
        make_habilitation(user, role, ej=ej, eg=eg, departement=departement)
    if user.is_staff or user.is_superuser or role in SENSITIVE_ROLES if totp is None else totp:
        make_totp(user)
    return user


def make_totp(user: User) -> Authenticator:
    """A second factor whose secret is TOTP_SECRET."""
    return TOTP.activate(user, TOTP_SECRET).instance


def make_habilitation(user: User, role: str = Role.REFERENT, **attrs: Any) -> Habilitation:
    return Habilitation.objects.create(user=user, role=role, **{"valid_from": dt.date(2020, 1, 1)} | attrs)


# --- Nomenclature -------------------------------------------------------------------------------------------------


def make_concept(key: str, label: str = "", *, value_set: str = "", **attrs: Any) -> Concept:
    """The concept `system|code`, made when absent; `value_set` (`JDV_J55`…) makes it a value people may choose."""
    system, code = key.split("|")
    code_system, _ = CodeSystem.objects.get_or_create(code=system, defaults={"name": system})
    concept, _ = Concept.objects.get_or_create(
        system=code_system, code=code, defaults={"label": label or f"{system} {code}"} | attrs
    )
    if value_set:
        jdv, _ = ValueSet.objects.get_or_create(code=value_set, defaults={"name": value_set})
        ValueSetMembership.objects.get_or_create(value_set=jdv, concept=concept)
    return concept


def make_type_uo(code: str = "CSAPA", label: str = "", *, type_offre: str = "TRE_R244|90", **attrs: Any) -> TypeUO:
    """A type d’UO with its national type d’offre (`.concept` is what a UO carries)."""
    concept = make_concept(f"ror-type-uo|{code}", label or code)
    defaults = {"type_offre": make_concept(type_offre, value_set="JDV_J238")} | attrs
    return TypeUO.objects.get_or_create(concept=concept, defaults=defaults)[0]


def make_departement(code: str = "75", nom: str = "", **attrs: Any) -> Departement:
    region, _ = Region.objects.get_or_create(code="11", defaults={"nom": "Île-de-France"})
    defaults = {"nom": nom or DEPARTEMENTS.get(code, f"Département {code}"), "region": region} | attrs
    return Departement.objects.get_or_create(code=code, defaults=defaults)[0]


def make_commune(
    insee: str = "75110", nom: str = "Paris 10e Arrondissement", nom_ror: str = "", **attrs: Any
) -> Commune:
    """Paris 10 unless told otherwise; its département is made from the code."""
    if insee == "75110":
        nom_ror, attrs = (
            nom_ror or "Paris 10",
            {"latitude": 48.8762, "longitude": 2.3590, "codes_postaux": ["75010"]} | attrs,
        )
    defaults = {"nom": nom, "nom_ror": nom_ror or nom, "departement": make_departement(insee[:2])} | attrs
    return Commune.objects.get_or_create(insee=insee, defaults=defaults)[0]


# --- Directory ----------------------------------------------------------------------------------------------------


def make_finess(prefix: str = "75") -> str:
    """A number of nine characters with a right key."""
    body = f"{prefix}{next(_serial):06d}"
    return body + luhn.calc_check_digit(body)


def project(*etablissements: EntiteGeographique) -> None:
    """Refresh what is derived from these EG, as publishing does."""
    with transaction.atomic():
        publishing.run_projections(sorted({eg.pk for eg in etablissements}))


def _publish(kind: Kind, instance, publish: bool):
    if publish:
        publishing.publish_many(kind, [instance.pk], by=User.objects.system(), origin="test", project=False)
        instance.refresh_from_db(fields=["version", "updated_at", "published_at"])
    return instance


def make_ej(*, publish: bool = True, **attrs: Any) -> EntiteJuridique:
    defaults = {
        "raison_sociale": f"Association {next(_serial)}",
        "statut_juridique": make_concept("TRE_R72|60", "Association L.1901 non R.U.P.", value_set="JDV_J199"),
        "numero_voie": "3",
        "libelle_voie": "rue du Lys",
        "code_postal": "75010",
        "localite": "PARIS",
    }
    if not {"finess", "siren", "rang"} & attrs.keys():
        defaults["finess"] = make_finess()
    return _publish(Kind.EJ, EntiteJuridique.objects.create(**defaults | attrs), publish)


def make_eg(
    *, ej=None, commune=None, lieu: dict | bool = True, publish: bool = True, **attrs: Any
) -> EntiteGeographique:
    """An EG in Paris 10 with its main entrance; `lieu` gives attributes of the entrance, or False for none.

    The entrance takes the centre of `commune` as its position.
    """
    defaults = {
        "denomination": f"Établissement {next(_serial)}",
        "entite_juridique": ej or make_ej(),
        "categorie": make_concept("TRE_R66|197", "CSAPA", value_set="JDV_J55"),
    }
    if not {"finess", "siret", "rang"} & attrs.keys():
        defaults["finess"] = make_finess()
    eg = EntiteGeographique.objects.create(**defaults | attrs)
    if lieu is not False:
        make_lieu(
            eg, est_principal=True, commune=commune or make_commune(), **(lieu if isinstance(lieu, dict) else {})
        )
    return _publish(Kind.EG, eg, publish)


def make_lieu(eg: EntiteGeographique, *, commune: Commune | None = None, **attrs: Any) -> Lieu:
    commune = commune or make_commune()
    defaults = {
        "uid": new_uid(),
        "numero_voie": "12",
        "libelle_voie": "rue de Paradis",
        "code_postal": (commune.codes_postaux or [commune.insee])[0],
        "localite": commune.nom,
        "latitude": commune.latitude,
        "longitude": commune.longitude,
    }
    return Lieu.objects.create(entite_geographique=eg, commune=commune, **defaults | attrs)


def make_uo(
    *, eg=None, type_uo: str = "CSAPA", concepts: dict | None = None, publish: bool = True, **attrs: Any
) -> UniteOperationnelle:
    """A UO of `eg`. `concepts`: values of its M2M by field name, e.g. `{"actes_specifiques": [make_concept(…)]}`."""
    type_detail = make_type_uo(type_uo)
    defaults = {
        "nom": f"UO {next(_serial)}",
        "entite_geographique": eg or make_eg(),
        "type_uo": type_detail.concept,
        "type_offre": type_detail.type_offre,
        "champ_activite": make_concept("TRE_R227|04", "Médico-social", value_set="JDV_J20"),
        "mode_prise_en_charge": make_concept("TRE_R213|54", "Accueil individuel ou collectif", value_set="JDV_J19"),
    }
    uo = UniteOperationnelle(**defaults | attrs)
    for field, values in (concepts or {}).items():
        setattr(uo, field, values)
    uo.save()
    return _publish(Kind.UO, uo, publish)


def make_activite(uo: UniteOperationnelle, key: str = "TRE_R211|448", label: str = "", *, famille=None):
    activite = make_concept(key, label, value_set="JDV_J17")
    return ActiviteOperationnelle.objects.create(unite=uo, activite=activite, famille=famille)


def make_contact(owner, *, niveau: int = 2, telecoms: list | tuple = (), **attrs: Any) -> Contact:
    """A contact of an EJ, an EG or a UO. `telecoms`: (canal, adresse) or (canal, adresse, niveau)."""
    field = {EntiteJuridique: "entite_juridique", EntiteGeographique: "entite_geographique"}.get(type(owner), "unite")
    if not {"nom", "nature"} & attrs.keys():
        attrs["nom"] = f"Contact {next(_serial)}"
    contact = Contact.objects.create(**{field: owner, "niveau": niveau, "uid": uuid.uuid4().hex} | attrs)
    for canal, adresse, *level in telecoms:
        Telecommunication.objects.create(
            contact=contact, canal=canal, adresse=adresse, niveau=level[0] if level else niveau
        )
    return contact


def make_horaire(
    uo: UniteOperationnelle, jour: int | None, debut: str | None, fin: str | None, **attrs: Any
) -> Horaire:
    """A slot: ISO weekday, « 08:30 », « 12:00 »; `date_debut`, `date_fin` make it an exception."""
    return Horaire.objects.create(
        unite=uo,
        jour_semaine=jour,
        heure_debut=dt.time.fromisoformat(debut) if debut else None,
        heure_fin=dt.time.fromisoformat(fin) if fin else None,
        **attrs,
    )


def make_modele(kind: str = "uo", *, general: bool = False, codes: tuple | list = (), **champs: Any) -> ModeleSaisie:
    """A modèle de saisie; `codes`: keys of its types d’UO or categories.

    Each other argument is a field of the document and what the modèle says of it: `nom={"obligatoire": True}`;
    `permis` and `proposes` take concepts.
    """
    code = f"modele-{next(_serial)}"
    modele = ModeleSaisie.objects.create(code=code, libelle=code, kind=kind, general=general)
    (modele.types_uo if kind == "uo" else modele.categories).set([make_concept(key) for key in codes])
    for ordre, (champ, said) in enumerate(champs.items()):
        attrs = {"section": "Fiche", "ordre": ordre} | said
        links = {name: attrs.pop(name, ()) for name in ("permis", "proposes")}
        row = ChampSaisie.objects.create(modele=modele, champ=champ, **attrs)
        row.codes_permis.set(links["permis"])
        row.codes_proposes.set(links["proposes"])
    return modele
