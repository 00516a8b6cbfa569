"""`seed_demo`: the invented establishments and the demo accounts."""

import time

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from accounts.demo import ACCOUNTS, PASSWORD
from directory.demo import accounts, seed
from nomenclature.models import Commune, TypeUO

LOCAL_HOSTS = {"localhost", "127.0.0.1", "[::1]", "::1", "testserver"}


class Command(BaseCommand):
    help = (
        "Crée les comptes de démonstration et des établissements inventés, marqués « (fictif) ». "
        "Sans effet si c’est déjà fait."
    )

    def add_arguments(self, parser):
        parser.add_argument(
            "--scale",
            choices=sorted(seed.SCALES),
            default="petit",
            help="petit : environ 600 établissements (par défaut) ; idf : 20 000 établissements, 65 000 UO ; "
            "national : 110 000 établissements, 350 000 UO dans tout le pays",
        )
        parser.add_argument(
            "--comptes-seuls", action="store_true", help="ne crée que les comptes et leurs habilitations"
        )

    def handle(self, *args, scale: str, comptes_seuls: bool, **options):
        refuse_outside_a_demo()
        started = time.monotonic()
        if comptes_seuls:
            created, granted = accounts.create_accounts(), accounts.grant_rights()
            self.stdout.write(f"Comptes de démonstration : {created} créés, {granted} habilitations accordées.")
            return
        if not TypeUO.objects.exists() or not Commune.objects.exists():
            raise CommandError("Chargez d’abord les nomenclatures : load_nomenclature fixtures/nomenclature")
        done = seed.seed(seed.SCALES[scale], say=self.stdout.write)
        if done is None:
            self.stdout.write("Données de démonstration déjà présentes : rien à faire.")
            return
        self.stdout.write(
            self.style.SUCCESS(
                f"Démonstration prête en {time.monotonic() - started:.0f} s : {done.ej} entités juridiques, "
                f"{done.eg} établissements, {done.uo} unités opérationnelles."
            )
        )
        self.stdout.write(f"Comptes (mot de passe {PASSWORD}) :")
        for account in ACCOUNTS:
            self.stdout.write(f"  {account.email} – {account.role}")


def refuse_outside_a_demo() -> None:
    """Accounts whose password everybody knows: never where someone else can connect."""
    hosts = set(settings.ALLOWED_HOSTS)
    if not settings.DEBUG and not (hosts and hosts <= LOCAL_HOSTS):
        raise CommandError(
            "Refusé : ces comptes ont un mot de passe public. La commande ne tourne qu’avec DEBUG, "
            "ou si ALLOWED_HOSTS ne nomme que cette machine."
        )
