"""What each kind of offer plausibly holds: codes per type d'UO. Invented by this project, from the labels alone.

A row is data, not a rule: nothing forbids another description. Codes are bare where the field has one system
(activités TRE_R211, actes TRE_R210, spécialisations TRE_R245, compétences TRE_R243, spécialités TRE_R38).
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Offre:
    """One kind of UO. `ages`: alternatives such as `18-`, `0-6`, `3mo-36mo`; `champ`, `mode`: when the type
    d'UO leaves them open; `noms`: everyday names, the second and following for further units of one EG."""

    type_uo: str
    noms: tuple[str, ...]
    activites: str
    actes: str = ""
    specialisations: str = ""
    professions: str = ""
    competences: str = ""
    specialites: str = ""
    publics: str = "07"
    ages: tuple[str, ...] = ("18-",)
    champ: str = ""
    mode: str = ""
    horaires: tuple[str, ...] = ("bureau", "continu")
    modalites: str = "03"
    ouverture: str = "04"
    niveaux: str = ""
    theme: str = "soins"
    temporalite: str = ""
    mobile: bool = False
    sensible: bool = False


def _n(text: str) -> tuple[str, ...]:
    return tuple(text.split("|"))


_ADDICTO = {
    "professions": "R94|51 G15|60 R94|41 R95|93 R356|60 R356|90",
    "competences": "08 41 60 59",
    "specialisations": "10",
    "publics": "04",
    "theme": "addictologie",
}
_ENFANCE = {
    "professions": "R95|93 G15|91 G15|96 G15|94 R94|51 R356|105 R356|43 R94|41",
    "competences": "05 43 55 29 31",
    "publics": "02",
    "theme": "enfance",
}
_HANDICAP = {
    "professions": "R94|51 R94|48 R94|53 G15|35 R95|93 G15|94 R94|47",
    "competences": "31 34 49 52 62",
    "specialisations": "02 14 16 17 22 24",
    "publics": "02 05",
    "theme": "handicap",
}
_AGE = {
    "professions": "G15|60 G15|35 G15|94 R356|38 R95|93 R356|19",
    "competences": "20 42 45 47 25",
    "specialisations": "13 28",
    "publics": "01",
    "theme": "age",
}
_PSY = {
    "professions": "R356|108 G15|60 R95|93 R94|41 G15|94 G15|96",
    "competences": "08 24 41",
    "specialisations": "07 08 09 62 65 67",
    "champ": "03",
    "publics": "07",
    "theme": "psychiatrie",
}
_HOPITAL = {
    "professions": "G15|10 G15|60 G15|35 G15|70",
    "champ": "01",
    "mode": "28",
    "horaires": ("permanent", "permanent", "visites"),
    "ouverture": "03",
    "theme": "hopital",
    "ages": ("15-", "18-"),
}
_VILLE = {"champ": "05", "mode": "32", "theme": "ville", "ages": ("0-",), "horaires": ("soiree", "continu", "samedi")}
_PRECARITE = {
    "professions": "R94|41 G15|60 R94|51 R94|44",
    "competences": "06 08 46",
    "publics": "06",
    "theme": "precarite",
    "champ": "04",
}

OFFRES: dict[str, Offre] = {
    # --- Addictologie, précarité ---
    "csapa": Offre("80", _n("CSAPA|CSAPA – consultations avancées|CSAPA – antenne"), "001 404 450 289 139 334",
                   actes="0044 0931 0932 1013 0922 0923 0924 0925 0926 1559 1560 1561 0205 0523 0988",
                   mode="54", horaires=("bureau", "addicto", "soiree"), modalites="03 04 06 07", **_ADDICTO),
    "csapa_jour": Offre("80", _n("CSAPA – Accueil de jour"), "404 312 313 289", actes="0540 0743 0815 0932 1013",
                        mode="47", horaires=("bureau", "addicto"), modalites="03 06", **_ADDICTO),
    "cjc": Offre("86", _n("CJC|CJC – permanence en lycée"), "001 404 289 308 334",
                 actes="0921 0926 1559 0922 0988", mode="54", ages=("12-25", "11-25"), horaires=("apres_midi",),
                 modalites="03 04 07", **_ADDICTO),
    "caarud": Offre("81", _n("CAARUD"), "450 317 334 287", actes="1014 1082 0932 1564 1560 1013", mode="54",
                    horaires=("addicto", "apres_midi"), modalites="03 06 07", **_ADDICTO),
    "caarud_mobile": Offre("81", _n("CAARUD – unité mobile"), "450 334 317", actes="1014 1082 0932", mode="59",
                           horaires=("soir",), modalites="06 07 19", mobile=True, **_ADDICTO),
    "act": Offre("94-46", _n("ACT – hébergement|ACT – appartements diffus"), "340 335 289 336 308 298",
                 actes="1080 1354 1355 1076", publics="06 09", professions="R94|51 G15|60 R94|41 R356|19 R95|93",
                 competences="08 46 41", specialisations="10 16", horaires=("continu", "bureau"), ouverture="03",
                 temporalite="01", theme="act"),
    "act_ucsd": Offre("94-59-ucsd", _n("Un chez-soi d’abord"), "340 298 335 289 317", actes="0989 1080", mobile=True,
                      publics="06", professions="R94|51 G15|60 R356|108 R356|08", competences="08 41",
                      specialisations="07 10 16", modalites="05 19", horaires=("continu",), theme="act"),
    "lhss": Offre("93", _n("LHSS|LHSS mobile"), "285 287 317 392", actes="0362 0932", horaires=("permanent",),
                  ouverture="03", temporalite="01", **_PRECARITE),
    "lam": Offre("95", _n("LAM"), "285 287 293 170", actes="0362 0752", horaires=("permanent",), ouverture="03",
                 temporalite="02", **_PRECARITE),
    "emsp": Offre("142", _n("Équipe mobile santé précarité"), "285 317 334 471", actes="0932 0989 1535", mobile=True,
                  modalites="06 19", horaires=("bureau", "soir"), **_PRECARITE),
    "essip": Offre("115", _n("ESSIP"), "287 340 334", actes="0362 0989", mobile=True, modalites="05 27",
                   horaires=("semaine",), **_PRECARITE),
    "urgence_heb": Offre("258", _n("Hébergement d’urgence|Hébergement en sortie d’hospitalisation"), "392 393 317 312",
                         temporalite="01", horaires=("permanent",), ouverture="03", **_PRECARITE),
    "abri": Offre("258", _n("Mise à l’abri de femmes victimes de violences"), "392 308 317 289", temporalite="01",
                  horaires=("permanent",), ouverture="03", modalites="08", sensible=True,
                  professions="R94|41 R94|51 R95|93", publics="06 10", theme="precarite", champ="04"),
    # --- Enfance et handicap ---
    "camsp": Offre("61", _n("CAMSP|CAMSP – antenne"), "293 306 335 336 289 448 290 308 493",
                   actes="0854 0988 0989 0481 0626 1434", specialisations="02 03 11 14 16 18 22 25",
                   specialites="SM40 SM92 SM29", ages=("0-6",), mode="54", horaires=("samedi", "ecole"), **_ENFANCE),
    "pco": Offre("84", _n("PCO TND|PCO TND 7-12 ans"), "582 335 448", actes="0988", specialisations="02 03 11 14",
                 ages=("0-6", "7-12"), mode="58", horaires=("mardi_samedi", "bureau"), modalites="03 04", **_ENFANCE),
    "cmpp": Offre("62", _n("CMPP|CMPP – adolescents|CMPP – antenne"), "289 290 306 308 493",
                  actes="0481 0624 0626 0988 0538 1434", specialisations="03 11 26 65", specialites="SM92 SM42",
                  ages=("3-20", "0-20", "12-20"), mode="54", horaires=("ecole", "samedi"), **_ENFANCE),
    "ime": Offre("48", _n("IME – section d’éducation|IME – section d’initiation professionnelle|IME – internat"
                          "|IME – unité autisme"), "293 294 295 300 302 306 313 290",
                 actes="0644 0645 0775 0834 1048", specialisations="02 14 17", ages=("3-20", "6-20", "6-14", "14-20"),
                 mode="47", horaires=("ecole",), ouverture="01", **_ENFANCE),
    "itep": Offre("50", _n("ITEP – accueil de jour|ITEP – internat"), "289 295 300 306 308",
                  actes="0645 0646 0775 0610", specialisations="26", ages=("6-18", "6-16"), mode="47",
                  horaires=("ecole",), ouverture="01", **_ENFANCE),
    "sessad": Offre("57", _n("SESSAD|SESSAD autisme|SESSAD professionnel"), "290 295 300 306 308 493",
                    actes="0670 0671 0989 1434", specialisations="02 03 11 14 22", ages=("0-20", "3-16", "16-25"),
                    mobile=True, horaires=("ecole", "continu"), modalites="05 19", ouverture="01", **_ENFANCE),
    "safep": Offre("58", _n("SAFEP"), "290 294 308", actes="0989 1434", specialisations="18 19", ages=("0mo-36mo",),
                   mobile=True, mode="49", horaires=("ecole",), ouverture="01", **_ENFANCE),
    "ssefis": Offre("59", _n("SSEFS"), "290 294 300", actes="0670 0671", specialisations="18", ages=("3-20",),
                    mode="49", horaires=("ecole",), ouverture="01", mobile=True, **_ENFANCE),
    "emas": Offre("140", _n("EMAS"), "449 300 609", specialisations="02 03 26", ages=("3-20",), mobile=True,
                  horaires=("ecole",), ouverture="01", **_ENFANCE),
    "eeap": Offre("51", _n("EEAP|EEAP – internat"), "293 285 291 294", actes="0644 1048", specialisations="17",
                  ages=("3-20", "0-20"), mode="47", horaires=("ecole",), ouverture="01", **_ENFANCE),
    "iem": Offre("49", _n("IEM – accueil de jour|IEM – internat"), "291 293 300 402", actes="0645 0646 0834",
                 specialisations="22 66", ages=("3-20", "6-20"), mode="47", horaires=("ecole",), **_ENFANCE),
    "jardin": Offre("63", _n("Jardin d’enfants spécialisé"), "306 308 293", specialisations="02 14",
                    ages=("18mo-6", "2-6"), mode="47", horaires=("ecole",), ouverture="01", **_ENFANCE),
    "bapu": Offre("64", _n("BAPU"), "289 452", actes="0768 0624 0988", ages=("16-28",), champ="04", mode="54",
                  publics="08", professions="R356|108 R95|93 R94|41", competences="24 41", specialisations="08 65",
                  horaires=("soiree",), theme="psychiatrie"),
    "esat": Offre("43", _n("ESAT|ESAT hors les murs"), "304 302 305 402", actes="0834", ages=("18-", "20-"),
                  mode="47", horaires=("bureau",), **_HANDICAP),
    "savs": Offre("31", _n("SAVS"), "298 299 312 317 318", actes="0989 0834", mode="49", mobile=True,
                  modalites="05 19", horaires=("continu",), **_HANDICAP),
    "samsah": Offre("32", _n("SAMSAH|SAMSAH rétablissement"), "335 298 317 285 289", actes="0989 1642", mode="49",
                    mobile=True, modalites="05 19", horaires=("continu",), **_HANDICAP),
    "mas": Offre("40", _n("MAS – hébergement|MAS – accueil de jour"), "293 285 287 313 294", actes="1048 0815",
                 mode="46", horaires=("permanent",), ouverture="03", temporalite="02", **_HANDICAP),
    "fam": Offre("39", _n("EAM – hébergement|EAM – accueil de jour|EAM – accueil temporaire"), "293 285 295 313",
                 actes="1048 0815", mode="46", horaires=("permanent",), ouverture="03", temporalite="02", **_HANDICAP),
    "foyer": Offre("96", _n("Foyer d’hébergement|Foyer d’hébergement éclaté"), "293 298 299 313", actes="0787 1415",
                   horaires=("permanent",), ouverture="03", temporalite="02", **_HANDICAP),
    "foyer_vie": Offre("97", _n("Foyer de vie|Foyer de vie – accueil de jour"), "293 306 313 403", actes="0542 0815",
                       mode="46", horaires=("permanent",), ouverture="03", temporalite="02", **_HANDICAP),
    "uphv": Offre("257", _n("Unité pour personnes handicapées vieillissantes"), "293 312 285", mode="46",
                  ages=("45-", "50-"), horaires=("permanent",), ouverture="03", **_HANDICAP),
    # --- Grand âge ---
    "ehpad": Offre("21", _n("Hébergement permanent|Hébergement temporaire|Accueil de nuit"), "293 287 285 313 322 323",
                   actes="0815 0774 1433 0754", mode="46", ages=("60-",), horaires=("permanent",), ouverture="03",
                   temporalite="02", modalites="03 13", **_AGE),
    "ehpad_jour": Offre("21", _n("Accueil de jour"), "293 306 313 325", actes="0774 1048", mode="47", ages=("60-",),
                        horaires=("ecole", "bureau"), temporalite="01", **_AGE),
    "uvp": Offre("24", _n("Unité de vie protégée|Unité Alzheimer"), "293 306 287 313", actes="0774 0540", mode="46",
                 ages=("60-",), horaires=("permanent",), ouverture="03", modalites="20", **_AGE),
    "uhr": Offre("23", _n("UHR"), "246 293 287", actes="0774 0540", mode="46", ages=("60-",),
                 horaires=("permanent",), ouverture="03", modalites="20", **_AGE),
    "pasa": Offre("25", _n("PASA"), "306 313", actes="0774 0540 0542", mode="47", ages=("60-",),
                  horaires=("ecole",), **_AGE),
    "autonomie": Offre("22", _n("Résidence autonomie"), "298 312 313 322", actes="0815", mode="46", ages=("60-",),
                       horaires=("permanent", "continu"), ouverture="03", temporalite="02",
                       publics="03", professions="R356|25 R94|53", competences="25 38", theme="age"),
    "repit": Offre("38", _n("Plateforme de répit"), "325 326 394", actes="0822 0627", mode="54", ages=("18-",),
                   horaires=("bureau",), **_AGE),
    "crt": Offre("136", _n("Centre de ressources territorial"), "335 325 341 608", actes="0989 1505", mode="58",
                 ages=("60-",), horaires=("bureau",), mobile=True, **_AGE),
    "ssiad": Offre("28", _n("SSIAD|SSIAD – secteur 2"), "287 293 340", actes="0362 0764 1433", ages=("60-", "18-"),
                   mobile=True, modalites="27", horaires=("semaine", "domicile"), ouverture="03", **_AGE),
    "ssiad_renforce": Offre("75", _n("SSIAD renforcé"), "287 288 170 340", actes="0362 0752", mobile=True,
                            ages=("60-",), modalites="27", horaires=("semaine",), ouverture="03", **_AGE),
    "esa": Offre("29", _n("ESA"), "306 292 325", actes="0774 0989", mode="49", mobile=True, ages=("60-",),
                 horaires=("bureau",), modalites="05", **_AGE),
    "sad": Offre("30", _n("SAD – aide"), "293 299 312 322", actes="0787 1414 0788", mobile=True, ages=("60-", "18-"),
                 horaires=("bureau", "semaine"), ouverture="03", **_AGE),
    "sad_soins": Offre("132", _n("SAD – aide et soins"), "293 287 299 340", actes="0362 0787 1433", mobile=True,
                       ages=("60-", "18-"), horaires=("semaine",), ouverture="03", modalites="27", **_AGE),
    "clic": Offre("259", _n("Point d’information gérontologique"), "317 325 341", mode="54", ages=("60-",),
                  horaires=("bureau",), publics="01 03", professions="R94|41 R94|44", theme="age"),
    # --- Psychiatrie ---
    "cmp": Offre("10", _n("CMP adulte|CMP adulte – antenne"), "229 289 568", actes="0610 0616 0988 0989 1395",
                 mode="32", specialites="SM42", horaires=("bureau", "continu"), modalites="03 04 06", **_PSY),
    "cmpea": Offre("281", _n("CMP enfants et adolescents|CMP adolescents"), "227 228 289 308", mode="32",
                   actes="0481 0626 0610 0988 1434", specialites="SM92 SM43", ages=("0-17", "12-17", "3-17"),
                   horaires=("ecole", "bureau"), **_PSY),
    "cattg": Offre("05", _n("CATTG"), "229 231 312", actes="0539 0540 0542 0544 0775", mode="42",
                   horaires=("ecole", "bureau"), **_PSY),
    "hdj_psy": Offre("11", _n("Hôpital de jour adulte|Hôpital de jour enfants"), "229 231", actes="0539 0621 0775",
                     horaires=("ecole",), **_PSY),
    "psy": Offre("174", _n("Unité d’hospitalisation adulte|Unité d’entrée|Unité de réhabilitation"), "229 231 612",
                 actes="0183 0610 0621", mode="28", specialites="SM42", horaires=("permanent",), ouverture="03",
                 **_PSY),
    "pedopsy": Offre("282", _n("Unité d’hospitalisation pour adolescents"), "228 289 452", actes="0610 0646 0647",
                     mode="28", ages=("12-17",), specialites="SM92", horaires=("permanent",), ouverture="03", **_PSY),
    "empp": Offre("77", _n("EMPP"), "229 289 317", actes="0989 1395", mode="11", mobile=True, modalites="19",
                  horaires=("bureau",), **_PSY),
    "smpr": Offre("14", _n("SMPR"), "229 089", mode="32", sensible=True, horaires=("bureau",), **_PSY),
    "mda": Offre("134", _n("Maison des adolescents"), "453 289 308 334", actes="0538 0988 1395", champ="03",
                 mode="54", ages=("11-21", "11-25"), horaires=("apres_midi", "soiree"), modalites="03 06 07",
                 professions="R356|43 R95|93 R94|51 G15|60", competences="43 24", specialisations="01 26 62 65",
                 theme="psychiatrie"),
    "gem": Offre("296", _n("GEM"), "312 313 311", champ="06", mode="54", horaires=("apres_midi",), publics="02 07",
                 modalites="03 06", specialisations="16", competences="08 25", theme="precarite"),
    # --- Hôpital ---
    "urgences": Offre("20", _n("Urgences adultes"), "157 160 115", specialites="SM59", actes="0758",
                      **(_HOPITAL | {"mode": "33", "horaires": ("permanent",)})),
    "urgences_ped": Offre("311", _n("Urgences pédiatriques"), "249", specialites="SM40",
                          **(_HOPITAL | {"mode": "33", "ages": ("0-17", "0-15")})),
    "uhcd": Offre("278", _n("UHCD"), "115 083", **(_HOPITAL | {"mode": "13"})),
    "chir": Offre("153", _n("Chirurgie viscérale"), "033 474", specialites="SM14", **_HOPITAL),
    "ortho": Offre("150", _n("Chirurgie orthopédique"), "025 145", specialites="SM08", **_HOPITAL),
    "cardio": Offre("149", _n("Cardiologie"), "013 344 132", actes="0176", specialites="SM04 SM73", **_HOPITAL),
    "pneumo": Offre("163", _n("Pneumologie"), "114 343", actes="0175", specialites="SM41", **_HOPITAL),
    "geriatrie": Offre("156", _n("Court séjour gériatrique|Consultation mémoire"), "491 050 597", actes="0032 0033",
                       specialites="SM18", **(_HOPITAL | {"ages": ("75-",), "theme": "age"})),
    "pediatrie": Offre("162", _n("Pédiatrie"), "088 610", specialites="SM40", **(_HOPITAL | {"ages": ("0-17", "28d-17")})),
    "maternite": Offre("290", _n("Maternité"), "100 282 529", actes="0717 1530 1332", specialites="SM20", niveaux="R253|01",
                       **(_HOPITAL | {"ages": ("13-",)})),
    "neonat": Offre("289", _n("Néonatalogie"), "094", specialites="SM87", **(_HOPITAL | {"ages": ("0d-28d", "0d-3mo")})),
    "rea": Offre("121", _n("Réanimation polyvalente"), "127", specialites="SM46", **_HOPITAL),
    "onco": Offre("171", _n("Oncologie|Hôpital de jour d’oncologie"), "102 164 414", actes="0652 1018",
                  specialites="SM36", **_HOPITAL),
    "palliatif": Offre("175", _n("Soins palliatifs|Équipe mobile de soins palliatifs"), "170", actes="0752 1421", **_HOPITAL),
    "consult": Offre("69", _n("Consultations externes|Consultations de spécialités"), "013 046 131 037 095 103",
                     actes="0988", **(_HOPITAL | {"mode": "32", "ages": ("0-",), "ouverture": "04",
                                                  "horaires": ("bureau", "continu")})),
    "imagerie": Offre("164", _n("Imagerie médicale"), "067 068 069 070", actes="1239 1229 0711",
                      specialites="SM44 SM74", **(_HOPITAL | {"mode": "55", "ages": ("0-",), "horaires": ("continu",)})),
    "pass": Offre("295", _n("PASS"), "285 317", actes="0932", professions="R94|41 G15|60 G15|10", champ="01",
                  publics="06", ages=("0-", "18-"), modalites="06", theme="precarite"),
    "elsa": Offre("272", _n("ELSA"), "404 001 139", actes="0921 0924 0523", champ="01", mode="52",
                  horaires=("bureau",), **_ADDICTO),
    "usmp": Offre("309", _n("USMP"), "089 285", champ="01", mode="32", sensible=True, horaires=("bureau",),
                  professions="G15|10 G15|60 G15|40", theme="hopital"),
    "usld": Offre("249", _n("USLD"), "333 288 050", actes="0752", **(_HOPITAL | {"champ": "04", "mode": "46",
                                                                                  "ages": ("60-",), "publics": "01",
                                                                                  "theme": "age"})),
    "had": Offre("128", _n("HAD"), "170 287 164", actes="0362 0652 0752", champ="01", mobile=True, ages=("0-", "18-"),
                 horaires=("permanent",), ouverture="03", modalites="27", professions="G15|60 G15|35 G15|70 R94|41",
                 theme="hopital"),
    "smr": Offre("100", _n("SMR polyvalent"), "172", actes="0834 0979", specialites="SM29",
                 **(_HOPITAL | {"champ": "02", "theme": "readaptation"})),
    "smr_ger": Offre("101", _n("SMR gériatrique"), "241", actes="0032 0774", specialites="SM18",
                     **(_HOPITAL | {"champ": "02", "ages": ("70-", "75-"), "theme": "readaptation"})),
    "smr_loco": Offre("102", _n("SMR locomoteur|Hôpital de jour locomoteur"), "233 513", actes="0979 0834",
                      specialites="SM29", **(_HOPITAL | {"champ": "02", "theme": "readaptation"})),
    "smr_neuro": Offre("103", _n("SMR système nerveux"), "234 518", actes="0621", specialites="SM29 SM32",
                       **(_HOPITAL | {"champ": "02", "theme": "readaptation"})),
    "dialyse": Offre("274", _n("Hémodialyse en centre"), "059", actes="0657", specialites="SM30",
                     **(_HOPITAL | {"mode": "32", "horaires": ("semaine",), "ouverture": "02"})),
    "autodialyse": Offre("273", _n("Autodialyse assistée"), "059 583", actes="1550 1549", modalites="23 24",
                         specialites="SM30", **(_HOPITAL | {"mode": "32", "horaires": ("semaine",), "ouverture": "02"})),
    # --- Ville, prévention, coordination ---
    "msp": Offre("99", _n("Maison de santé"), "437 287 339 336", actes="1437 1536 0988", professions="R356|90 G15|60 G15|70",
                 specialites="SM54", **_VILLE),
    "mg": Offre("196", _n("Médecine générale"), "437 334", actes="1535 1537 0988", professions="R356|90",
                specialites="SM54 SM26", **_VILLE),
    "idel": Offre("225", _n("Soins infirmiers"), "287 573", actes="0362 1433 1447", professions="G15|60", **_VILLE),
    "kine": Offre("195", _n("Kinésithérapie"), "339 425", actes="0272", professions="G15|70", **_VILLE),
    "dentaire": Offre("226", _n("Chirurgie dentaire"), "442 441 443", actes="1036 1043 1323", professions="G15|40",
                      **_VILLE),
    "sf": Offre("213", _n("Sages-femmes"), "530 529 527", actes="1244 0268 1530", professions="G15|50",
                **(_VILLE | {"ages": ("13-",)})),
    "ophtalmo": Offre("221", _n("Ophtalmologie"), "103 106", actes="1660 1656", professions="R356|102 G15|92", **_VILLE),
    "officine": Offre("312", _n("Pharmacie"), "628 629 161", actes="1540 1542 1447 1678", professions="G15|21 G15|39",
                      **(_VILLE | {"mode": "54", "horaires": ("officine",)})),
    "labo": Offre("248", _n("Laboratoire de biologie"), "009 093 056", professions="R356|116 G15|86",
                  **(_VILLE | {"mode": "55", "horaires": ("matin",)})),
    "snp": Offre("92", _n("Soins non programmés"), "437 475", actes="0631", professions="R356|90",
                 **(_VILLE | {"mode": "56", "horaires": ("sept_jours",)})),
    "cpts": Offre("255", _n("CPTS"), "335 471 475 334", champ="05", mode="58", ages=("0-",), horaires=("bureau",),
                  mobile=True, theme="ville"),
    "dac": Offre("178", _n("DAC"), "335 548 607 325", actes="0989", champ="04", mode="58", ages=("0-", "18-"),
                 horaires=("bureau",), mobile=True, professions="R94|41 G15|60", competences="54 42", theme="age"),
    "pmi": Offre("125", _n("PMI|PMI – consultations de nourrissons"), "118 557 550 161", actes="1536 1457",
                 champ="06", mode="32", ages=("0-6", "0mo-6"), horaires=("bureau", "ecole"),
                 professions="R356|14 G15|37 R356|105 G15|50", competences="14", specialites="SM40 SI08",
                 theme="enfance"),
    "sante_sexuelle": Offre("89", _n("Centre de santé sexuelle"), "527 162 309 105", actes="0268 1244 1013 0932",
                            champ="06", mode="32", ages=("12-",), horaires=("apres_midi", "bureau"),
                            modalites="03 06 07", professions="G15|50 R356|128 R356|82", competences="61",
                            theme="ville"),
    "cegidd": Offre("250", _n("CeGIDD"), "162 334 161", actes="0932 1543 1013", champ="01", mode="32", ages=("15-",),
                    horaires=("apres_midi", "addicto"), modalites="06 07", professions="G15|10 G15|60", theme="ville"),
    "clat": Offre("268", _n("CLAT"), "592 161", actes="1534", champ="01", mode="32", ages=("0-",), theme="ville"),
    "paej": Offre("135", _n("Point accueil écoute jeunes"), "289 308 334", actes="0768", champ="06", mode="54",
                  ages=("12-25", "11-25"), horaires=("apres_midi",), modalites="03 06 07", specialisations="65 26",
                  professions="R95|93 R94|51", theme="psychiatrie"),
    "sport": Offre("137", _n("Maison sport-santé"), "330 334", champ="05", mode="54", ages=("0-", "18-"),
                   publics="09 07", professions="R356|38", competences="38", theme="ville"),
}
