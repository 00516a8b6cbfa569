"""Counts with two values at once, and what later days change in them. The rows are derived: emptied here, written
again after (`search.apps`)."""

from django.contrib.postgres.fields import ArrayField
from django.db import migrations, models

EMPTY = "truncate search_eg, search_offre, search_cofacette, search_cofacette_delta"


class Migration(migrations.Migration):

    dependencies = [("search", "0010_recherche_sans_resultat")]

    operations = [
        migrations.RunSQL(EMPTY, EMPTY),
        migrations.AlterField("searchcofacette", "avec", models.BigIntegerField()),
        migrations.AlterField("searchcofacettedelta", "avec", models.BigIntegerField()),
        migrations.CreateModel(
            name="SearchCofacettePrevue",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("eg_id", models.BigIntegerField(db_index=True)),
                ("des", models.DateField(db_index=True)),
                ("concepts", ArrayField(models.IntegerField())),
                ("avecs", ArrayField(models.BigIntegerField())),
                ("valeurs", ArrayField(models.IntegerField())),
                ("nombres", ArrayField(models.IntegerField())),
            ],
            options={"db_table": "search_cofacette_prevue"},
        ),
        migrations.RemoveIndex("searchoffre", "search_offre_instables"),
    ]
