"""Searches that found nothing, by day. Plain table: nothing else depends on it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("search", "0003_hours_and_ages")]

    operations = [
        migrations.CreateModel(
            name="RechercheSansResultat",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("jour", models.DateField(verbose_name="jour")),
                ("texte", models.CharField(max_length=80, verbose_name="texte cherché")),
                ("nombre", models.PositiveIntegerField(verbose_name="recherches")),
            ],
            options={
                "verbose_name": "recherche sans résultat",
                "verbose_name_plural": "recherches sans résultat",
                "ordering": ["-jour", "texte"],
                "indexes": [models.Index(fields=["texte", "jour"], name="sans_resultat_texte")],
                "constraints": [
                    models.UniqueConstraint(fields=("jour", "texte"), name="sans_resultat_unique_per_day"),
                    models.CheckConstraint(condition=models.Q(("nombre__gt", 0)), name="sans_resultat_positive"),
                ],
            },
        ),
    ]
