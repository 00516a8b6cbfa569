"""Who opens what: one row per address of the URLconf. `test_matrix.py` plays each row with each role.

A new URL needs a row here, else the tests fail. An object of a new kind needs a line in OBJECTS, and perhaps one in
the world of test_matrix.

    Rule("dossiers:dossier", EDITORS, obj="dossier")              GET by who edits, 404 for the others, POST: 405
    Rule("dossiers:submit", None, EDITORS, obj="dossier", data={"version": 1})
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from restitutions.selection import links

# --- Who ------------------------------------------------------------------------------------------------------------
# « it » is the establishment of the world (`world.eg`, département 75) and what hangs on it.
ANONYMOUS = "anonyme"
READER = "lecteur"
REFERENT = "référent de cette structure"
OTHER = "référent d’une autre structure"
CONTRIBUTOR = "contributeur capacitaire de cette structure"
REGULATION = "régulation"
SUPPORT_HERE = "support de la région"
SUPPORT_AWAY = "support d’un autre département"
ADMINISTRATOR = "administrateur"
ROLES = (ANONYMOUS, READER, REFERENT, OTHER, CONTRIBUTOR, REGULATION, SUPPORT_HERE, SUPPORT_AWAY, ADMINISTRATOR)
# Fewer ask for Django's own pages, whose gate knows only staff, and for a key that nothing has.
ROLES_OF_THE_ADMIN = (ANONYMOUS, REFERENT, SUPPORT_HERE, SUPPORT_AWAY, ADMINISTRATOR)
ROLES_FOR_WHAT_IS_MISSING = (ANONYMOUS, REFERENT, ADMINISTRATOR)

Audience = frozenset[str]
ANYBODY: Audience = frozenset(ROLES)
MEMBERS = ANYBODY - {ANONYMOUS}
SUPPORT = frozenset({SUPPORT_HERE, ADMINISTRATOR})
STAFF = SUPPORT | {SUPPORT_AWAY}  # what is of no territory: the index of the administration, lists, queues
EDITORS = SUPPORT | {REFERENT}
LEVEL_3 = EDITORS | {REGULATION}
EXTRACTORS = STAFF | {REGULATION}
ADMIN = frozenset({ADMINISTRATOR})
NOBODY: Audience = frozenset()


# How one is refused: a thing of others does not exist; what everybody knows is there may say no.
HIDDEN, FORBIDDEN, EITHER = (404,), (403,), (403, 404)
ELSEWHERE = (302,)  # Django's admin sends back to its index what is not in the list of that person


@dataclass(frozen=True)
class Rule:
    """One address, or one address with one kind of object.

    `get`, `post`: who is served; None: the method answers 405. `obj`: a line of OBJECTS, when the address names one.
    `denied`: what the others get. `missing`: what an object that does not exist gives to who may. `data`: what a
    person with the right would send. `also`: other answers that are right for who may. `roles`: who asks.
    """

    name: str
    get: Audience | None = None
    post: Audience | None = None
    obj: str = ""
    denied: tuple[int, ...] = HIDDEN
    missing: int = 404
    data: dict[str, Any] = field(default_factory=dict)
    also: frozenset[int | str] = frozenset()
    roles: tuple[str, ...] = ROLES


# --- Objects: (what exists, what does not), as arguments of reverse() -----------------------------------------------
Arguments = dict[str, Any] | list[Any]
OBJECTS: dict[str, tuple[Callable[[Any], Arguments], Arguments]] = {
    "ej": (lambda world: {"cle": world.eg.entite_juridique.cle}, {"cle": "750999999"}),
    "eg": (lambda world: {"cle": world.eg.cle}, {"cle": "750999999"}),
    "uo": (lambda world: {"cle": world.uo.cle}, {"cle": "11-999999"}),
    "sensitive": (lambda world: {"cle": world.sensitive.cle}, {"cle": "11-999999"}),
    "ej_version": (
        lambda world: {"cle": world.eg.entite_juridique.cle, "number": 1},
        {"cle": "750999999", "number": 1},
    ),
    "eg_version": (lambda world: {"cle": world.eg.cle, "number": 1}, {"cle": "750999999", "number": 1}),
    "uo_version": (lambda world: {"cle": world.uo.cle, "number": 1}, {"cle": "11-999999", "number": 1}),
    "link": (lambda world: {"token": world.link}, {"token": "nimporte:quoi"}),
    "shared": (lambda world: {"token": links.make([("uo", world.uo.cle)])}, {"token": "nimporte:quoi"}),
    "invitation": (lambda world: {"token": world.invitation}, {"token": "nimporte:quoi"}),
    "reset": (lambda world: {"uidb36": "zz", "key": "set-password"}, {"uidb36": "zz", "key": "a-b"}),
    "dossier": (lambda world: {"pk": world.dossier.pk}, {"pk": 0}),
    "sent": (lambda world: [world.sent.pk], [0]),
    "draft": (lambda world: [world.dossier.pk, world.draft.pk], [0, 0]),
    "draft_elsewhere": (lambda world: [world.dossier.pk, world.sent.fiches.first().pk], [0, 0]),
    "remark": (lambda world: [world.dossier.pk, world.remark.pk], [0, 0]),
    "pk_ej": (lambda world: {"pk": world.eg.entite_juridique.pk}, {"pk": 0}),
    "pk_eg": (lambda world: {"pk": world.eg.pk}, {"pk": 0}),
    "pk_uo": (lambda world: {"pk": world.uo.pk}, {"pk": 0}),
    "nomenclature_concept": (lambda world: {"object_id": world.uo.type_uo_id}, {"object_id": 0}),  # a regional one
    "nomenclature": (lambda world: {"systeme": "ror-type-uo"}, {"systeme": "TRE_R999"}),
    "client_api": (lambda world: [world.client_api.pk], [0]),
    "person": (lambda world: [world.person.pk], [0]),
    "right": (lambda world: [world.right.pk], [0]),
    "request": (lambda world: [world.request.pk], [0]),
    "invitation_pk": (lambda world: [world.invitation_pk], [0]),
    "recherche": (lambda world: [world.recherche.pk], [0]),
    "alerte": (lambda world: {"token": world.alerte}, {"token": "nimporte:quoi"}),
    "extraction": (lambda world: [world.extraction.pk], ["00000000-0000-0000-0000-000000000000"]),
}

# --- Pages ----------------------------------------------------------------------------------------------------------
LOGGED_OUT = frozenset({"login"})  # sends to the login page who has nothing to do there
PAGES = [
    Rule("dossiers:home", MEMBERS),
    Rule("dossiers:index", MEMBERS),
    Rule("dossiers:structures", MEMBERS),
    # Dossiers: those of the structures one answers for; the others do not exist.
    Rule("dossiers:ouvrir", MEMBERS, MEMBERS),  # it lists, and takes, only what is one's own
    Rule("dossiers:dossier", EDITORS, obj="dossier"),
    Rule("dossiers:envoyer", None, EDITORS, obj="dossier", data={"version": 1}),
    Rule("dossiers:reprendre", None, EDITORS, obj="dossier", data={"version": 1}),
    Rule("dossiers:abandonner", EDITORS, EDITORS, obj="dossier", data={"version": 1}),
    Rule("dossiers:ajouter_uo", None, EDITORS, obj="dossier"),
    Rule("dossiers:remarque", None, EDITORS, obj="dossier", data={"texte": "À revoir."}),
    Rule("dossiers:resoudre", None, EDITORS, obj="remark"),
    Rule("dossiers:presents", None, EDITORS, obj="dossier"),
    Rule("dossiers:fiche", EDITORS, EDITORS, obj="draft"),
    Rule("dossiers:apercu", EDITORS, obj="draft"),
    Rule("dossiers:conflit", None, EDITORS, obj="draft", data={"version": 1}),
    Rule("dossiers:publiee", EDITORS, EDITORS, obj="draft", data={"version": 1}),
    Rule("dossiers:dupliquer", None, EDITORS, obj="draft"),
    Rule("dossiers:retirer", EDITORS, EDITORS, obj="draft", also=frozenset({409})),  # it is public
    Rule("dossiers:fermer", EDITORS, EDITORS, obj="draft"),
    *[  # a fiche asked for through a dossier that is not its own
        Rule(f"dossiers:{page}", NOBODY, NOBODY, obj="draft_elsewhere", denied=(404, 405))
        for page in ("fiche", "apercu", "conflit", "publiee", "dupliquer", "retirer", "fermer")
    ],
    Rule("search:results", MEMBERS),
    Rule("search:export", MEMBERS, also=frozenset({400})),
    Rule("search:carte_geojson", MEMBERS, also=frozenset({400})),
    Rule("search:contours", MEMBERS, also=frozenset({404})),  # none in the settings of the tests
    Rule("search:suggestions_ou", MEMBERS),
    Rule("search:suggestions_adresse", MEMBERS),
    Rule("search:suggestions_quoi", MEMBERS),
    # The API, read by people with their session; machines and their levels: tests/api.
    Rule("api:etablissements", MEMBERS, also=frozenset({400})),  # nothing is asked for here
    Rule("api:etablissement", MEMBERS, obj="eg"),
    Rule("api:uo", MEMBERS, obj="uo"),
    Rule("api:uo", LEVEL_3, obj="sensitive"),
    Rule("api:nomenclatures", MEMBERS),
    Rule("api:nomenclature", MEMBERS, obj="nomenclature"),
    Rule("api:schema", MEMBERS),
    Rule("api:docs", MEMBERS),
    Rule("restitutions:selection", MEMBERS),
    Rule("restitutions:selection_ajouter", None, MEMBERS),
    Rule("restitutions:selection_retirer", None, MEMBERS),
    Rule("restitutions:selection_notes", None, MEMBERS),
    Rule("restitutions:selection_vider", MEMBERS, MEMBERS),
    Rule("restitutions:selection_imprimer", MEMBERS),
    Rule("restitutions:selection_export", MEMBERS),
    Rule("restitutions:selection_partager", MEMBERS),
    Rule("restitutions:selection_partage", MEMBERS, MEMBERS, obj="shared"),
    Rule("directory:repertoire", MEMBERS),
    Rule("directory:repertoire_export", MEMBERS),
    Rule("directory:suggestions", MEMBERS),
    Rule("directory:ej", MEMBERS, obj="ej"),
    Rule("directory:ej_imprimer", MEMBERS, obj="ej"),
    Rule("directory:ej_historique", MEMBERS, obj="ej"),
    Rule("directory:ej_retablir", SUPPORT, SUPPORT, obj="ej_version", denied=FORBIDDEN),
    Rule("directory:eg", MEMBERS, obj="eg"),
    Rule("directory:eg_imprimer", MEMBERS, obj="eg"),
    Rule("directory:eg_historique", MEMBERS, obj="eg"),
    Rule("directory:eg_retablir", EDITORS, EDITORS, obj="eg_version", denied=FORBIDDEN),
    Rule("directory:eg_modifier", EDITORS, EDITORS, obj="eg", denied=FORBIDDEN, data={"version": 1}),
    Rule("directory:eg_verifier", None, EDITORS, obj="eg", denied=FORBIDDEN, data={"version": 1}),
    Rule("directory:demander_acces", MEMBERS, MEMBERS, obj="eg"),
    Rule("directory:uo", MEMBERS, obj="uo"),
    Rule("directory:uo", LEVEL_3, obj="sensitive"),
    Rule("directory:uo_imprimer", MEMBERS, obj="uo"),
    Rule("directory:uo_imprimer", LEVEL_3, obj="sensitive"),
    Rule("directory:uo_historique", MEMBERS, obj="uo"),
    Rule("directory:uo_historique", LEVEL_3, obj="sensitive"),
    Rule("directory:uo_retablir", EDITORS, EDITORS, obj="uo_version", denied=FORBIDDEN),
    Rule("directory:uo_modifier", EDITORS, EDITORS, obj="uo", denied=FORBIDDEN, data={"version": 1}),
    Rule("directory:uo_modifier", EDITORS, EDITORS, obj="sensitive", denied=EITHER, data={"version": 1}),
    Rule("directory:uo_verifier", None, EDITORS, obj="uo", denied=FORBIDDEN, data={"version": 1}),
    Rule("directory:uo_verifier", None, EDITORS, obj="sensitive", denied=EITHER, data={"version": 1}),
    Rule("directory:verifier_lien", ANYBODY, ANYBODY, obj="link"),
    # Saved searches: one's own; those of the administrator of the world, here.
    Rule("restitutions:recherches", MEMBERS),
    Rule("restitutions:recherche_enregistrer", MEMBERS, MEMBERS),
    Rule("restitutions:recherche_modifier", ADMIN, ADMIN, obj="recherche"),
    Rule("restitutions:recherche_supprimer", ADMIN, ADMIN, obj="recherche"),
    Rule("restitutions:desabonner", ANYBODY, ANYBODY, obj="alerte"),
    # Extractions: a role opens the pages, the requester alone has the file.
    Rule("restitutions:extractions", EXTRACTORS, denied=FORBIDDEN),
    Rule("restitutions:extraction_nouvelle", EXTRACTORS, EXTRACTORS, denied=FORBIDDEN),
    Rule("restitutions:extraction_telecharger", None, ADMIN, obj="extraction"),
    # Public: a page that only says something, or a door.
    *[Rule(name, ANYBODY) for name in "aide mentions_legales donnees_personnelles accessibilite sources".split()],
    *[Rule(name, ANYBODY) for name in ("sante", "pret", "favicon")],
    Rule("demo_courrier", MEMBERS),
]

ACCOUNTS = [
    Rule("account_login", ANYBODY, ANYBODY),
    Rule("account_logout", ANYBODY, ANYBODY, also=LOGGED_OUT),
    Rule("account_inactive", ANYBODY),
    Rule("account_signup", ANYBODY, ANYBODY, also=LOGGED_OUT),
    Rule("account_change_password", MEMBERS, MEMBERS),
    Rule("account_reset_password", ANYBODY, ANYBODY),
    Rule("account_reset_password_done", ANYBODY),
    Rule("account_reset_password_from_key", ANYBODY, ANYBODY, obj="reset", missing=200),
    Rule("account_reset_password_from_key_done", ANYBODY),
    Rule("account_reauthenticate", MEMBERS, MEMBERS),
    Rule("accounts_invitation", ANYBODY, ANYBODY, obj="invitation", missing=410),
    Rule("account", MEMBERS),
    Rule("accounts_session", MEMBERS),  # 401 for the others: what it is there to say
    Rule("account_end_sessions", None, MEMBERS),
    Rule("mfa_authenticate", ANYBODY, ANYBODY, also=LOGGED_OUT),
    Rule("mfa_reauthenticate", MEMBERS, MEMBERS),
    Rule("mfa_index", MEMBERS, MEMBERS),
    Rule("mfa_activate_totp", MEMBERS, MEMBERS),
    Rule("mfa_deactivate_totp", STAFF, STAFF),  # the others of the world have no second factor
    Rule("mfa_view_recovery_codes", NOBODY),  # nobody has codes yet
    Rule("mfa_generate_recovery_codes", MEMBERS, MEMBERS),
    Rule("mfa_download_recovery_codes", NOBODY),
]

# --- Administration -------------------------------------------------------------------------------------------------
# What support of the whole region may there, by model: v(iew), a(dd), c(hange), d(elete); then what a superuser may.
# Support of one département sees the nomenclature alone: lists of the admin know no territory.
ADMIN_MODELS = {
    "nomenclature_codesystem": ("v", "v"),
    "nomenclature_valueset": ("v", "v"),
    "nomenclature_concept": ("vac", "vac"),
    "nomenclature_typeuo": ("vac", "vac"),
    "nomenclature_filiere": ("vac", "vac"),
    "nomenclature_synonyme": ("vac", "vacd"),
    "nomenclature_modelesaisie": ("vac", "vac"),
    "nomenclature_champsaisie": ("vc", "vc"),
    "nomenclature_groupeactes": ("vac", "vac"),
    "nomenclature_region": ("v", "v"),
    "nomenclature_departement": ("vc", "vc"),
    "nomenclature_commune": ("v", "v"),
    "accounts_user": ("vac", "vac"),
    "accounts_invitation": ("vc", "vc"),
    "api_client": ("vac", "vac"),
    "journal_entry": ("v", "v"),
    "post_office_email": ("", "v"),
    "directory_entitejuridique": ("v", "v"),
    "directory_entitegeographique": ("v", "v"),
    "directory_uniteoperationnelle": ("v", "v"),
    "directory_habilitation": ("vac", "vac"),
    "directory_ficheversion": ("v", "v"),
    "directory_importrun": ("v", "v"),
    "search_recherchesansresultat": ("v", "v"),
}


def _who(letter: str, model: str) -> Audience:
    support, administrator = ADMIN_MODELS[model]
    found = {SUPPORT_HERE} if letter in support else set()
    found |= {SUPPORT_AWAY} if letter in support and model.startswith("nomenclature_") else set()
    return frozenset(found | ({ADMINISTRATOR} if letter in administrator else set()))


def _admin(model: str) -> list[Rule]:
    """The pages Django makes for one model. An object that does not exist sends back to the index, and says so."""
    see, add, change, delete = (_who(letter, model) for letter in "vacd")
    name, common = f"admin:{model}", {"denied": FORBIDDEN, "roles": ROLES_OF_THE_ADMIN}
    return [
        Rule(f"{name}_changelist", see, see, **common),
        Rule(f"{name}_add", add, add, **common),
        Rule(f"{name}_change", see, change, obj=model, missing=302, **common),
        Rule(f"{name}_history", see, see, obj=model, missing=302, **common),
        Rule(f"{name}_delete", delete, delete, obj=model, missing=302, **common),
    ]


ADMINISTRATION = [
    Rule("admin:index", STAFF, STAFF),
    Rule("admin:login", ANYBODY, ANYBODY, also=frozenset({"login", 403})),
    Rule("admin:logout", None, MEMBERS, also=frozenset({"login", 302})),
    Rule("admin:password_change", STAFF, STAFF),
    Rule("admin:password_change_done", STAFF),
    Rule("admin:jsi18n", STAFF),
    *[rule for model in ADMIN_MODELS for rule in _admin(model)],
    Rule("admin:auth_user_password_change", ADMIN, ADMIN, obj="person", denied=FORBIDDEN),
    *[
        Rule(f"admin:accounts_user_{page}", SUPPORT, SUPPORT, obj="person", denied=FORBIDDEN)
        for page in ("fermer", "rouvrir", "second_facteur")
    ],
    *[
        Rule(f"admin:accounts_invitation_{page}", SUPPORT, SUPPORT, obj="invitation_pk", denied=FORBIDDEN)
        for page in ("renvoyer", "annuler")
    ],
    *[
        Rule(f"admin:api_client_{page}", SUPPORT, SUPPORT, obj="client_api", denied=FORBIDDEN)
        for page in ("revoquer", "secret")
    ],
    # Its list shows to each support its territory; the request of the world is of département 75.
    Rule("admin:directory_demandeacces_changelist", STAFF, STAFF),
    Rule("admin:directory_demandeacces_add", NOBODY, NOBODY, denied=FORBIDDEN),
    Rule("admin:directory_demandeacces_change", SUPPORT, SUPPORT, obj="request", denied=ELSEWHERE, missing=302),
    Rule("admin:directory_demandeacces_history", SUPPORT, SUPPORT, obj="request", denied=ELSEWHERE, missing=302),
    Rule("admin:directory_demandeacces_delete", NOBODY, NOBODY, obj="request", denied=FORBIDDEN, missing=302),
    Rule("admin:directory_demandeacces_decider", SUPPORT, SUPPORT, obj="request"),
    # The queue shows to each support its territory; the dossier sent is of département 75.
    Rule("admin:dossiers_dossier_changelist", STAFF),
    Rule("admin:dossiers_dossier_add", NOBODY, NOBODY, denied=FORBIDDEN),
    Rule("admin:dossiers_dossier_change", SUPPORT, obj="sent"),
    Rule("admin:dossiers_dossier_history", SUPPORT, obj="sent"),
    Rule("admin:dossiers_dossier_delete", NOBODY, NOBODY, obj="sent", denied=EITHER, missing=302),
    *[
        Rule(f"admin:dossiers_dossier_{step}", None, SUPPORT, obj="sent", data={"version": 2})
        for step in ("remarque", "prendre", "rendre", "suite")
    ],
    Rule("admin:dossiers_dossier_decider", None, SUPPORT, obj="sent", also=frozenset({404})),  # names no draft
    *[
        Rule(f"admin:dossiers_dossier_{step}", SUPPORT, SUPPORT, obj="sent", data={"version": 2})
        for step in ("renvoyer", "valider", "rouvrir", "annuler")
    ],
    Rule("admin:directory_habilitation_inviter", STAFF, STAFF),
    Rule("admin:directory_habilitation_suggestions", STAFF),
    Rule("admin:directory_habilitation_structures", STAFF),
    Rule("admin:directory_habilitation_referents", SUPPORT, obj="pk_eg"),
    Rule("admin:directory_habilitation_retirer", SUPPORT, SUPPORT, obj="right"),
    Rule("admin:directory_entitejuridique_creer", SUPPORT, SUPPORT, denied=FORBIDDEN),
    Rule("admin:directory_entitejuridique_creer_eg", STAFF, STAFF, obj="pk_ej"),  # its commune must be theirs
    Rule("admin:directory_entitejuridique_fermer", SUPPORT, SUPPORT, obj="pk_ej"),
    Rule("admin:directory_entitegeographique_fermer", SUPPORT, SUPPORT, obj="pk_eg"),
    Rule("admin:directory_uniteoperationnelle_fermer", SUPPORT, SUPPORT, obj="pk_uo"),
    Rule("admin:directory_uniteoperationnelle_deplacer", SUPPORT, SUPPORT, obj="pk_uo"),
]
# Addresses of the admin that name no page of their own: « <pk>/ » goes to « <pk>/change/ », the rest is 404.
WITHOUT_A_RULE = {
    "api:token": "for machines, with their own credentials and no cookie: tests/api/test_access.py",
    "admin:<path:object_id>/": "redirects to the change page, which has its rule",
    "admin:(?P<url>.*)$": "404 for staff, login for the others",
    "admin:view_on_site": "redirects to the public page of an object, which has its rule",
    "admin:app_list": "the index cut to one app",
    "admin:autocomplete": "candidates of a field: 403 without `view` on the model (Django's own test)",
}

RULES = [*PAGES, *ACCOUNTS, *ADMINISTRATION]
