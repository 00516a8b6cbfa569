"""What a role opens in the administration: rights follow the habilitation, so a revocation is immediate there too.

`is_staff` lets an account in; this says what it finds. Accounts that enter the administration are changed by
superusers only (`accounts.admin`).
"""

from django.contrib.auth.backends import BaseBackend

from directory.models import Habilitation, Role
from ror import clock

READ = {
    "directory": (
        "entitejuridique",
        "entitegeographique",
        "uniteoperationnelle",
        "contact",  # shown under its fiche
        "lieu",
        "habilitation",
        "demandeacces",
        "ficheversion",
        "importrun",
    ),
    "dossiers": ("dossier",),
    "journal": ("entry",),
    "accounts": ("user", "invitation"),
    "api": ("client",),
    "search": ("recherchesansresultat",),
    "nomenclature": (
        "codesystem",
        "concept",
        "valueset",
        "typeuo",
        "filiere",
        "synonyme",
        "modelesaisie",
        "champsaisie",
        "groupeactes",
        "region",
        "departement",
        "commune",
    ),
}
KEEP_UP = {  # regional lists, people, and who answers for which structure
    "nomenclature": ("concept", "typeuo", "filiere", "synonyme", "modelesaisie", "champsaisie", "groupeactes"),
    "directory": ("habilitation",),
    "accounts": ("user",),
    "api": ("client",),
}
SUPPORT = frozenset(
    [f"{app}.view_{model}" for app, models in READ.items() for model in models]
    + [f"{app}.{verb}_{model}" for app, models in KEEP_UP.items() for model in models for verb in ("add", "change")]
    + ["nomenclature.change_departement", "directory.change_demandeacces", "accounts.change_invitation"]
    + ["dossiers.change_dossier"]
)
# What support of one département has too: these pages show the rows of its territory only.
ON_ITS_TERRITORY = frozenset(
    f"{app}.{verb}_{model}"
    for app, model in (("directory", "demandeacces"), ("dossiers", "dossier"))
    for verb in ("view", "change")
)
PERMISSIONS = {Role.SUPPORT: SUPPORT, Role.ADMINISTRATEUR: SUPPORT}


class RoleBackend(BaseBackend):
    """Django permissions of the roles in force today; it authenticates nobody."""

    def get_user_permissions(self, user_obj, obj=None) -> set[str]:
        """Permissions as `app.codename`; one query per request, none for who may not enter the administration."""
        if not (user_obj.is_active and user_obj.is_staff) or obj is not None:
            return set()
        if not hasattr(user_obj, "_role_permissions"):
            rows = Habilitation.objects.active(clock.today()).filter(user=user_obj, ej=None, eg=None)
            found = [
                (PERMISSIONS.get(role, frozenset()), only) for role, only in rows.values_list("role", "departement")
            ]
            # The lists of the admin know no territory: who answers for one département does not read the others'.
            user_obj._role_permissions = {
                name
                for names, only in found
                for name in names
                if not only or name.startswith("nomenclature.") or name in ON_ITS_TERRITORY
            }
        return user_obj._role_permissions

    def has_module_perms(self, user_obj, app_label: str) -> bool:
        """Whether the app has anything to show."""
        return any(name.startswith(f"{app_label}.") for name in self.get_user_permissions(user_obj))
