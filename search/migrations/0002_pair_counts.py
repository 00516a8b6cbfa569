"""Pair counts, places, and what the rows of the index lacked. The rows are derived: emptied here, written again after.

`post_migrate` (search.apps) rebuilds an index found empty beside published establishments.
"""

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
from django.db import migrations, models

import search.models

EMPTY = "truncate search_eg, search_offre"


def _common(model: str) -> list:
    return [
        migrations.AddField(model, "latitude", models.FloatField(null=True)),
        migrations.AddField(model, "longitude", models.FloatField(null=True)),
        migrations.AddField(model, "maj_eg", models.DateField(null=True)),
    ]


class Migration(migrations.Migration):

    dependencies = [("search", "0001_initial")]

    operations = [
        migrations.RunSQL(EMPTY, EMPTY),
        *_common("searcheg"),
        *_common("searchoffre"),
        migrations.AddField(
            "searchoffre",
            "autres",
            django.contrib.postgres.fields.ArrayField(base_field=search.models.CubeField(), null=True, size=None),
        ),
        migrations.AddField("searchoffre", "tri_uo", models.TextField(default=""), preserve_default=False),
        migrations.AddField("searchoffre", "stable", models.BooleanField(default=False), preserve_default=False),
        migrations.AddIndex(
            "searchoffre",
            django.contrib.postgres.indexes.GinIndex(
                django.contrib.postgres.indexes.OpClass("concepts", name="gin__int_ops"),
                condition=models.Q(("stable", False)),
                name="search_offre_instables",
            ),
        ),
        migrations.CreateModel(
            name="SearchLieu",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("eg_id", models.BigIntegerField(db_index=True)),
                ("pos", search.models.CubeField(null=True)),
                ("tri", models.TextField()),
                ("maj_eg", models.DateField(null=True)),
                (
                    "concepts",
                    django.contrib.postgres.fields.ArrayField(base_field=models.IntegerField(), size=None),
                ),
                ("stable", models.BooleanField()),
                ("seul", models.BooleanField()),
            ],
            options={
                "db_table": "search_lieu",
                "indexes": [
                    django.contrib.postgres.indexes.GistIndex(fields=["pos"], name="search_lieu_pos"),
                    django.contrib.postgres.indexes.GinIndex(
                        django.contrib.postgres.indexes.OpClass("concepts", name="gin__int_ops"),
                        name="search_lieu_concepts",
                    ),
                    models.Index(fields=["tri", "eg_id"], name="search_lieu_tri"),
                ],
            },
        ),
        # The planner's estimates of « how many hold this concept »: more of them than the usual hundred.
        migrations.RunSQL(
            "alter table search_lieu alter concepts set statistics 1000",
            migrations.RunSQL.noop,
        ),
        migrations.CreateModel(
            name="SearchCofacette",
            fields=[
                ("concept_id", models.IntegerField()),
                ("avec", models.IntegerField()),
                ("f", models.IntegerField()),
                ("n", models.IntegerField()),
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "concept_id", "avec", "f", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
            ],
            options={"db_table": "search_cofacette"},
        ),
        migrations.CreateModel(
            name="SearchCofacetteDelta",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("concept_id", models.IntegerField()),
                ("avec", models.IntegerField()),
                ("f", models.IntegerField()),
                ("n", models.IntegerField()),
            ],
            options={
                "db_table": "search_cofacette_delta",
                "indexes": [models.Index(fields=["concept_id"], name="search_delta_concept")],
            },
        ),
        migrations.CreateModel(
            name="SearchEtat",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("stable_des", models.DateField()),
            ],
            options={"db_table": "search_etat"},
        ),
    ]
