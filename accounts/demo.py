"""The accounts of the demo, listed on its login page. Created by the seed command only."""

from typing import NamedTuple

PASSWORD = "Demo-ROR-2026"  # noqa: S105 - known to all, demo only


class DemoAccount(NamedTuple):
    email: str
    first_name: str
    last_name: str
    fonction: str
    role: str  # what one sees with it, one sentence


ACCOUNTS = (
    DemoAccount(
        "pro@demo.ror",
        "Nadia",
        "Belkacem (fictif)",
        "assistante sociale",
        "professionnelle qui oriente : cherche, lit les fiches, exporte (niveaux 1 et 2)",
    ),
    DemoAccount(
        "referent@demo.ror",
        "Camille",
        "Durand (fictif)",
        "directrice adjointe",
        "référente de ses structures : les voit en entier, niveau 3 compris",
    ),
    DemoAccount(
        "referent2@demo.ror", "Karim", "Oulad (fictif)", "chef de service", "second référent des mêmes structures"
    ),
    DemoAccount(
        "autre@demo.ror",
        "Hélène",
        "Vasseur (fictif)",
        "directrice",
        "référente d’une autre structure : les coordonnées de niveau 3 des précédentes lui sont cachées",
    ),
    DemoAccount(
        "support@demo.ror",
        "Sophie",
        "Marin (fictif)",
        "support ROR",
        "support : l’administration et tout le territoire",
    ),
    DemoAccount(
        "admin@demo.ror",
        "Paul",
        "Lefort (fictif)",
        "administrateur",
        "administration complète, nomenclatures comprises",
    ),
    DemoAccount(
        "regulation@demo.ror",
        "Inès",
        "Garnier (fictif)",
        "médecin régulateur",
        "régulation médicale : voit le niveau 3 et les unités sensibles",
    ),
)
