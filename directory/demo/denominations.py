"""Names as messy as those of FINESS, for the national set: upper case, sigles, abbreviations, saints, towns, streets.

Every name is invented. How they are built, the abbreviations and the share of each pattern were read in the file of
January 2021 (source: FINESS, ministère chargé de la Santé / ANS, Licence Ouverte); towns are the real communes.
"""

from functools import lru_cache
from random import Random

from nomenclature.text import normalise

from .etablissements import Etablissement
from .names import NATURE, VOIES_NOMS
from .world import Place

LENGTH = 60  # FINESS stops at 38 characters for the short name, 60 for the long one
HEADS: dict[str, tuple[str, ...]] = {
    "500": ("EHPAD", "EHPAD", "EHPAD RESIDENCE", "RESIDENCE", "MAISON DE RETRAITE", "E.H.P.A.D.", "EHPAD DU CH", "MR"),
    "202": ("RESIDENCE AUTONOMIE", "RESIDENCE", "RES AUTONOMIE", "FOYER LOGEMENT", "RPA"),
    "354": ("SSIAD", "SSIAD", "S.S.I.A.D.", "SERVICE DE SOINS A DOMICILE", "SSIAD ADMR"),
    "209": ("SAD MIXTE", "SERVICE AUTONOMIE A DOMICILE", "SPASAD"),
    "460": ("SAAD", "SAD", "SERVICE D'AIDE A DOMICILE", "AIDE A DOMICILE"),
    "183": ("IME", "IME", "I.M.E.", "INSTITUT MEDICO-EDUCATIF", "EXTERNAT MEDICO PEDAGOGIQUE"),
    "182": ("SESSAD", "SESSAD", "S.E.S.S.A.D.", "SERV EDUC SPEC SOINS DOM"),
    "186": ("ITEP", "I.T.E.P.", "DITEP", "INSTITUT THERAPEUTIQUE"),
    "189": ("CMPP", "CMPP", "C.M.P.P.", "CTRE MEDICO PSYCHO PEDAGOGIQUE"),
    "190": ("CAMSP", "C.A.M.S.P.", "CAMSP POLYVALENT", "ANTENNE CAMSP"),
    "197": ("CSAPA", "CSAPA", "C.S.A.P.A.", "CENTRE DE SOINS EN ADDICTOLOGIE", "ANTENNE CSAPA"),
    "178": ("CAARUD", "C.A.A.R.U.D.", "CAARUD MOBILE"),
    "246": ("ESAT", "ESAT", "E.S.A.T.", "ATELIERS", "ESAT HORS LES MURS", "CAT"),
    "255": ("MAS", "M.A.S.", "MAISON D'ACCUEIL SPECIALISEE"),
    "448": ("EAM", "FAM", "F.A.M.", "FOYER D'ACCUEIL MEDICALISE"),
    "449": ("FOYER DE VIE", "FOYER", "FOYER D'HEBERGEMENT", "EANM", "RESIDENCE"),
    "446": ("SAVS", "S.A.V.S.", "SERV ACCOMPAGNEMENT VIE SOCIALE"),
    "445": ("SAMSAH", "S.A.M.S.A.H."),
    "156": ("CMP", "CMP", "CMP ADULTES", "CMP ENFANTS", "C.M.P.", "CENTRE MEDICO PSYCHOLOGIQUE"),
    "355": ("CENTRE HOSPITALIER", "CH", "CENTRE HOSPITALIER INTERCOMMUNAL", "HOPITAL LOCAL", "CHI", "GH"),
    "365": ("CLINIQUE", "POLYCLINIQUE", "HOPITAL PRIVE", "CLINIQUE CHIRURGICALE"),
    "109": ("CENTRE DE READAPTATION", "CLINIQUE SSR", "CRF", "CTRE DE REEDUCATION FONCTIONNELLE", "SMR"),
    "124": ("CDS", "CENTRE DE SANTE", "CDS MEDICO-DENTAIRE", "CENTRE MUNICIPAL DE SANTE", "CMS", "CDS DENTAIRE"),
    "603": ("MSP", "MAISON DE SANTE", "MAISON DE SANTE PLURIPRO", "POLE DE SANTE"),
    "620": ("PHARMACIE", "PHARMACIE", "SELARL PHARMACIE", "SELAS PHARMACIE", "PHIE", "EURL PHARMACIE"),
    "611": ("LBM", "LBM SELAS", "LABORATOIRE", "LABM", "LBM SITE"),
    "223": ("CPMI", "PMI", "CTRE DE PROTECTION MAT ET INFANTILE"),
    "214": ("CHRS", "C.H.R.S.", "CENTRE D'HEBERGEMENT"),
}
ABBREVIATIONS = {
    "SAINT": ("ST", "ST", "SAINT"), "SAINTE": ("STE", "STE", "SAINTE"), "RESIDENCE": ("RES", "RESID", "RESIDENCE"),
    "CENTRE": ("CTRE", "CENTRE", "CENTRE"), "SERVICE": ("SERV", "SCE", "SERVICE"),
    "HOSPITALIER": ("HOSP", "HOSPITALIER"), "DOCTEUR": ("DR", "DOCTEUR"), "GENERAL": ("GAL", "GENERAL"),
    "MEDICAL": ("MED", "MEDICAL"),
    "AVENUE": ("AV", "AVENUE"), "BOULEVARD": ("BD", "BOULEVARD"), "NOTRE DAME": ("ND", "N D", "NOTRE DAME"),
    "ASSOCIATION": ("ASS", "ASSOC", "ASSOCIATION"), "DOMICILE": ("DOM", "DOMICILE"), "SUR": ("S/", "SUR", "SUR"),
}  # fmt: skip
GIVEN = (
    "MARIE JEAN PIERRE LOUIS LOUISE JOSEPH HENRI ANDRE ANNE PAUL JACQUES MARGUERITE GERMAINE MARCEL ROBERT RENE LUCIE "
    "SIMONE ODETTE YVONNE MADELEINE SUZANNE GEORGES CHARLES EMILE JULES LEON EUGENE ALBERT MAURICE RAYMOND ROGER "
    "LUCIEN GASTON FERNAND EDMOND VICTOR ETIENNE MARTIN MICHEL NICOLAS VINCENT ANTOINE FRANCOIS BENOIT BERNARD "
    "LAURENT CLAUDE THERESE CATHERINE CLAIRE BLANDINE GENEVIEVE CECILE AGNES ROSE BLANCHE CAMILLE JEANNE HELENE "
    "MATHILDE ODILE SOLANGE BRIGITTE DENISE GABRIEL GABRIELLE ARMAND ALEXANDRE AUGUSTE BASILE CLEMENT CONSTANT DAMIEN "
    "DANIEL DAVID EDOUARD ELOI FELIX FIRMIN FLORENT GERARD GILLES GREGOIRE GUILLAUME HILAIRE HUBERT IRENEE JULIEN "
    "LAMBERT LAZARE LEGER LOUP LUC MALO MARC MATHIEU MAUR MAXIME MEDARD OMER PHILIBERT PRIVAT QUENTIN REMI ROCH "
    "SATURNIN SAUVEUR SERNIN SIMON SULPICE SYLVAIN THIBAULT THOMAS URBAIN VAAST VALERY VIVIEN YVES ZELIE ADELE BERTHE"
).split()
WOMEN = frozenset(
    "MARIE LOUISE ANNE MARGUERITE GERMAINE LUCIE SIMONE ODETTE YVONNE MADELEINE SUZANNE THERESE CATHERINE CLAIRE "
    "BLANDINE GENEVIEVE CECILE AGNES ROSE BLANCHE CAMILLE JEANNE HELENE MATHILDE ODILE SOLANGE BRIGITTE DENISE "
    "GABRIELLE ZELIE ADELE BERTHE".split()
)
# Halves of surnames: most of the 5,000 combinations are nobody's name.
FIRST_HALF = (
    "AUB BAR BEL BER BLAN BON BOUR BRI CAR CAS CHAB CHAM CHAR CLAV COR COST COUR DEL DES DOM DUR ESC FAB FAY FER FLEU "
    "FON FOUR GAL GAR GER GIR GOD GRAN GRI GUI HAR HER JAC JOL LAB LAM LAR LAV LEF LEM LER MAL MAR MAS MER MON MOR "
    "NAV NOR OLI PAS PEL PER PIN POM PRE QUES RAB RAV REN RIV ROB ROC ROU SAB SAL SAV SER SOL TAR TER THI TOUR TRE "
    "VAL VAR VER VIG VIL KER PLOU TRAN NGO DIA BEN ETCH GOY SCH WAL ZIM BRUN"
).split()
SECOND_HALF = (
    "AIN AND ANGER ARD AUD AULT AUX BERT BIER CHEZ COURT DIER DIN DOUX EAU ELIN ELLE ENNE ERIN ESSE EVAL FORT GEOT "
    "GNOL GUET IER IGNON ILLON INEAU IOT ISSON LAIN LEC LIER LOT MAND MEL MIER NARD NEAU NIER OLLE ON ONNET OUX OYER "
    "QUET RIEUX RON SEC TEL TIER TON VAIN VEL VOST AC IC EC OU IGUE EIX ENA"
).split()
PLACES = (
    "BELLEVUE BEAUSOLEIL BEAUREGARD BEAUSEJOUR BELAIR MONTPLAISIR MONREPOS SOLEIL RIVAGE HORIZON PANORAMA BOCAGE "
    "CHAMPFLEURI CLAIRVAL CLAIREFONTAINE FONTVERT HAUTERIVE MALADRERIE MOULINET PRIEURE ABBAYE BASTIDE BERGERIE "
    "CASTEL CHARTREUSE CHATELET CHAUMIERE CITADELLE CLOSERIE COMMANDERIE COUDRAIE DOMAINE FAIENCERIE FAUBOURG FERME "
    "FORGES FRESNAIE GALLOIRE GENETAIE GRANGE GUINGUETTE HALLE HAMEAU HERMITAGE HOUBLONNIERE JONCHERE LAVANDIERE "
    "MAGNANERIE MANUFACTURE MARAIS MARINA METAIRIE MINOTERIE OLIVERAIE ORANGERIE OSERAIE PALOMBIERE PASSERELLE "
    "PIGEONNIER POTERNE PRADELLE RAMPART ROSERAIE SABLIERE SAULAIE TANNERIE TERRASSES TONNELLE TUILERIE VANNERIE "
    "VERRERIE VIGNERAIE VILLANELLE CALANQUE GARRIGUE MESNIL BRIQUETERIE PEUPLERAIE HETRAIE CHATAIGNERAIE"
).split()
SYLLABLES = "A E I O U".split()
CONSONANTS = "BCDFGLMNPRST"


class Denominations:
    """Names one establishment after the other; draws in `rng`."""

    def __init__(self, rng: Random):
        self.rng = rng

    def establishment(self, profile: Etablissement, place: Place) -> tuple[str, str]:
        """(its name, the name of the house without the kind): « EHPAD RES ST FIRMIN », « ST FIRMIN »."""
        heads = HEADS.get(profile.categorie) or tuple(plain(nom) for nom in profile.noms)
        head, house = self.rng.choice(heads), self.house(place)
        if self.rng.random() < 0.12:
            house = f"{self._sigle()} {house}"
        town = plain(place.short_name)
        if self.rng.random() < 0.2 and town not in house:
            house += self.rng.choice((f" {town}", f" SITE DE {town}", f" - {town}", f" ({town})"))
        name = self._shorten(f"{head} {house}")
        return name[:LENGTH].strip(" -("), self._shorten(house)[:LENGTH].strip(" -(")

    def carrier(self, place: Place) -> str:
        """Name of an association or a group: « ASS LES AMIS DE ST LOUP », « A.G.E.P. »."""
        rng, sigle = self.rng, self._sigle()
        pattern = rng.choice(
            ("{h}", "LES AMIS DE {h}", "{s}", "{s} {t}", "GROUPE {n}", "FONDATION {g} {n}", "{s} {n}")
        )
        return self._shorten(
            pattern.format(h=self.house(place), s=sigle, t=plain(place.short_name), n=self.surname(),
                           g=rng.choice(GIVEN))
        )[:LENGTH].strip(" -(")  # fmt: skip

    def house(self, place: Place) -> str:
        """Saints, persons, trees, streets, the town itself: the shares are those of FINESS, by eye."""
        rng, town = self.rng, plain(place.short_name)
        street = plain(rng.choice(VOIES_NOMS))
        patterns = (
            (18, lambda: plain(rng.choice(NATURE))),
            (14, self._saint),
            (14, lambda: f"{rng.choice(GIVEN)} {self.surname()}"),
            (16, lambda: f"{rng.choice(('DE ', 'DE ', '', 'SITE DE '))}{town}"),
            (10, lambda: f"{rng.choice(('LE ', 'LA ', '', 'RESIDENCE ', 'LE CLOS '))}{rng.choice(PLACES)}"),
            (8, lambda: rng.choice((street, f"DU {rng.randint(1, 90)} RUE {street}", f"DE LA RUE {street}"))),
            (8, lambda: rng.choice((self.surname(), f"{self.surname()}-{self.surname()}"))),
            (6, lambda: f"NOTRE DAME {rng.choice(('DE', 'DU', 'DES'))} {rng.choice(PLACES)}"),
            (6, lambda: f"{town} {rng.choice(('NORD', 'SUD', 'EST', 'OUEST', 'CENTRE', '1', '2', '3', 'II'))}"),
        )
        return rng.choices([make for _, make in patterns], [weight for weight, _ in patterns])[0]()

    def _saint(self) -> str:
        given = self.rng.choice(GIVEN)
        saint = f"{'SAINTE' if given in WOMEN else 'SAINT'} {given}"
        return saint if self.rng.random() < 0.6 else f"{saint} {self.rng.choice(('DE', 'DU', 'LES'))} {self.surname()}"

    def surname(self) -> str:
        return self.rng.choice(FIRST_HALF) + self.rng.choice(SECOND_HALF)

    def _sigle(self) -> str:
        rng = self.rng
        letters = [rng.choice("AACFSU"), *(rng.choice(CONSONANTS) if i % 2 == 0 else rng.choice(SYLLABLES)
                   for i in range(rng.randint(2, 5)))]  # fmt: skip
        return ".".join(letters) + "." if rng.random() < 0.2 else "".join(letters)

    def _shorten(self, text: str) -> str:
        """Some long words abbreviated, some apostrophes lost."""
        for word, forms in ABBREVIATIONS.items():
            if f"{word} " in text:
                text = f"{text} ".replace(f"{word} ", f"{self.rng.choice(forms)} ").rstrip()
        return text.replace("'", " ") if self.rng.random() < 0.3 else text


@lru_cache(50_000)
def plain(text: str) -> str:
    """« L’Orée du bois » as FINESS writes it: L'OREE DU BOIS."""
    return "'".join(normalise(part) for part in text.replace("’", "'").split("'")).upper()
