"""The index tables: derived from `directory`, refreshed inside each publication, rebuilt from scratch at will.

Business truth never lives here; `search.index` writes, `search.engine` reads.
"""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.contrib.postgres.search import SearchVectorField
from django.db import models


class CubeField(models.Field):
    """A point of the trusted extension `cube`: metres, earth-centred (see `search.geo`)."""

    def db_type(self, connection) -> str:
        return "cube"


class IndexRow(models.Model):
    """What both tables share.

    `debut`, `fin`: shown from that day, and until the day before that one; null is no bound. They make a future
    opening or closing take effect on its day without any write. `ferme_du`, `ferme_au`: provisional closing.
    `telephones`: the first number readable at level 1, at level 2, at level 3.
    """

    nom = models.TextField()
    cle = models.TextField()
    cle_tri = models.TextField()
    departement = models.CharField(max_length=3, null=True)
    telephones = ArrayField(models.TextField(null=True))
    facettes = ArrayField(models.IntegerField())
    pos = CubeField(null=True)
    debut = models.DateField(null=True)
    fin = models.DateField(null=True)
    ferme_du = models.DateField(null=True)
    ferme_au = models.DateField(null=True)
    texte = SearchVectorField(null=True)

    class Meta:
        abstract = True


class SearchEg(IndexRow):
    """One row per published establishment. `texte` holds no word of a sensitive UO."""

    eg_id = models.BigIntegerField(primary_key=True)
    commune = models.TextField(null=True)
    categorie_id = models.IntegerField()

    class Meta:
        db_table = "search_eg"
        indexes = [GinIndex(fields=["texte"], name="search_eg_texte")]


class SearchOffre(IndexRow):
    """One row per published UO. `concepts`: every concept one may search it by; `facettes`: those that are counted.

    `texte`: its own words; for a sensitive UO, whose words stay out of `search_eg`, those of its establishment too.
    """

    uo_id = models.BigIntegerField(primary_key=True)
    eg_id = models.BigIntegerField(db_index=True)
    type_id = models.IntegerField(null=True)
    concepts = ArrayField(models.IntegerField())
    sensible = models.BooleanField()
    patientele = models.CharField(max_length=3)
    maj = models.DateField()
    saisie_capacitaire_active = models.BooleanField()
    zones = ArrayField(models.CharField(max_length=5))

    class Meta:
        db_table = "search_offre"
        indexes = [GinIndex(OpClass("concepts", name="gin__int_ops"), name="search_offre_concepts")]
