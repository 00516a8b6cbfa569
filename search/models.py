"""The index tables: derived from `directory`, refreshed inside each publication, rebuilt from scratch at will.

Business truth never lives here; `search.index` writes, `search.engine` reads.
"""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, GistIndex, OpClass
from django.contrib.postgres.search import SearchVectorField
from django.db import models

from search.sans_resultat import RechercheSansResultat  # noqa: F401 - Django finds its models here


class CubeField(models.Field):
    """A point of the trusted extension `cube`: metres, earth-centred (see `search.geo`)."""

    def db_type(self, connection) -> str:
        return "cube"


class IndexRow(models.Model):
    """What both tables share.

    `debut`, `fin`: shown from that day, and until the day before that one; null is no bound. They make a future
    opening or closing take effect on its day without any write. `ferme_du`, `ferme_au`: provisional closing.
    `telephones`: the first number readable at level 1, at level 2, at level 3. `latitude`, `longitude`: of `pos`.
    `maj_eg`: last day something public of the establishment was written or checked.
    """

    nom = models.TextField()
    cle = models.TextField()
    cle_tri = models.TextField()
    departement = models.CharField(max_length=3, null=True)
    telephones = ArrayField(models.TextField(null=True))
    facettes = ArrayField(models.IntegerField())
    pos = CubeField(null=True)
    latitude = models.FloatField(null=True)
    longitude = models.FloatField(null=True)
    maj_eg = models.DateField(null=True)
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
    `pos`: where it works, the main entrance when nothing else is said; `autres`: its other places. `tri_uo`: its rank
    among the units of its establishment, by type then name. `stable`: see `SearchLieu`. Ages are in days.
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
    autres = ArrayField(CubeField(), null=True)
    tri_uo = models.TextField()
    stable = models.BooleanField()
    age_min = models.FloatField(null=True)
    age_max = models.FloatField(null=True)
    planning = models.BigIntegerField(null=True)

    class Meta:
        db_table = "search_offre"
        indexes = [
            GinIndex(OpClass("concepts", name="gin__int_ops"), name="search_offre_concepts"),
        ]


class SearchLieu(models.Model):
    """One row per place where an establishment offers something every professional may see: what the walk goes over.

    `concepts`: those of its UO there, sensitive ones left out. `stable`: as long as nothing is written, the same UO
    are open whatever the day; else `concepts` also holds those of UO that open or close later, and the reader of the
    row looks at the UO themselves. `seul`: the only place of its establishment. `tri`: name, for equal distances.
    """

    eg_id = models.BigIntegerField(db_index=True)
    pos = CubeField(null=True)
    tri = models.TextField()
    maj_eg = models.DateField(null=True)
    concepts = ArrayField(models.IntegerField())
    stable = models.BooleanField()
    seul = models.BooleanField()

    class Meta:
        db_table = "search_lieu"
        indexes = [
            GistIndex(fields=["pos"], name="search_lieu_pos"),
            GinIndex(OpClass("concepts", name="gin__int_ops"), name="search_lieu_concepts"),
            models.Index(fields=["tri", "eg_id"], name="search_lieu_tri"),
        ]


class SearchPlanning(models.Model):
    """Opening hours that some UO have, each written once; `search.ouverture` reads `texte`.

    UO share few different weeks: « who is open? » is asked of these, to the one function that answers it.
    """

    cle = models.BigIntegerField(primary_key=True)
    texte = models.TextField()

    class Meta:
        db_table = "search_planning"


class PairCount(models.Model):
    """Establishments that offer `concept_id` together with the facet value `f`, for every professional.

    Of the UO that also hold the facet values that `avec` says (`pairs.avec`: none, one, or two of facets with
    `is_paired`). Two values of `f` are totals: of establishments, and of UO.
    """

    EG, UO = 0, -1

    concept_id = models.IntegerField()
    avec = models.BigIntegerField()
    f = models.IntegerField()
    n = models.IntegerField()

    class Meta:
        abstract = True


class SearchCofacette(PairCount):
    """The counts at the last folding."""

    pk = models.CompositePrimaryKey("concept_id", "avec", "f")

    class Meta:
        db_table = "search_cofacette"


class SearchCofacetteDelta(PairCount):
    """What each write added (or took away) since: writers append, and never wait for one another on a count."""

    class Meta:
        db_table = "search_cofacette_delta"
        indexes = [models.Index(fields=["concept_id"], name="search_delta_concept")]


class SearchCofacettePrevue(models.Model):
    """What the day `des` adds to the counts, or takes away: an establishment that will open or close something.

    One row for many counts: they are read one by one on that day only, until they are folded.
    """

    eg_id = models.BigIntegerField(db_index=True)
    des = models.DateField(db_index=True)
    concepts = ArrayField(models.IntegerField())
    avecs = ArrayField(models.BigIntegerField())
    valeurs = ArrayField(models.IntegerField())
    nombres = ArrayField(models.IntegerField())

    class Meta:
        db_table = "search_cofacette_prevue"


class SearchEtat(models.Model):
    """One row. `stable_des`: the last day rows were written or counts folded; they say nothing of the days before."""

    stable_des = models.DateField()

    class Meta:
        db_table = "search_etat"
