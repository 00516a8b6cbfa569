"""Dossiers of the demo: one in each state, so that every screen can be seen at once. Each step is a real one.

Nothing is written beside the workflow but the age of what it wrote.
"""

import datetime as dt
from collections.abc import Callable

import pgtrigger
from django.db.models import Count, F, Q

from accounts.models import User
from directory import documents, publishing
from directory.models import EntiteGeographique, Habilitation, Kind, Role
from directory.models.common import new_uid
from dossiers import checklist, decisions, drafts, effects, workflow
from dossiers.models import Decision, Dossier, DraftFiche, Remarque
from journal.models import Entry
from ror import clock

LYS, MESANGES, SAULES = "CAMSP du Lys (fictif)", "CSAPA Les Mésanges (fictif)", "CMPP des Saules (fictif)"
CAMPAGNE = "CSAPA et CAARUD 2026"
Scene = Callable[["Stage", EntiteGeographique], Dossier]


class Stage:
    """The people of the demo, and how they write."""

    def __init__(self) -> None:
        people = User.objects.in_bulk(field_name="email")
        self.camille, self.karim = people["referent@demo.ror"], people["referent2@demo.ror"]
        self.helene = people["autre@demo.ror"]
        self.sophie, self.paul = people["support@demo.ror"], people["admin@demo.ror"]

    def open(self, eg: EntiteGeographique, by: User, campagne: str = "") -> Dossier:
        if by == self.helene:
            since = clock.today() - dt.timedelta(days=400)
            Habilitation.objects.get_or_create(user=by, role=Role.REFERENT, eg=eg, defaults={"valid_from": since})
        return drafts.open_dossier(eg, by=by, campagne=campagne)

    def unit(self, dossier: Dossier) -> DraftFiche:
        return DraftFiche.objects.filter(dossier=dossier, kind=Kind.UO).order_by("position").first()

    def write(self, draft: DraftFiche, by: User, *, finalise: bool = True, **changes) -> DraftFiche:
        draft = drafts.save(draft.pk, version=draft.version, saisie=None, document=draft.content | changes, by=by)
        return drafts.finalise(draft.pk, version=draft.version, by=by) if finalise else draft

    def step(self, dossier: Dossier, action: str, by: User, **more) -> Dossier:
        dossier.refresh_from_db()
        return workflow.move(action, dossier.pk, version=dossier.version, by=by, **more)

    def remark(self, dossier: Dossier, by: User, text: str, **on: object) -> None:
        Remarque.objects.create(dossier=dossier, author=by, text=text, **on)

    def sent(self, eg: EntiteGeographique, by: User, *, date_effet=None, campagne: str = "", **changes) -> Dossier:
        """Open, change the unit, finish every fiche, send."""
        dossier = self.open(eg, by, campagne)
        self.write(self.unit(dossier), by, **changes)
        for draft in DraftFiche.objects.filter(dossier=dossier).exclude(state="finalisee"):
            drafts.finalise(draft.pk, version=draft.version, by=by)
        return self.step(dossier, "submit", by, date_effet=date_effet)

    def accept(self, dossier: Dossier, by: User) -> None:
        for review in decisions.reviews(dossier):
            addresses = [one.address for one in review.undecided]
            if addresses:
                decisions.decide(review.draft.pk, addresses, is_accepted=True, by=by)

    def validated(self, eg: EntiteGeographique, *, date_effet=None, **changes) -> Dossier:
        dossier = self.sent(eg, self.helene, date_effet=date_effet, campagne=CAMPAGNE, **changes)
        self.step(dossier, "take", self.sophie)
        self.accept(dossier, self.sophie)
        return self.step(dossier, "validate", self.sophie)


def seed() -> int:
    """Create the dossiers if there are none; returns how many there are."""
    if not Dossier.objects.exists():
        stage = Stage()
        trainings = EntiteGeographique.objects.filter(denomination__in=(LYS, MESANGES, SAULES))
        named = {eg.denomination: eg for eg in trainings}
        _lys(stage, named[LYS])
        _mesanges(stage, named[MESANGES])
        _saules(stage, named[SAULES])
        for scene, eg in zip(OTHERS, _described(len(OTHERS)), strict=True):
            scene(stage, eg)
    return Dossier.objects.count()


def _described(count: int) -> list[EntiteGeographique]:
    """Invented establishments that are open, with few units, each of them complete enough to be sent again."""
    categories = ("197", "178", "189", "190", "165")
    some = EntiteGeographique.objects.filter(type_fermeture="", categorie__code__in=categories)
    some = some.exclude(denomination__in=(LYS, MESANGES, SAULES)).exclude(habilitations__isnull=False)
    some = some.annotate(n=Count("unites", filter=Q(unites__unite_sensible=False))).filter(n__range=(1, 3))
    found = []
    for eg in some.order_by("pk").iterator():
        starts = drafts.starting_documents(eg)
        drafted = [
            DraftFiche(kind=kind, key=key, content=start.document, base=start.document, dossier=Dossier(eg=eg))
            for (kind, key), start in starts.items()
        ]
        eg_document = drafted[0].content
        if len(drafted) > 1 and not any(checklist.document_problems(one, one.content, eg_document) for one in drafted):
            found.append(eg)
        if len(found) == count:
            return found
    raise LookupError(f"{len(found)} établissements complets sur {count}")


def _aged(dossier: Dossier, days: float) -> Dossier:
    """As if all of it were `days` earlier, its lines in the journal too: the one thing that is not a step."""
    shift = dt.timedelta(days=days)
    names = ("opened_at", "updated_at", "submitted_at", "assigned_at", "decided_at", "published_at")
    Dossier.objects.filter(pk=dossier.pk).update(**{name: F(name) - shift for name in names})
    DraftFiche.objects.filter(dossier=dossier).update(updated_at=F("updated_at") - shift)
    Remarque.objects.filter(dossier=dossier).update(at=F("at") - shift)
    Decision.objects.filter(fiche__dossier=dossier).update(at=F("at") - shift)
    with pgtrigger.ignore("journal.Entry:journal_is_append_only"):
        Entry.objects.filter(target=dossier.reference).update(at=F("at") - shift)
    return dossier


# --- The structures of the trainings ---------------------------------------------------------------------------------


def _lys(stage: Stage, eg: EntiteGeographique) -> Dossier:
    """In progress, two people: one fiche saved, one finished, the PCO to complete (the mock-up)."""
    dossier = stage.open(eg, stage.camille, "CAMSP et CMPP 2026")
    etablissement, camsp, pco = DraftFiche.objects.filter(dossier=dossier).order_by("kind", "content__nom")
    stage.write(etablissement, stage.camille, finalise=False, commentaire="Parking des familles devant l’entrée.")
    stage.write(camsp, stage.karim, conditions_admission="Sur prescription médicale, et en accord avec la famille.")
    stage.write(pco, stage.camille, finalise=False, age_max=None, contacts=[])
    text = "J’ajouterais que le médecin traitant peut nous appeler avant."
    stage.remark(dossier, stage.karim, text, fiche=camsp, address="conditions_admission")
    stage.remark(dossier, stage.camille, "Je complète la PCO, je te laisse la fiche de l’établissement.")
    return _aged(dossier, 2)


def _mesanges(stage: Stage, eg: EntiteGeographique) -> Dossier:
    """Sent this morning: texts, codes, a contact added, one removed, other hours, and a new unit (CJC)."""
    dossier = stage.open(eg, stage.camille, CAMPAGNE)
    unit = stage.unit(dossier)
    content = unit.content
    first, *others = content["contacts"]
    number = {"uid": new_uid(), "canal": "2", "adresse": "0199000042", "utilisation": "", "niveau": 1}
    desk = {"nature": "TRE_R287|02", "fonction": None, "nom": "", "niveau": 1, "ordre": 5, "telecoms": [number]}
    appointment = desk | {"uid": new_uid(), "description": "Prise de rendez-vous"}
    stage.write(
        unit,
        stage.camille,
        conditions_accueil=content["conditions_accueil"].replace("Casiers", "Laverie, casiers"),
        actes_specifiques=sorted({*content["actes_specifiques"][1:], "TRE_R210|0624"}),
        contacts=[first | {"description": "Secrétariat, accueil"}, appointment, *others[1:]],
        horaires=[line for line in content["horaires"] if line["jour_semaine"] != 5],
    )
    copy = drafts.duplicate(unit, by=stage.karim)
    stage.write(copy, stage.karim, nom="Consultation jeunes consommateurs (fictif)", age_min="12", age_max="25")
    for draft in DraftFiche.objects.filter(dossier=dossier).exclude(state="finalisee"):
        drafts.finalise(draft.pk, version=draft.version, by=stage.camille)
    date_effet = clock.today() + dt.timedelta(days=14)
    return _aged(stage.step(dossier, "submit", stage.camille, date_effet=date_effet), 0.1)


def _saules(stage: Stage, eg: EntiteGeographique) -> Dossier:
    """Returned for correction, with a refused line."""
    dossier = stage.sent(
        eg, stage.camille, animaux_domestiques="Acceptés.", complements="Atelier d’écriture le mercredi."
    )
    stage.step(dossier, "take", stage.sophie)
    unit = stage.unit(dossier)
    decisions.decide(unit.pk, ["complements"], is_accepted=True, by=stage.sophie)
    decisions.decide(
        unit.pk, ["animaux_domestiques"], is_accepted=False, by=stage.sophie, motif="imprecise",
        message="Quels animaux, et dans quels espaces ?",
    )  # fmt: skip
    comment = "Merci pour cette mise à jour. Un point à préciser avant publication."
    return _aged(stage.step(dossier, "return", stage.sophie, comment=comment), 3)


# --- Others ----------------------------------------------------------------------------------------------------------


def _late(stage: Stage, eg: EntiteGeographique) -> Dossier:
    """Taken by support, half decided, beyond the target delay."""
    changes = {"complements": "Groupe de parole le jeudi.", "conditions_admission": "Sur simple appel."}
    dossier = stage.sent(eg, stage.helene, campagne=CAMPAGNE, **changes)
    stage.step(dossier, "take", stage.sophie)
    decisions.decide(stage.unit(dossier).pk, ["complements"], is_accepted=True, by=stage.sophie)
    return _aged(dossier, 9)


def _waiting(stage: Stage, eg: EntiteGeographique) -> Dossier:
    """Validated, to be published in ten days."""
    later = clock.today() + dt.timedelta(days=10)
    return _aged(stage.validated(eg, date_effet=later, complements="Nouvelle permanence le samedi matin."), 1)


def _published(stage: Stage, eg: EntiteGeographique) -> Dossier:
    return _aged(stage.validated(eg, complements="Entrée par la cour."), 6)


def _abandoned(stage: Stage, eg: EntiteGeographique) -> Dossier:
    return _aged(stage.step(stage.open(eg, stage.helene), "abandon", stage.helene), 20)


def _asleep(stage: Stage, eg: EntiteGeographique) -> Dossier:
    """Opened three weeks ago, nobody came back."""
    return _aged(stage.open(eg, stage.helene, CAMPAGNE), 21)


def _blocked(stage: Stage, eg: EntiteGeographique) -> Dossier:
    """Validated for today: the unit becomes sensitive, but a référent gave it a public contact meanwhile, which a
    sensitive unit may not have. Set aside, and support is told."""
    uo = eg.unites.order_by("nom", "pk").first()
    live = documents.to_document(Kind.UO, uo.pk)
    hidden = [
        contact | {"niveau": 3, "telecoms": [telecom | {"niveau": 3} for telecom in contact["telecoms"]]}
        for contact in live["contacts"]
    ]
    tomorrow = clock.today() + dt.timedelta(days=1)
    dossier = stage.validated(eg, date_effet=tomorrow, unite_sensible=True, contacts=hidden)
    public = live["contacts"][0] | {"uid": new_uid(), "description": "Nouvelle permanence", "telecoms": []}
    publishing.publish(Kind.UO, live | {"contacts": [*live["contacts"], public]}, by=stage.helene, origin="direct")
    Dossier.objects.filter(pk=dossier.pk).update(date_effet=clock.today())
    effects.apply_due()
    return _aged(dossier, 1)


def _alone(stage: Stage, eg: EntiteGeographique) -> Dossier:
    """Sent by a colleague of support: somebody else validates it."""
    return _aged(stage.sent(eg, stage.paul, complements="Interprète en langue des signes sur rendez-vous."), 4)


OTHERS: tuple[Scene, ...] = (_late, _waiting, _published, _abandoned, _asleep, _blocked, _alone)
