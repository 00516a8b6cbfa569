"""Opening hours and ages for the filters. Rows are derived: emptied here, written again after (search.apps)."""

from django.db import migrations, models

EMPTY = "truncate search_eg, search_offre, search_lieu, search_cofacette, search_cofacette_delta"


# The same function with fewer regular expressions: they are much of the cost of writing all rows.
NORM = r"""
create or replace function search_norm(text) returns text language sql immutable strict parallel safe as $$
  select btrim(regexp_replace(regexp_replace(
    case when position('.' in plain) > 0 then regexp_replace(plain, '\m([a-z])\.(?=[a-z]\M)', '\1', 'g') else plain end,
    '[^a-z0-9]+', ' ', 'g'), '\mst(e?s?)\M', 'saint\1', 'g'))
  from (select lower(public.unaccent('public.unaccent', lower($1))) as plain) p
$$;
"""
OLD_NORM = r"""
create or replace function search_norm(text) returns text language sql immutable strict parallel safe as $$
  select btrim(
    regexp_replace(regexp_replace(regexp_replace(regexp_replace(
      regexp_replace(regexp_replace(lower(public.unaccent('public.unaccent', lower($1))),
        '\m([a-z])\.(?=[a-z]\M)', '\1', 'g'), '[^a-z0-9]+', ' ', 'g'),
      '\mst\M', 'saint', 'g'), '\mste\M', 'sainte', 'g'), '\msts\M', 'saints', 'g'), '\mstes\M', 'saintes', 'g'))
$$;
"""


class Migration(migrations.Migration):

    dependencies = [("search", "0002_pair_counts")]

    operations = [
        migrations.RunSQL(EMPTY, EMPTY),
        migrations.RunSQL(NORM, OLD_NORM),
        migrations.AddField("searchoffre", "age_min", models.FloatField(null=True)),
        migrations.AddField("searchoffre", "age_max", models.FloatField(null=True)),
        migrations.AddField("searchoffre", "planning", models.BigIntegerField(null=True)),
        migrations.CreateModel(
            name="SearchPlanning",
            fields=[
                ("cle", models.BigIntegerField(primary_key=True, serialize=False)),
                ("texte", models.TextField()),
            ],
            options={"db_table": "search_planning"},
        ),
    ]
