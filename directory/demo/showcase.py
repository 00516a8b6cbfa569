"""The structures of the trainings, exactly as the trainings describe them, and what the mock-ups show beside them.

Published one document at a time through `publishing.publish`, like anything a person publishes.
"""

import datetime as dt
from collections.abc import Iterator
from itertools import count

from django.conf import settings

from directory.documents import Document
from directory.models import Kind

from .complete import complete
from .contacts import (
    ACCUEIL,
    ALERTE_H24,
    DIRECTEUR,
    MEDICAL,
    PRO,
    PUBLIC,
    REFERENT_ROR,
    REGULATION,
    SECRETARIAT,
)
from .names import typo
from .numbers import Numbers
from .parts import (
    FERMETURE,
    LANDLINE,
    MAIL,
    MEDICO_SOCIAL,
    MOBILE,
    WEB,
    Line,
    activites,
    desk,
    keys,
    mailbox,
    person,
    slot,
    slots_in_order,
    telecom,
    trade_keys,
    website,
)
from .world import Place, World

OISEAUX, MESANGES = "SA Oiseaux (fictif)", "CSAPA Les Mésanges (fictif)"
EUCALYPTUS, LYS = "Association Eucalyptus (fictif)", "CAMSP du Lys (fictif)"


class Showcase:
    """Makes the documents in an order in which each names only those before it."""

    def __init__(self, world: World, *, today: dt.date, numbers: Numbers, first_offre: int = 1):
        self.world, self.today, self.numbers = world, today, numbers
        self._offres = count(first_offre)
        self._uids = count(1)
        ours = (place for place in world.places.values() if place.region == settings.REGION_CODE)
        self.places = {place.nom: place for place in ours}

    def documents(self) -> Iterator[tuple[Kind, Document]]:
        yield from self._oiseaux()
        yield from self._eucalyptus()
        yield from self._cytises()

    # --- Pieces ---

    def uid(self) -> str:
        return f"{next(self._uids):032x}"

    def place(self, name: str) -> Place:
        """By official name; arrondissements are « Paris 19e Arrondissement »."""
        return self.places[name]

    def ej(self, name: str, place: Place, *, statut: str, rue: tuple[str, str]) -> Document:
        finess = self.numbers.finess(place.departement)
        contacts = [desk(self.uid(), "10", [self.fixe(PUBLIC), self.mail("siege", name)], niveau=PUBLIC, ordre=0)]
        return complete(
            Kind.EJ,
            {
                "idnat_struct": f"1{finess}",
                "finess": finess,
                "siren": self.numbers.siren(),
                "raison_sociale": name,
                "statut_juridique": f"TRE_R72|{statut}",
                "date_creation": "1987-03-12",
                "contacts": contacts,
                **self.street(place, rue),
            },
        )

    def eg(
        self,
        name: str,
        ej: Document,
        place: Place,
        categorie: str,
        *,
        rue: tuple[str, str],
        at: tuple[float, float] | None = None,
        acces: str = "",
        **more,
    ) -> Document:
        """`at`: latitude, longitude; None leaves the EG out of the map."""
        finess = self.numbers.finess(place.departement)
        lieu = {
            "uid": self.uid(),
            "est_principal": True,
            "commune": place.insee,
            "fonction": "TRE_R343|005",
            "statut": "3",
            "description": typo(acces),
            "latitude": at and at[0],
            "longitude": at and at[1],
            "coordonnees_fiables": True if at else None,
            **self.street(place, rue),
        }
        return complete(
            Kind.EG,
            {
                "idnat_struct": f"1{finess}",
                "finess": finess,
                "siret": self.numbers.siret(ej["siren"]),
                "entite_juridique": ej["idnat_struct"],
                "denomination": name,
                "categorie": f"TRE_R66|{categorie}",
                "territoires_sante": [place.territoire] if place.territoire else [],
                "lieux": [lieu],
                **more,
            },
        )

    def uo(
        self, eg: Document, nom: str, type_uo: str, *, ao: str, mode: str = "", champ: str = MEDICO_SOCIAL, **more
    ) -> Document:
        """`ao`: activities in order; the closing of the EG is that of its UO (RG_EXP_044)."""
        info = self.world.types[type_uo]
        champ = info.champ or champ
        closing = {name: eg[name] for name in ("type_fermeture", "date_fermeture", "date_reouverture")}
        return complete(
            Kind.UO,
            closing
            | {
                "identifiant": f"{settings.REGION_CODE}/{next(self._offres)}",
                "entite_geographique": eg["idnat_struct"],
                "nom": nom,
                "type_uo": info.key,
                "type_offre": info.type_offre,
                "champ_activite": champ,
                "mode_prise_en_charge": info.mode or f"TRE_R213|{mode}",
                "activites": activites(iter(self.uid, None), ao.split(), champ),
            }
            | more,
        )

    def street(self, place: Place, rue: tuple[str, str]) -> Line:
        return {
            "numero_voie": rue[0],
            "libelle_voie": rue[1],
            "code_postal": place.code_postal,
            "localite": place.localite,
        }

    def fixe(self, niveau: int, utilisation: str = "") -> Line:
        return telecom(self.uid(), LANDLINE, self.numbers.fixe(), niveau=niveau, utilisation=typo(utilisation))

    def mobile(self, niveau: int) -> Line:
        return telecom(self.uid(), MOBILE, self.numbers.mobile(), niveau=niveau)

    def mail(self, box: str, structure: str, niveau: int = PUBLIC) -> Line:
        return telecom(self.uid(), MAIL, mailbox(box, structure.removesuffix(" (fictif)")), niveau=niveau)

    def director(self, nom: str, structure: str, ordre: int = 0) -> Line:
        telecoms = [self.fixe(PRO, "réservé aux professionnels"), self.mail("direction", structure, PRO)]
        return person(self.uid(), nom, DIRECTEUR, telecoms, niveau=PRO, ordre=ordre)

    def week(self, *slots: tuple[str, str, str]) -> list[Line]:
        """("12345", "08:00", "19:00")…"""
        return [slot(self.uid(), int(day), start, end) for days, start, end in slots for day in days]

    def day(self, days: int) -> str:
        return (self.today + dt.timedelta(days=days)).isoformat()

    # --- Training of March 2025: CSAPA ---

    def _oiseaux(self) -> Iterator[tuple[Kind, Document]]:
        evry = self.place("Évry-Courcouronnes")
        ej = self.ej(OISEAUX, evry, statut="73", rue=("4", "place des Oiseaux"))
        yield Kind.EJ, ej
        accueil = [
            self.fixe(PUBLIC),
            self.mail("contact", MESANGES),
            telecom(self.uid(), WEB, website("CSAPA Les Mésanges"), niveau=PUBLIC),
        ]
        contacts = [
            self.director("Camille Durand (fictif)", MESANGES),
            desk(self.uid(), ACCUEIL, accueil, niveau=PUBLIC, ordre=1),
            person(
                self.uid(),
                "Karim Oulad (fictif)",
                REFERENT_ROR,
                [self.mail("ror", MESANGES, PRO)],
                niveau=PRO,
                ordre=2,
            ),
        ]
        eg = self.eg(
            MESANGES, ej, evry, "197", rue=("18", "allée des Mésanges"), at=(48.6291, 2.4318),
            acces="RER D, Évry-Courcouronnes-Centre, à 10 min à pied.", accessibilite="TRE_R202|5",
            date_ouverture="2009-09-01", contacts=contacts,
        )  # fmt: skip
        yield Kind.EG, eg
        yield Kind.UO, self._csapa_accueil_de_jour(eg)

    def _csapa_accueil_de_jour(self, eg: Document) -> Document:
        secretariat = [self.fixe(PUBLIC), self.mail("secretariat", MESANGES)]
        contacts = [
            desk(self.uid(), SECRETARIAT, secretariat, niveau=PUBLIC, ordre=0),
            desk(self.uid(), MEDICAL, [self.fixe(PRO, "avis et orientation")], niveau=PRO, ordre=1),
        ]
        horaires = self.week(("1235", "09:00", "12:30"), ("1235", "13:30", "17:30"), ("4", "13:30", "19:00"))
        return self.uo(
            eg, "CSAPA – Accueil de jour (fictif)", "80", ao="001 404", mode="47",
            specialisations=keys("TRE_R245", "10"), actes_specifiques=keys("TRE_R210", "0815 0932 1013"),
            professions_ressources=trade_keys("R94|51 G15|60 R94|41"),
            competences_specifiques=keys("TRE_R243", "41 08"),
            publics=keys("TRE_R239", "04"), age_min="18", modalites_accueil=keys("TRE_R338", "03 06"),
            ouverture_annuelle="TRE_R238|04", contacts=contacts, horaires=slots_in_order(horaires),
            conditions_admission=typo(
                "Toute personne majeure concernée par une conduite addictive, la sienne ou celle d’un proche. "
                "Un simple appel suffit ; l’accueil est gratuit et confidentiel."
            ),
            conditions_accueil=typo(
                "Accueil sans rendez-vous le matin, par un éducateur ou un infirmier ; sur rendez-vous l’après-midi. "
                "Casiers, douche et collation à disposition."
            ),
            animaux_domestiques=typo(
                "Chiens et petits animaux acceptés dans la cour, tenus en laisse et à jour de leurs vaccins."
            ),
        )  # fmt: skip

    # --- Training of September 2025: CAMSP and PCO; the rest of the tree is that of « Mes structures » ---

    def _eucalyptus(self) -> Iterator[tuple[Kind, Document]]:
        corbeil, evry, brunoy = (self.place(n) for n in ("Corbeil-Essonnes", "Évry-Courcouronnes", "Brunoy"))
        ej = self.ej(EUCALYPTUS, corbeil, statut="60", rue=("12", "allée du Lys"))
        yield Kind.EJ, ej
        accueil = [self.fixe(PUBLIC), self.mail("contact", LYS)]
        lys = self.eg(
            LYS, ej, corbeil, "190", rue=("12", "allée du Lys"), at=(48.6091, 2.4752),
            acces="RER D, Corbeil-Essonnes, à 8 min.", accessibilite="TRE_R202|5", date_ouverture="1998-01-05",
            contacts=[
                self.director("Hélène Vasseur (fictif)", LYS),
                desk(self.uid(), ACCUEIL, accueil, niveau=PUBLIC, ordre=1),
            ],
        )  # fmt: skip
        yield Kind.EG, lys
        yield Kind.UO, self._camsp(lys)
        yield Kind.UO, self._pco(lys)
        saules = "CMPP des Saules (fictif)"
        cmpp = self.eg(
            saules, ej, evry, "189", rue=("7", "rue des Saules"), at=(48.6243, 2.4379), accessibilite="TRE_R202|1",
            contacts=[self.director("Olivier Périchon (fictif)", saules)],
        )  # fmt: skip
        yield Kind.EG, cmpp
        offre = {
            "ao": "289 290 306 308",
            "mode": "54",
            "actes_specifiques": keys("TRE_R210", "0481 0624 0988"),
            "specialisations": keys("TRE_R245", "03 11"),
            "publics": keys("TRE_R239", "02"),
            "specialites_ordinales": keys("TRE_R38", "SM43"),
        }
        contacts = [desk(self.uid(), SECRETARIAT, [self.fixe(PUBLIC)], niveau=PUBLIC, ordre=0)]
        horaires = self.week(("1245", "08:45", "18:30"), ("3", "08:45", "17:00"))
        yield Kind.UO, self.uo(cmpp, saules, "62", age_min="3", age_max="20", contacts=contacts,
                               horaires=slots_in_order(horaires), **offre)  # fmt: skip
        closing = {"type_fermeture": "PRO", "date_fermeture": self.day(-5), "date_reouverture": self.day(19)}
        contacts = [desk(self.uid(), SECRETARIAT, [self.fixe(PUBLIC)], niveau=PUBLIC, ordre=0)]
        yield Kind.UO, self.uo(cmpp, "CMPP des Saules, adolescents (fictif)", "62", age_min="12", age_max="20",
                               contacts=contacts, **offre, **closing)  # fmt: skip
        yield Kind.EG, self.eg("Équipe mobile Les Frênes (fictif)", ej, brunoy, "608", rue=("3", "rue des Frênes"),
                               at=(48.6981, 2.5062))  # fmt: skip

    def _camsp(self, eg: Document) -> Document:
        """Ages 0 to 6; week 38 of 2025 is the one the training changes: Wednesday 17 closed in the afternoon."""
        changed = dt.date(2025, 9, 17)
        horaires = self.week(("12345", "08:00", "19:00"), ("6", "08:30", "13:00"))
        horaires.append(slot(self.uid(), 3, "12:00", "19:00", type_plage=FERMETURE, first=changed, last=changed))
        medical = [self.fixe(PRO, "de 9 h à 17 h")]
        secretariat = [self.mail("secretariat", LYS) | {"utilisation": "réponse sous deux jours ouvrés"}]
        contacts = [
            desk(
                self.uid(),
                MEDICAL,
                medical,
                niveau=PRO,
                ordre=0,
                description="Téléphone médical : avis et orientation",
            ),
            desk(self.uid(), SECRETARIAT, secretariat, niveau=PUBLIC, ordre=1, description="Secrétariat, accueil"),
            self.director("Hélène Vasseur (fictif)", LYS, ordre=2),
            desk(
                self.uid(),
                ALERTE_H24,
                [self.mobile(REGULATION)],
                niveau=REGULATION,
                ordre=3,
                description="Ligne de crise",
            ),
        ]
        return self.uo(
            eg, LYS, "61", ao="293 306 335 336 289 448 290 308", mode="54",
            age_min="0", age_max="6", publics=keys("TRE_R239", "02"),
            actes_specifiques=keys("TRE_R210", "0854 0988 0989"),
            specialisations=keys("TRE_R245", "03 11 14 16 25"),
            # « Psychiatrie, option enfant et adolescent (SM) » has two codes: SM43 is spelt as the training spells it.
            specialites_ordinales=keys("TRE_R38", "SM43 SM40"),
            professions_ressources=trade_keys("R95|93 R94|51 G15|91 G15|96"),
            competences_specifiques=keys("TRE_R243", "05"), modalites_accueil=keys("TRE_R338", "03 04 05"),
            ouverture_annuelle="TRE_R238|02", contacts=contacts, horaires=slots_in_order(horaires),
            adresse_mss="camsp.lys@mssante.exemple.invalid",
            zones_intervention=sorted(p.insee for p in self.world.places.values() if p.departement == "91")[:20],
            conditions_admission=typo(
                "Enfant présentant un trouble du neurodéveloppement, sans notification de la MDPH."
            ),
            animaux_domestiques="Les animaux domestiques ne sont pas acceptés.",
        )  # fmt: skip

    def _pco(self, eg: Document) -> Document:
        contacts = [desk(self.uid(), ACCUEIL, [self.fixe(PUBLIC), self.mail("pco", LYS)], niveau=PUBLIC, ordre=0)]
        return self.uo(
            eg, "PCO TND du Lys (fictif)", "84", ao="582", mode="58", age_min="0", publics=keys("TRE_R239", "02"),
            specialisations=keys("TRE_R245", "02 03 11 14"), contacts=contacts,
            horaires=slots_in_order(self.week(("23456", "08:00", "19:00"))),
        )  # fmt: skip

    # --- A structure whose unit is sensitive: every contact at level 3 ---

    def _cytises(self) -> Iterator[tuple[Kind, Document]]:
        place = self.place("Saint-Denis")
        ej = self.ej("Association Les Cytises (fictif)", place, statut="61", rue=("9", "rue des Cytises"))
        yield Kind.EJ, ej
        name = "CHRS Les Cytises (fictif)"
        eg = self.eg(
            name, ej, place, "214", rue=("9", "rue des Cytises"), at=(48.9362, 2.3574), accessibilite="TRE_R202|1",
            contacts=[self.director("Samira Rahmani (fictif)", name)],
        )  # fmt: skip
        yield Kind.EG, eg
        telecoms = [self.mobile(REGULATION), self.mail("alerte", name, REGULATION)]
        contacts = [desk(self.uid(), ALERTE_H24, telecoms, niveau=REGULATION, ordre=0)]
        yield Kind.UO, self.uo(
            eg, "Mise à l’abri Les Cytises (fictif)", "258", ao="392 308 317", age_min="18", unite_sensible=True,
            publics=keys("TRE_R239", "06 10"), modalites_accueil=keys("TRE_R338", "08"), contacts=contacts,
            horaires=slots_in_order(self.week(("1234567", "00:00", "23:59"))),
        )  # fmt: skip
