"""Code systems (TRE and regional), their concepts, and the value sets (JDV) that fields offer."""

from collections.abc import Iterable

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models


class CodeSystem(models.Model):
    """A list of codes: national (`TRE_R66`) or regional (`ror-type-uo`). `url` is what the API shows as `system`."""

    code = models.CharField("code", max_length=40, unique=True)
    name = models.CharField("nom", max_length=120)
    title = models.TextField("titre", blank=True)
    url = models.CharField("adresse nationale", max_length=250, blank=True)
    oid = models.CharField("OID", max_length=80, blank=True)
    version = models.CharField("version", max_length=20, blank=True)
    is_regional = models.BooleanField("régional", default=False)

    class Meta:
        verbose_name = "système de codes"
        verbose_name_plural = "systèmes de codes"
        ordering = ["code"]

    def __str__(self) -> str:
        return self.title or self.name


class ConceptQuerySet(models.QuerySet):
    def by_key(self, keys: Iterable[str]) -> dict[str, "Concept"]:
        """Concepts by `system|code` in one query; an unknown key is simply absent from the answer."""
        wanted = set(keys)
        systems, codes = ({key.partition("|")[part] for key in wanted} for part in (0, 2))
        found = self.select_related("system").filter(system__code__in=systems, code__in=codes)
        return {concept.key: concept for concept in found if concept.key in wanted}

    def active(self) -> "ConceptQuerySet":
        return self.filter(retired=False)

    def of(self, value_set: str) -> "ConceptQuerySet":
        """Members of a value set (`JDV_…`), or concepts of a regional system named as one; retired ones included."""
        if value_set.startswith("JDV_"):
            return self.filter(memberships__value_set__code=value_set)
        return self.filter(system__code=value_set)

    def in_value_set(self, value_set: str) -> "ConceptQuerySet":
        """What a person may choose: members of the value set that are not retired."""
        return self.of(value_set).active()


class ConceptManager(models.Manager.from_queryset(ConceptQuerySet)):
    def get_by_natural_key(self, system: str, code: str) -> "Concept":
        return self.get(system__code=system, code=code)


class Concept(models.Model):
    """One code of a system. Never deleted (trigger), only retired: a fiche that carries it stays readable.

    The key is an int4: the search index keeps concept ids in `int[]`.
    """

    id = models.AutoField(primary_key=True)
    system = models.ForeignKey(
        CodeSystem, models.PROTECT, related_name="concepts", verbose_name="système", db_index=False
    )
    code = models.CharField("code", max_length=40)
    label = models.TextField("libellé")
    short_label = models.TextField("libellé court", blank=True)
    alt_labels = ArrayField(models.TextField(), verbose_name="autres libellés", default=list, blank=True)
    valid_from = models.DateField("valide depuis", null=True, blank=True)
    valid_to = models.DateField("valide jusqu’au", null=True, blank=True)
    retired = models.BooleanField("retiré", default=False)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name="concept parent"
    )

    objects = ConceptManager()

    class Meta:
        verbose_name = "concept"
        ordering = ["system", "code"]
        constraints = [models.UniqueConstraint(fields=["system", "code"], name="concept_code_unique_per_system")]
        triggers = [pgtrigger.Protect(name="concept_never_deleted", operation=pgtrigger.Delete)]

    def __str__(self) -> str:
        return self.label

    @property
    def key(self) -> str:
        """`system|code`, how documents and files name a concept."""
        return f"{self.system.code}|{self.code}"

    @property
    def display(self) -> str:
        """The short label when there is one."""
        return self.short_label or self.label

    def natural_key(self) -> tuple[str, str]:
        return (self.system.code, self.code)


class ValueSet(models.Model):
    """A JDV: the codes, of one or several systems, that a field of the national model accepts."""

    code = models.CharField("code", max_length=40, unique=True)
    name = models.CharField("nom", max_length=120)
    title = models.TextField("titre", blank=True)
    url = models.CharField("adresse nationale", max_length=250, blank=True)
    oid = models.CharField("OID", max_length=80, blank=True)
    version = models.CharField("version", max_length=20, blank=True)
    concepts = models.ManyToManyField(
        Concept, through="ValueSetMembership", related_name="value_sets", verbose_name="concepts"
    )

    class Meta:
        verbose_name = "jeu de valeurs"
        verbose_name_plural = "jeux de valeurs"
        ordering = ["code"]

    def __str__(self) -> str:
        return f"{self.code} {self.title or self.name}"


class ValueSetMembership(models.Model):
    """A concept in a value set; `label` only where the JDV words it differently from its system."""

    value_set = models.ForeignKey(
        ValueSet, models.CASCADE, related_name="memberships", verbose_name="jeu de valeurs", db_index=False
    )
    concept = models.ForeignKey(Concept, models.PROTECT, related_name="memberships", verbose_name="concept")
    label = models.TextField("libellé dans le jeu de valeurs", blank=True)

    class Meta:
        verbose_name = "appartenance"
        constraints = [models.UniqueConstraint(fields=["value_set", "concept"], name="concept_once_per_value_set")]

    def __str__(self) -> str:
        return f"{self.value_set_id}: {self.concept_id}"
