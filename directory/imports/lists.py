"""The nomenclature an import needs, read once: codes to concept ids, street types, communes."""

from directory.imports.communes import Communes
from directory.imports.records import FileRefused, LineRefused
from nomenclature.models import Concept, Departement

STANDARD = "TRE_R287|06"  # nature of the contact that carries the FINESS telephone


class Lists:
    """Raises `FileRefused` when the nomenclature is not loaded."""

    def __init__(self):
        self.categories = _codes("TRE_R66")
        self.statuts = _codes("TRE_R72")
        self.sph = _codes("TRE_R73")
        self.offered = {
            name: set(Concept.objects.of(name).values_list("pk", flat=True))
            for name in ("JDV_J55", "JDV_J199", "JDV_J202")
        }
        retired = Concept.objects.filter(system__code__in=("TRE_R66", "TRE_R72"), retired=True)
        self.retired = set(retired.values_list("pk", flat=True))
        labels = Concept.objects.filter(system__code="TRE_R35").values_list("code", "label")
        self.street_types = {code: label.split(",")[0] for code, label in labels}
        self.communes = Communes()
        standard = Concept.objects.by_key([STANDARD]).get(STANDARD)
        if not (self.categories and self.statuts and self.communes and standard):
            raise FileRefused(
                "La nomenclature n’est pas chargée : lancez d’abord « load_nomenclature fixtures/nomenclature »."
            )
        self.standard_id = standard.pk
        self.territoires = dict(
            Departement.objects.exclude(territoire_sante=None).values_list("code", "territoire_sante_id")
        )

    def categorie(self, code: str) -> int:
        """Id of the category, even outside JDV_J55; a code TRE_R66 does not have is refused."""
        if code not in self.categories:
            raise LineRefused("catégorie inconnue", f"catégorie « {code} »" if code else "catégorie absente")
        return self.categories[code]

    def statut(self, code: str) -> int:
        """Id of the legal status; compulsory for an EJ that a file describes."""
        if code not in self.statuts:
            raise LineRefused("statut juridique inconnu", f"statut « {code} »" if code else "statut absent")
        return self.statuts[code]


def _codes(system: str) -> dict[str, int]:
    return dict(Concept.objects.filter(system__code=system).values_list("code", "pk"))
