"""Contacts of the invented fiches, at the three levels of confidentiality."""

from random import Random

from directory.models import Niveau

from .names import NOMS, PRENOMS, USAGES_TEL
from .numbers import Numbers
from .parts import LANDLINE, MAIL, MOBILE, WEB, Line, desk, mailbox, person, telecom, website

PUBLIC, PRO, REGULATION = (int(level) for level in Niveau)
ACCUEIL, RENDEZ_VOUS, ADMISSION, MEDICAL, STANDARD, SECRETARIAT = "01", "02", "03", "04", "06", "07"
ALERTE, DIRECTION, ALERTE_H24, ASTREINTE = "08", "10", "13", "14"
DIRECTEUR, REFERENT_ROR = "01", "12"
FONCTIONS_UO = {  # theme: fonctions of the person in charge
    "hopital": ("10", "03", "22"),
    "readaptation": ("03", "22", "10"),
    "age": ("08", "03", "22"),
    "enfance": ("20", "10", "04"),
    "handicap": ("20", "10"),
    "psychiatrie": ("03", "10"),
}


class ContactMaker:
    """Makes the contacts of one fiche after the other; draws in `rng`, numbers in `numbers`."""

    def __init__(self, rng: Random, numbers: Numbers, uid):
        self.rng, self.numbers, self.uid = rng, numbers, uid

    def name(self) -> str:
        return f"{self.rng.choice(PRENOMS)} {self.rng.choice(NOMS)} (fictif)"

    def fixe(self, niveau: int) -> Line:
        usage = self.rng.choice(USAGES_TEL)
        return telecom(self.uid(), LANDLINE, self.numbers.fixe(), niveau=niveau, utilisation=usage)

    def mobile(self, niveau: int) -> Line:
        return telecom(self.uid(), MOBILE, self.numbers.mobile(), niveau=niveau)

    def mail(self, niveau: int, box: str, structure: str) -> Line:
        return telecom(self.uid(), MAIL, mailbox(box, structure), niveau=niveau)

    def of_ej(self, name: str) -> list[Line]:
        telecoms = [self.fixe(PUBLIC), self.mail(PUBLIC, "siege", name)]
        if self.rng.random() < 0.5:
            telecoms.append(telecom(self.uid(), WEB, website(name), niveau=PUBLIC))
        return [desk(self.uid(), DIRECTION, telecoms, niveau=PUBLIC, ordre=0)]

    def of_eg(self, name: str, *, alert: bool) -> list[Line]:
        """A desk for all, the director, sometimes the référent ROR, and the alert cell where there is one."""
        rng = self.rng
        accueil = [self.mail(PUBLIC, "contact", name)]
        if rng.random() > 0.06:
            accueil.insert(0, self.fixe(PUBLIC))
        if rng.random() < 0.45:
            accueil.append(telecom(self.uid(), WEB, website(name), niveau=PUBLIC))
        lines = [desk(self.uid(), rng.choice((ACCUEIL, STANDARD)), accueil, niveau=PUBLIC, ordre=0)]
        director = [self.fixe(PRO), self.mail(PRO, "direction", name)]
        if rng.random() < 0.25:
            director.append(self.mobile(REGULATION))
        lines.append(person(self.uid(), self.name(), DIRECTEUR, director, niveau=PRO, ordre=1))
        if rng.random() < 0.35:
            telecoms = [self.mail(PRO, "referent-ror", name)]
            lines.append(person(self.uid(), self.name(), REFERENT_ROR, telecoms, niveau=PRO, ordre=len(lines)))
        if alert:
            telecoms = [self.mobile(REGULATION), self.mail(REGULATION, "alerte", name)]
            lines.append(desk(self.uid(), ALERTE, telecoms, niveau=REGULATION, ordre=len(lines)))
        return lines

    def of_uo(self, name: str, theme: str, *, sensible: bool) -> list[Line]:
        """Each level in turn; everything at level 3 for a sensitive unit (RG_EXP_039)."""
        rng = self.rng
        public, pro = (REGULATION, REGULATION) if sensible else (PUBLIC, PRO)
        nature = rng.choice((ACCUEIL, RENDEZ_VOUS, ADMISSION, SECRETARIAT))
        telecoms = [self.fixe(public)]
        if rng.random() < 0.6:
            telecoms.append(self.mail(public, "secretariat", name))
        if rng.random() < 0.1:
            telecoms.append(self.mobile(pro))
        lines = [desk(self.uid(), nature, telecoms, niveau=public, ordre=0)]
        if rng.random() < 0.55:
            medical = [self.fixe(pro)]
            lines.append(
                desk(self.uid(), MEDICAL, medical, niveau=pro, ordre=len(lines), description="Avis et orientation")
            )
        if rng.random() < 0.5:
            fonction = rng.choice(FONCTIONS_UO.get(theme, ("10", "22", "02")))
            telecoms = [self.fixe(pro), self.mail(pro, "responsable", name)]
            lines.append(person(self.uid(), self.name(), fonction, telecoms, niveau=pro, ordre=len(lines)))
        if rng.random() < 0.18:
            nature = rng.choice((ALERTE_H24, ASTREINTE))
            lines.append(desk(self.uid(), nature, [self.mobile(REGULATION)], niveau=REGULATION, ordre=len(lines)))
        return lines
