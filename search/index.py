"""The index tables, always by the same SQL: `refresh` for some establishments, `rebuild` for all.

Every `ConceptField` and `ConceptsField` of a UO, its activities, its category and its filières are searchable: the
statement is made from the fields, so a coded field added to the model is searchable at once.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache

from django.conf import settings
from django.db import connection, transaction

from directory.models import UniteOperationnelle
from nomenclature.fields import ConceptField, ConceptsField
from nomenclature.models import Concept
from nomenclature.models.regional import PATIENTELE, TYPE_OFFRE
from search.facets import FACETS

# Everything a row needs is looked up by index from its own key (`lateral`, and `_index_lookups` below).

# Phone numbers of one owner: the first one readable at level 1, 2 and 3, in the order of the contacts.
PHONES = """lateral (
  select array[
      (array_agg(t.adresse order by c.ordre, c.id, t.id) filter (where t.niveau <= 1))[1],
      (array_agg(t.adresse order by c.ordre, c.id, t.id) filter (where t.niveau <= 2))[1],
      (array_agg(t.adresse order by c.ordre, c.id, t.id))[1]] as numeros
  from directory_contact c join directory_telecommunication t on t.contact_id = c.id
  where t.canal in ('1', '2') and c.{owner} = {key}) tel
"""

# The main entrance and its commune.
LIEU = """lateral (
  select l.latitude, l.longitude, c.departement_id, c.nom_ror,
    concat_ws(' ', c.nom, c.nom_ror, l.code_postal, l.localite, d.nom) as mots
  from directory_lieu l left join nomenclature_commune c on c.insee = l.commune_id
    left join nomenclature_departement d on d.code = c.departement_id
  where l.entite_geographique_id = {key} order by l.est_principal desc, l.id limit 1) lieu
"""

OFFRES = """
insert into search_offre (uo_id, eg_id, nom, cle, cle_tri, departement, telephones, type_id, concepts, facettes, pos,
  debut, fin, ferme_du, ferme_au, sensible, patientele, maj, saisie_capacitaire_active, zones, texte)
select u.id, g.id, u.nom, replace(u.identifiant, '/', '-'),
  search_norm(coalesce(nullif(g.nom_operationnel, ''), g.denomination)), lieu.departement_id, tel.numeros,
  u.type_uo_id, ensemble.concepts, ensemble.concepts & %(facettes)s::int[],
  search_ecef(lieu.latitude, lieu.longitude), g.date_ouverture,
  least(case when u.type_fermeture not in ('', 'PRO', 'PRE') then u.date_fermeture end,
    case when g.type_fermeture not in ('', 'PRO', 'PRE') then g.date_fermeture end),
  case when u.type_fermeture in ('PRO', 'PRE') then u.date_fermeture end,
  case when u.type_fermeture in ('PRO', 'PRE') then u.date_reouverture end,
  u.unite_sensible, concat_ws('+', case when age.enfants then 'E' end, case when age.adultes then 'A' end),
  (greatest(u.updated_at, u.verified_at) at time zone %(zone)s)::date, u.saisie_capacitaire_active,
  array(select commune_id from directory_uniteoperationnelle_zones_intervention
    where uniteoperationnelle_id = u.id order by commune_id),
  setweight(to_tsvector('simple', search_norm(u.nom)), 'C')
  || setweight(to_tsvector('simple', search_norm(coalesce(type_uo.label, ''))), 'D')
  || case when u.unite_sensible then
    setweight(to_tsvector('simple', search_norm(concat_ws(' ', g.denomination, g.nom_operationnel))), 'A')
    || setweight(to_tsvector('simple', search_norm(coalesce(lieu.mots, ''))), 'B') else '' end
from directory_entitegeographique g
  join directory_uniteoperationnelle u on u.entite_geographique_id = g.id
  cross join lateral (select
    coalesce(u.age_min_jours, 0) < %(adulte)s and (u.age_min is not null or u.age_max is not null) as enfants,
    coalesce(u.age_max_jours, %(adulte)s) >= %(adulte)s and (u.age_min is not null or u.age_max is not null) as adultes
  ) age
  cross join lateral (select sort(array_agg(distinct concept)) as concepts from (
    {links}
    union all select g.categorie_id
    union all select %(enfant)s where age.enfants
    union all select %(adulte_id)s where age.adultes
    union all select %(etablissement)s
    union all select filiere_id from nomenclature_filiere_types_uo where typeuo_id = u.type_uo_id
    union all select f.filiere_id from directory_activiteoperationnelle a
      join nomenclature_filiere_activites f on f.concept_id = a.activite_id where a.unite_id = u.id
    ) liens (concept) where concept is not null) ensemble
  left join {phones} on true left join {lieu} on true
  left join nomenclature_concept type_uo on type_uo.id = u.type_uo_id
where u.version > 0 and g.version > 0 {scope}
"""

ETABLISSEMENTS = """
insert into search_eg (eg_id, nom, cle, cle_tri, departement, telephones, facettes, pos, debut, fin, ferme_du,
  ferme_au, commune, categorie_id, texte)
select g.id, nom.affiche, coalesce(g.finess, g.idnat_struct), search_norm(nom.affiche), lieu.departement_id,
  tel.numeros, array_remove(array[%(etablissement)s]::int[], null), search_ecef(lieu.latitude, lieu.longitude),
  g.date_ouverture,
  case when g.type_fermeture not in ('', 'PRO', 'PRE') then g.date_fermeture end,
  case when g.type_fermeture in ('PRO', 'PRE') then g.date_fermeture end,
  case when g.type_fermeture in ('PRO', 'PRE') then g.date_reouverture end,
  lieu.nom_ror, g.categorie_id,
  setweight(to_tsvector('simple', search_norm(concat_ws(' ', g.denomination, g.complement_denomination,
    g.nom_operationnel, g.finess))), 'A')
  || setweight(to_tsvector('simple', search_norm(concat_ws(' ', lieu.mots, j.raison_sociale,
    j.complement_raison_sociale))), 'B')
  || setweight(to_tsvector('simple', search_norm(coalesce(unite.noms, ''))), 'C')
  || setweight(to_tsvector('simple', search_norm(concat_ws(' ', unite.types, categorie.label))), 'D')
from directory_entitegeographique g
  cross join lateral (select coalesce(nullif(g.nom_operationnel, ''), g.denomination) as affiche) nom
  join directory_entitejuridique j on j.id = g.entite_juridique_id
  join nomenclature_concept categorie on categorie.id = g.categorie_id
  left join {phones} on true left join {lieu} on true
  left join lateral (
    select string_agg(distinct u.nom, ' ') as noms, string_agg(distinct t.label, ' ') as types
    from directory_uniteoperationnelle u left join nomenclature_concept t on t.id = u.type_uo_id
    where u.entite_geographique_id = g.id and u.version > 0 and not u.unite_sensible) unite on true
where g.version > 0 {scope}
"""


def refresh(eg_ids: Sequence[int]) -> None:
    """Rewrite the rows of these establishments, in the caller's transaction.

    The establishments are locked first, in one order: two publications on one EG follow each other, and the second
    statement sees what the first wrote.
    """
    _write(list(eg_ids))


def rebuild() -> dict[str, int]:
    """Rewrite every row; returns the number of rows of each table. Same SQL as `refresh`, hence the same rows."""
    with transaction.atomic():
        _write(None)
    with connection.cursor() as cursor:
        cursor.execute("analyze search_eg, search_offre")
        cursor.execute("select (select count(*) from search_eg), (select count(*) from search_offre)")
        eg, offre = cursor.fetchone()
    return {"search_eg": eg, "search_offre": offre}


def _write(ids: list[int] | None) -> None:
    statements = _statements(all_rows=ids is None)
    params = {"ids": ids, "adulte": settings.CHILD_ADULT_AGE * 365.25, "zone": settings.TIME_ZONE} | _own_concepts()
    with connection.cursor() as cursor:
        if ids is None:
            cursor.execute("lock table search_eg, search_offre in share row exclusive mode")
            cursor.execute("delete from search_offre")
            cursor.execute("delete from search_eg")
        else:
            cursor.execute(
                "select 1 from directory_entitegeographique where id = any(%s) order by id for no key update", [ids]
            )
            cursor.execute("delete from search_offre where eg_id = any(%s)", [ids])
            cursor.execute("delete from search_eg where eg_id = any(%s)", [ids])
        with _index_lookups(cursor):
            for statement in statements:
                cursor.execute(statement, params)


@contextmanager
def _index_lookups(cursor) -> Iterator[None]:
    """Keep the planner from scanning a whole table for each row.

    Inside the transaction of an import the tables have no statistics yet, and a hash join of the communes per
    establishment looks cheap to it: one insertion was still running after 349 s. Lookups by key are linear always.
    """
    names = ("enable_hashjoin", "enable_mergejoin", "enable_seqscan")
    cursor.execute("select " + ", ".join(f"current_setting('{name}')" for name in names))
    before = cursor.fetchone()
    change = "select " + ", ".join(f"set_config('{name}', %s, true)" for name in names)
    cursor.execute(change, ["off"] * len(names))
    yield
    cursor.execute(change, before)


def _own_concepts() -> dict:
    """Ids of the values that the index itself gives, and of all values that are counted; one query."""
    rows = Concept.objects.filter(system__code__in=[facet.system for facet in FACETS]).values_list(
        "system__code", "code", "pk"
    )
    by_key = {(system, code): pk for system, code, pk in rows}
    return {
        "enfant": by_key.get((PATIENTELE, "E")),
        "adulte_id": by_key.get((PATIENTELE, "A")),
        "etablissement": by_key.get((TYPE_OFFRE, "etablissement")),
        "facettes": sorted(by_key.values()),
    }


@cache
def _statements(*, all_rows: bool) -> tuple[str, str]:
    """The two insertions, completed from the models."""
    scope = "" if all_rows else "and g.id = any(%(ids)s)"
    lieu = LIEU.format(key="g.id")
    offres = OFFRES.format(links=_links(), phones=PHONES.format(owner="unite_id", key="u.id"), lieu=lieu, scope=scope)
    phones = PHONES.format(owner="entite_geographique_id", key="g.id")
    return offres, ETABLISSEMENTS.format(phones=phones, lieu=lieu, scope=scope)


def _links() -> str:
    """The concepts of one UO: its coded fields, then its activities."""
    parts = [
        f'select u."{field.column}"' for field in UniteOperationnelle._meta.fields if isinstance(field, ConceptField)
    ]
    parts += [
        f'select "{field.m2m_reverse_name()}" from "{field.m2m_db_table()}" where "{field.m2m_column_name()}" = u.id'
        for field in UniteOperationnelle._meta.many_to_many
        if isinstance(field, ConceptsField)
    ]
    parts.append("select activite_id from directory_activiteoperationnelle where unite_id = u.id")
    return " union all ".join(parts)
