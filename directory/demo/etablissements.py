"""Kinds of establishments: category, how common in the demo, how they are called and what they may offer."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Etablissement:
    """`offres`: keys of `catalogue.OFFRES`, the first `toujours` always there; `combien`: fewest and most UO."""

    categorie: str
    poids: int
    noms: tuple[str, ...]
    offres: tuple[str, ...]
    combien: tuple[int, int] = (1, 3)
    toujours: int = 1
    porteur: str = "association"


def _e(categorie: str, poids: int, noms: str, offres: str, combien=(1, 3), toujours=1, porteur="association"):
    return Etablissement(categorie, poids, tuple(noms.split("|")), tuple(offres.split()), combien, toujours, porteur)


ETABLISSEMENTS: tuple[Etablissement, ...] = (
    _e("197", 34, "CSAPA", "csapa cjc csapa_jour csapa cjc", (3, 5), 2),
    _e("178", 14, "CAARUD", "caarud caarud_mobile", (1, 2)),
    # « ACT hors les murs » belongs to the nine establishments of the showcase only.
    _e("165", 18, "ACT", "act act act_ucsd", (2, 3)),
    _e("180", 10, "LHSS", "lhss lhss", (1, 2)),
    _e("213", 6, "LAM", "lam", (1, 1)),
    _e("608", 8, "Équipe mobile", "emsp essip", (1, 2)),
    _e("214", 10, "CHRS", "urgence_heb abri urgence_heb", (1, 3)),
    _e("190", 16, "CAMSP", "camsp pco camsp", (2, 3)),
    _e("189", 34, "CMPP", "cmpp cmpp pco cmpp", (2, 4)),
    _e("183", 42, "IME", "ime ime ime emas ime", (3, 5), 2),
    _e("186", 12, "ITEP", "itep itep emas", (1, 3)),
    _e("182", 42, "SESSAD", "sessad sessad safep ssefis emas pco", (2, 5)),
    _e("188", 8, "EEAP", "eeap eeap", (1, 2)),
    _e("192", 8, "IEM", "iem iem", (1, 2)),
    _e("402", 4, "Jardin d’enfants", "jardin"),
    _e("221", 4, "BAPU", "bapu", (1, 1)),
    _e("246", 26, "ESAT", "esat esat", (1, 2)),
    _e("446", 18, "SAVS", "savs", (1, 1)),
    _e("445", 14, "SAMSAH", "samsah samsah", (1, 2)),
    _e("255", 16, "MAS", "mas mas", (1, 2)),
    _e("448", 16, "EAM", "fam fam fam", (2, 3)),
    _e("449", 20, "Foyer|Résidence", "foyer foyer_vie foyer uphv foyer_vie", (2, 5)),
    _e(
        "500",
        80,
        "EHPAD|Résidence|EHPAD Résidence",
        "ehpad uvp ehpad_jour pasa ehpad repit crt uhr ehpad",
        (4, 8),
        1,
        "porteur_age",
    ),
    _e("202", 24, "Résidence autonomie", "autonomie", (1, 1), 1, "commune"),
    _e("354", 22, "SSIAD", "ssiad esa ssiad_renforce ssiad repit", (2, 5)),
    _e("209", 12, "SAD", "sad_soins esa ssiad_renforce repit ssiad", (2, 4), 1),
    _e("460", 18, "SAD", "sad", (1, 2), 1, "societe"),
    _e("463", 6, "CLIC", "clic", (1, 1), 1, "commune"),
    _e("156", 32, "CMP", "cmp cmpea cmp", (1, 3), 1, "hopital"),
    _e("425", 8, "CATTG", "cattg", (1, 1), 1, "hopital"),
    _e("161", 9, "Clinique|Établissement de santé mentale", "psy psy hdj_psy pedopsy psy empp hdj_psy psy", (4, 8), 2),
    _e(
        "292",
        5,
        "Établissement public de santé mentale",
        "psy hdj_psy psy empp pedopsy psy hdj_psy psy",
        (5, 8),
        3,
        "hopital",
    ),
    _e("415", 2, "SMPR", "smpr", (1, 1), 1, "hopital"),
    _e(
        "355",
        24,
        "Centre hospitalier",
        "urgences uhcd consult cardio geriatrie chir imagerie pneumo pediatrie maternite ortho onco rea palliatif "
        "pass elsa neonat urgences_ped geriatrie usmp smr_ger onco consult palliatif",
        (9, 20),
        5,
        "hopital",
    ),
    _e(
        "101",
        4,
        "Hôpital",
        "urgences uhcd consult cardio rea chir imagerie pneumo onco ortho pediatrie neonat maternite "
        "urgences_ped palliatif pass elsa onco consult geriatrie",
        (12, 20),
        8,
        "hopital",
    ),
    _e(
        "365",
        10,
        "Clinique|Polyclinique",
        "chir ortho consult imagerie onco cardio maternite consult",
        (3, 8),
        2,
        "societe",
    ),
    _e(
        "109",
        12,
        "Centre de réadaptation|Clinique de réadaptation",
        "smr smr_loco smr_ger smr_neuro smr_loco",
        (1, 5),
        1,
        "societe",
    ),
    _e("362", 6, "Centre de long séjour", "usld smr_ger", (1, 2), 1, "hopital"),
    _e("127", 6, "HAD", "had", (1, 1)),
    _e("141", 5, "Centre de dialyse", "dialyse autodialyse", (1, 2), 1, "societe"),
    _e("603", 18, "Maison de santé", "msp mg idel kine sf", (2, 5), 1, "liberal"),
    _e("124", 26, "Centre de santé", "mg dentaire idel kine sf ophtalmo", (2, 6), 1, "commune"),
    _e("617", 5, "Centre de soins non programmés", "snp", (1, 1), 1, "societe"),
    _e("620", 24, "Pharmacie", "officine", (1, 1), 1, "officine"),
    _e("611", 8, "Laboratoire", "labo", (1, 1), 1, "societe"),
    _e("604", 6, "CPTS", "cpts", (1, 1)),
    _e("606", 6, "DAC", "dac", (1, 1)),
    _e("223", 12, "PMI", "pmi pmi", (1, 2), 1, "departement"),
    _e("228", 10, "Centre de santé sexuelle", "sante_sexuelle", (1, 1), 1, "departement"),
    _e("638", 5, "CeGIDD", "cegidd", (1, 1), 1, "hopital"),
    _e("637", 4, "CLAT", "clat", (1, 1), 1, "departement"),
    _e("701", 5, "Maison des adolescents", "mda", (1, 1), 1, "hopital"),
    _e("702", 5, "PAEJ", "paej", (1, 1)),
    _e("705", 6, "GEM", "gem", (1, 1)),
    _e("700", 4, "Maison sport-santé", "sport", (1, 1)),
)
