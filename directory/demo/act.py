"""The nine establishments that « Appartement de Coordination Thérapeutique (ACT) hors les murs » finds.

No other UO of the demo has this type d'UO: the training's search shows 9 établissements, 9 UO, whatever the size.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from directory.documents import Document
from directory.models import Kind

from .contacts import ACCUEIL, MEDICAL, PRO, PUBLIC
from .names import typo
from .parts import desk, keys, slots_in_order, trade_keys
from .showcase import Showcase

HORS_LES_MURS, HEBERGEMENT = "94-59-hlm", "94-46"


@dataclass(frozen=True)
class Act:
    """One establishment. `at`: latitude, longitude; `ao`: activities beside 340; `enfants`: serves E and A;
    `sans_telephone`, `ferme`: as the training's screen shows; `hebergement`: has an ordinary ACT as well."""

    nom: str
    commune: str
    rue: tuple[str, str]
    at: tuple[float, float] | None
    ao: str
    unite: str = ""
    enfants: bool = False
    sans_telephone: bool = False
    ferme: bool = False
    hebergement: bool = False
    zones: tuple[str, ...] = ()


# A name of the length that breaks rows: the mock-ups try theirs with it.
LONG_NAME = "Appartements de coordination thérapeutique hors les murs de la vallée de l’Yerres et du Val de Seine"

ACTS = (
    Act("ACT Les Glycines", "Paris 19e Arrondissement", ("21", "rue des Glycines"), (48.8838, 2.3838), "335 289 336",
        hebergement=True),
    Act("ACT Le Relais de Plaisance", "Paris 14e Arrondissement", ("6", "rue du Relais"), (48.8297, 2.3160), "335 289",
        sans_telephone=True),
    Act("ACT Val de Bièvre", "Le Kremlin-Bicêtre", ("40", "rue du Val-de-Bièvre"), (48.8108, 2.3602), "335 289 308",
        unite="ACT Val de Bièvre HLM", enfants=True, hebergement=True),
    Act("ACT Les Deux Rives", "Nanterre", ("32", "rue des Deux-Rives"), (48.8936, 2.2096), "335",
        unite="ACT Les Deux Rives, équipe mobile", enfants=True),
    Act("ACT Aurore du Plateau", "Le Raincy", ("15", "avenue du Plateau"), (48.8988, 2.5165), "289 336"),
    Act("ACT Villa Marguerite", "Créteil", ("8", "rue Marguerite"), (48.7856, 2.4492), "335 289 308", enfants=True,
        ferme=True, hebergement=True),
    Act("ACT Maison du Parc", "Versailles", ("11", "rue de la Maison-du-Parc"), (48.8041, 2.1167), "335 336"),
    Act(LONG_NAME,
        "Brunoy", ("5", "rue de l’Yerres"), (48.6912, 2.5027), "", enfants=True,
        zones=("75110", "91114", "91691", "94078")),
    Act("ACT Les Chemins de l’Oise", "Cergy", ("27", "chemin de l’Oise"), None, "", hebergement=True),
)  # fmt: skip


def documents(showcase: Showcase) -> Iterator[tuple[Kind, Document]]:
    """Two associations, nine establishments, nine UO « hors les murs » and the ACT of those that house people."""
    paris = showcase.place("Paris 20e Arrondissement")
    ejs = []
    for name, rue in (("Association Le Fil d’Ariane (fictif)", "12"), ("Fondation Horizon partagé (fictif)", "88")):
        ejs.append(showcase.ej(name, paris, statut="61", rue=(rue, "rue des Pyrénées")))
        yield Kind.EJ, ejs[-1]
    for rank, act in enumerate(ACTS):
        eg = _establishment(showcase, ejs[rank % 2], act)
        yield Kind.EG, eg
        yield Kind.UO, _mobile(showcase, eg, act)
        if act.hebergement:
            yield Kind.UO, _housing(showcase, eg, act)


def _establishment(showcase: Showcase, ej: Document, act: Act) -> Document:
    name = f"{act.nom} (fictif)"
    telecoms = [showcase.mail("contact", act.nom)]
    if not act.sans_telephone:
        telecoms.insert(0, showcase.fixe(PUBLIC))
    closing = (
        {"type_fermeture": "PRO", "date_fermeture": showcase.day(-12), "date_reouverture": showcase.day(26)}
        if act.ferme
        else {}
    )
    contacts = [desk(showcase.uid(), ACCUEIL, telecoms, niveau=PUBLIC, ordre=0)]
    if not act.sans_telephone:  # the director has a number too: the row of the training shows none at all
        contacts.append(showcase.director("Pauline Sarrazin (fictif)", act.nom, ordre=1))
    return showcase.eg(
        name, ej, showcase.place(act.commune), "165", rue=act.rue, at=act.at, accessibilite="TRE_R202|1",
        contacts=contacts, **closing,
    )  # fmt: skip


def _mobile(showcase: Showcase, eg: Document, act: Act) -> Document:
    unite = act.unite or f"{act.nom} – hors les murs"
    telecoms = [showcase.mail("equipe", act.nom)] if act.sans_telephone else [showcase.fixe(PUBLIC)]
    contacts = [desk(showcase.uid(), ACCUEIL, telecoms, niveau=PUBLIC, ordre=0)]
    if not act.sans_telephone:
        contacts.append(desk(showcase.uid(), MEDICAL, [showcase.fixe(PRO)], niveau=PRO, ordre=1))
    return showcase.uo(
        eg, f"{unite} (fictif)", HORS_LES_MURS, ao=f"340 {act.ao}".strip(), age_min="0" if act.enfants else "18",
        publics=keys("TRE_R239", "06 09"), actes_specifiques=keys("TRE_R210", "0989 1080"),
        specialisations=keys("TRE_R245", "10 16"), professions_ressources=trade_keys("R94|51 G15|60 R94|41"),
        modalites_accueil=keys("TRE_R338", "05 19"), contacts=contacts,
        zones_intervention=sorted(act.zones or [showcase.place(act.commune).insee]),
        horaires=slots_in_order(showcase.week(("12345", "09:00", "12:30"), ("12345", "13:30", "17:30"))),
        conditions_admission=typo(
            "Personne atteinte d’une maladie chronique, en situation de précarité, logée ou hébergée : "
            "l’équipe se déplace. Dossier médical et dossier social à envoyer ensemble."
        ),
    )  # fmt: skip


def _housing(showcase: Showcase, eg: Document, act: Act) -> Document:
    contacts = [desk(showcase.uid(), ACCUEIL, [showcase.fixe(PUBLIC)], niveau=PUBLIC, ordre=0)]
    return showcase.uo(
        eg, f"{act.nom} – hébergement (fictif)", HEBERGEMENT, ao="340 298 335", age_min="18",
        publics=keys("TRE_R239", "06 09"), actes_specifiques=keys("TRE_R210", "1080 1355"),
        temporalite_accueil="TRE_R240|01", ouverture_annuelle="TRE_R238|03", contacts=contacts,
        horaires=slots_in_order(showcase.week(("12345", "08:30", "18:00"))),
    )  # fmt: skip
