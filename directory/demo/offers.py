"""One invented UO: the codes come from the catalogue, the rest is drawn."""

import datetime as dt
import re
from random import Random

from directory.documents import Document

from .catalogue import OFFRES, Offre
from .contacts import ContactMaker
from .horaires import planning
from .names import ACCUEIL, ADMISSION, ANIMAUX, COMPLEMENTS_UO, FICTIF, typo
from .numbers import MAIL_DOMAIN
from .parts import Line, activites, keys, trade_keys
from .world import Place, World

_AGE = re.compile(r"(?:(\d+)(mo|wk|d)?)?-(?:(\d+)(mo|wk|d)?)?")
RARE_SHARE, RARE_ACTES = 1 / 3, 40
KINDS = list(OFFRES)
OF_THE_UNIT = ("hopital", "readaptation")  # themes whose UO are named before their establishment


def ages(text: str) -> Line:
    """`6-20`, `18-`, `3mo-36mo` as the age fields (inclusive bounds; years unless said, RG_EXP_048)."""
    low, low_unit, high, high_unit = _AGE.fullmatch(text).groups()
    return {
        "age_min": low,
        "age_min_unite": low_unit or "a",
        "age_max": high,
        "age_max_unite": high_unit or "a",
    }


class OfferMaker:
    """Makes UO documents, without identifier nor closing."""

    def __init__(self, world: World, rng: Random, *, today: dt.date, uid, contacts: ContactMaker):
        self.world, self.rng, self.today, self.uid, self.contacts = world, rng, today, uid, contacts

    def make(self, key: str, *, variant: int, eg: Document, names: tuple[str, str], place: Place) -> Line:
        """The `variant`-th UO of this kind in the establishment so named (whole, then the house alone or nothing)."""
        offre, rng = OFFRES[key], self.rng
        info = self.world.types[offre.type_uo]
        champ = info.champ or f"TRE_R227|{offre.champ}"
        nom = self._nom(offre, variant, *names)
        found: Line = {
            "entite_geographique": eg["idnat_struct"],
            "nom": f"{nom} {FICTIF}",
            "type_uo": info.key,
            "type_offre": info.type_offre,
            "champ_activite": champ,
            "mode_prise_en_charge": info.mode or f"TRE_R213|{offre.mode}",
            "temporalite_accueil": f"TRE_R240|{offre.temporalite}" if offre.temporalite else None,
            "ouverture_annuelle": f"TRE_R238|{offre.ouverture}" if rng.random() < 0.85 else None,
            "unite_sensible": offre.sensible,
            "saisie_capacitaire_active": rng.random() < 0.1,
            "contacts": self.contacts.of_uo(nom, offre.theme, sensible=offre.sensible),
            "horaires": planning(rng, rng.choice(offre.horaires), self.today, self.uid) if rng.random() < 0.93 else [],
            "lieux_offre": self._lieux(eg),
            "zones_intervention": self.world.near(place, rng.randint(3, 16)) if offre.mobile else [],
        }
        return found | ages(rng.choice(offre.ages)) | self._codes(key, offre, champ) | self._texts(offre)

    @staticmethod
    def _nom(offre: Offre, variant: int, name: str, house: str) -> str:
        """« CSAPA Les Tilleuls », « IME Les Ormes – internat », « Cardiologie – Hôpital Le Grand Cèdre »."""
        if offre.theme in OF_THE_UNIT:
            return f"{_numbered(offre.noms, variant)} – {name}"
        head, _, tail = _numbered(offre.noms, variant).partition(" – ")
        nature = house or name.partition(" ")[2] or name
        for capital in (
            () if house else ("Le ", "La ", "Les ", "L’")
        ):  # « Équipe mobile Les Ormes »: the name of the house alone
            _, mark, rest = name.partition(f" {capital}")
            if mark:
                nature = capital + rest
                break
        return f"{head} {nature} – {tail}" if tail else f"{head} {nature}"

    def _codes(self, key: str, offre: Offre, champ: str) -> Line:
        actes = self._some("TRE_R210", offre.actes, 0.6)
        return {
            "activites": activites(iter(self.uid, None), self._main_activities(offre), champ),
            "actes_specifiques": actes + self._rare(key),
            "specialisations": self._some("TRE_R245", offre.specialisations, 0.6),
            "competences_specifiques": self._some("TRE_R243", offre.competences, 0.5),
            "specialites_ordinales": self._some("TRE_R38", offre.specialites, 0.8),
            "professions_ressources": sorted(key for key in trade_keys(offre.professions) if self.rng.random() < 0.7),
            "publics": keys("TRE_R239", offre.publics),
            "modalites_accueil": self._some("TRE_R338", offre.modalites, 0.85),
            "niveaux_expertise": trade_keys(offre.niveaux),
            "modes_gestion": keys("TRE_R236", "01 02" if self.rng.random() < 0.4 else "01")
            if offre.type_uo in ("30", "132")
            else [],
            "habilitation_soins_sans_consentement": self.rng.random() < 0.6 if champ == "TRE_R227|03" else None,
            "secteur_psychiatrique": f"Secteur G{self.rng.randint(1, 29):02d}"
            if champ == "TRE_R227|03" and offre.type_uo != "134"
            else "",
        }

    def _rare(self, key: str) -> list[str]:
        """One UO in three of a national set has one more, out of the forty that its kind may have: most are rare."""
        actes = self.world.rare_actes
        if not actes or self.rng.random() > RARE_SHARE:
            return []
        start = KINDS.index(key) * len(actes) // len(KINDS)
        return [actes[(start + int(RARE_ACTES * self.rng.random() ** 2)) % len(actes)]]

    def _main_activities(self, offre: Offre) -> list[str]:
        """The first two always, each other two times in three."""
        codes = offre.activites.split()
        return codes[:2] + [code for code in codes[2:] if self.rng.random() < 2 / 3]

    def _some(self, system: str, codes: str, share: float) -> list[str]:
        return [key for key in keys(system, codes) if self.rng.random() < share]

    def _texts(self, offre: Offre) -> Line:
        rng = self.rng
        texts = {
            "conditions_admission": (ADMISSION[offre.theme], 0.7),
            "conditions_accueil": (ACCUEIL, 0.5),
            "animaux_domestiques": (ANIMAUX, 0.3),
            "complements": (COMPLEMENTS_UO, 0.3),
        }
        found = {name: typo(rng.choice(choices)) if rng.random() < p else "" for name, (choices, p) in texts.items()}
        box = f"uo-{rng.randrange(100000):05d}@mssante.{MAIL_DOMAIN}"
        return found | {"adresse_mss": box if rng.random() < 0.35 else ""}

    def _lieux(self, eg: Document) -> list[Line]:
        """Nothing said: the main entrance. Where there is an antenna, half of the UO also work there."""
        lieux = eg["lieux"]
        if len(lieux) < 2 or self.rng.random() < 0.5:
            return []
        wanted = lieux if self.rng.random() < 0.5 else lieux[1:]
        return [{"uid": self.uid(), "lieu_uid": lieu["uid"]} for lieu in wanted]


def _numbered(noms: tuple[str, ...], variant: int) -> str:
    return noms[variant] if variant < len(noms) else f"{noms[0]} {variant + 1}"
