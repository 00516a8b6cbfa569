"""A structure with its people, and dossiers on it in any state, each step made by the workflow itself."""

import datetime as dt
from dataclasses import dataclass

from accounts.models import User
from directory import documents, publishing
from directory.models import EntiteGeographique, Role, UniteOperationnelle
from dossiers import decisions, drafts, workflow
from dossiers.models import Dossier, DraftFiche
from tests.builders import make_concept, make_contact, make_eg, make_uo, make_user

TODAY, TOMORROW = dt.date(2026, 3, 2), dt.date(2026, 3, 3)  # a Monday; see the fixture `monday`


@dataclass
class Structure:
    """An establishment with one unit, two référents, and an agent of support."""

    eg: EntiteGeographique
    uo: UniteOperationnelle | None
    camille: User
    karim: User
    sophie: User


def make_structure(*, with_uo: bool = True) -> Structure:
    """The unit has a contact; no modèle de saisie is loaded, so a fiche is complete as it is."""
    make_concept("TRE_R286|DEF", "Définitive", value_set="JDV_J201")
    eg = make_eg(denomination="CSAPA Les Mésanges (fictif)")
    uo = make_complete_uo(eg) if with_uo else None
    return Structure(
        eg,
        uo,
        make_user("camille@exemple.fr", role=Role.REFERENT, eg=eg, first_name="Camille"),
        make_user("karim@exemple.fr", role=Role.REFERENT, eg=eg, first_name="Karim"),
        make_user("sophie@exemple.fr", role=Role.SUPPORT, first_name="Sophie", is_staff=True),
    )


def make_complete_uo(eg: EntiteGeographique, nom: str = "Accueil de jour") -> UniteOperationnelle:
    """A medico-social unit with all that no modèle de saisie may waive: its public (RG_EXP_008)."""
    publics = [make_concept("TRE_R239|07", "Personnes en situation d’addiction", value_set="JDV_J29")]
    uo = make_uo(eg=eg, nom=nom, conditions_accueil="Sur rendez-vous.", concepts={"publics": publics}, publish=False)
    make_concept("TRE_R200|2", "Téléphone fixe", value_set="JDV_J225")
    make_contact(uo, nom="Secrétariat", telecoms=[("2", "0199000001")])
    publishing.publish_many("uo", [uo.pk], by=User.objects.system(), origin="test", project=False)
    uo.refresh_from_db()
    return uo


def edit(draft: DraftFiche, by: User, *, finalise: bool = True, **changes) -> DraftFiche:
    """Save a draft with these root fields changed, and finalise it."""
    draft.refresh_from_db()
    draft = drafts.save(draft.pk, version=draft.version, saisie=None, document=draft.content | changes, by=by)
    return drafts.finalise(draft.pk, version=draft.version, by=by) if finalise else draft


def draft_of(dossier: Dossier, kind: str) -> DraftFiche:
    return DraftFiche.objects.get(dossier=dossier, kind=kind)


def opened(structure: Structure, **changes) -> Dossier:
    """A dossier where the unit was changed (its conditions d’accueil unless told) and every fiche is finalised."""
    dossier = drafts.open_dossier(structure.eg, by=structure.camille)
    for draft in DraftFiche.objects.filter(dossier=dossier):
        is_uo = draft.kind == "uo"
        edit(draft, structure.camille, **((changes or {"conditions_accueil": "Sans rendez-vous."}) if is_uo else {}))
    dossier.refresh_from_db()
    return dossier


def step(dossier: Dossier, action: str, by: User, **more) -> Dossier:
    """One step at the version the row has now."""
    version = Dossier.objects.values_list("version", flat=True).get(pk=dossier.pk)
    return workflow.move(action, dossier.pk, version=version, by=by, **more)


def submitted(structure: Structure, *, date_effet: dt.date | None = None, **changes) -> Dossier:
    return step(opened(structure, **changes), "submit", structure.camille, date_effet=date_effet)


def taken(structure: Structure, **more) -> Dossier:
    return step(submitted(structure, **more), "take", structure.sophie)


def accept_all(dossier: Dossier, by: User) -> None:
    for review in decisions.reviews(dossier):
        addresses = [one.address for one in review.proposals]
        if addresses:
            decisions.decide(review.draft.pk, addresses, is_accepted=True, by=by)


def validated(structure: Structure, **more) -> Dossier:
    """Accepted in full; published at once unless `date_effet` is later."""
    dossier = taken(structure, **more)
    accept_all(dossier, structure.sophie)
    return step(dossier, "validate", structure.sophie)


def publish_uo(structure, **changes) -> None:
    """Somebody publishes the unit directly."""
    live = documents.to_document("uo", structure.uo.pk)
    publishing.publish("uo", live | changes, by=structure.karim, origin="direct")


def move_to_another_eg(structure):
    other = make_eg()
    publish_uo(structure, entite_geographique=other.idnat_struct)
    return other
