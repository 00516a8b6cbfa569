"""The index tables, always by the same SQL: `refresh` for some establishments, `rebuild` for all.

Every `ConceptField` and `ConceptsField` of a UO, its activities, its category and its filières are searchable: the
statement is made from the fields, so a coded field added to the model is searchable at once.
"""

from collections.abc import Sequence
from functools import cache

from django.conf import settings
from django.db import connection, transaction

from directory.models import UniteOperationnelle
from nomenclature.fields import ConceptField, ConceptsField
from nomenclature.models.regional import PATIENTELE, TYPE_OFFRE

# Facets of the results page: URL key, title, code system of its values (design: URL contract).
FACET_SYSTEMS = (PATIENTELE, TYPE_OFFRE, "TRE_R211", "TRE_R213", "ror-type-uo")

# Phone numbers of one owner: the first one readable at level 1, 2 and 3, in the order of the contacts.
PHONES = """
  select c.{owner} as owner, array[
      (array_agg(t.adresse order by c.ordre, c.id, t.id) filter (where t.niveau <= 1))[1],
      (array_agg(t.adresse order by c.ordre, c.id, t.id) filter (where t.niveau <= 2))[1],
      (array_agg(t.adresse order by c.ordre, c.id, t.id))[1]] as numeros
  from directory_contact c join directory_telecommunication t on t.contact_id = c.id
  where t.canal in ('1', '2') and c.{owner} in (select {key} from {targets})
  group by 1
"""

OFFRES = """
insert into search_offre (uo_id, eg_id, nom, cle, cle_tri, departement, telephones, type_id, concepts, facettes, pos,
  debut, fin, ferme_du, ferme_au, sensible, patientele, maj, saisie_capacitaire_active, zones, texte)
with cible as materialized (
  select u.*, g.categorie_id, g.date_ouverture, coalesce(nullif(g.nom_operationnel, ''), g.denomination) as eg_nom,
    coalesce(age_min_jours, 0) < %(adulte)s and (age_min is not null or age_max is not null) as enfants,
    coalesce(age_max_jours, %(adulte)s) >= %(adulte)s and (age_min is not null or age_max is not null) as adultes
  from directory_uniteoperationnelle u join directory_entitegeographique g on g.id = u.entite_geographique_id
  where u.version > 0 and g.version > 0 and (%(ids)s::bigint[] is null or g.id = any(%(ids)s))),
patienteles as (select c.id, c.code from nomenclature_concept c join nomenclature_codesystem s on s.id = c.system_id
  where s.code = 'ror-patientele'),
etablissement as (select c.id from nomenclature_concept c join nomenclature_codesystem s on s.id = c.system_id
  where s.code = 'ror-type-offre' and c.code = 'etablissement'),
liens as (
  {links}
  union all select id, categorie_id from cible
  union all select id, (select id from patienteles where code = 'E') from cible where enfants
  union all select id, (select id from patienteles where code = 'A') from cible where adultes
  union all select id, (select id from etablissement) from cible
  union all select c.id, ft.filiere_id from cible c
    join nomenclature_filiere_types_uo ft on ft.typeuo_id = c.type_uo_id
  union all select a.unite_id, fa.filiere_id from directory_activiteoperationnelle a
    join nomenclature_filiere_activites fa on fa.concept_id = a.activite_id
    where a.unite_id in (select id from cible)),
comptes as materialized (select c.id from nomenclature_concept c join nomenclature_codesystem s on s.id = c.system_id
  where s.code = any(%(facettes)s)),
ensembles as (
  select l.uo, array_agg(distinct l.concept) as concepts,
    array_agg(distinct l.concept) filter (where l.concept in (select id from comptes)) as facettes
  from liens l where l.concept is not null group by l.uo),
tel as ({phones}),
lieu as (select distinct on (entite_geographique_id) entite_geographique_id as eg, l.latitude, l.longitude,
    c.departement_id
  from directory_lieu l left join nomenclature_commune c on c.insee = l.commune_id
  where entite_geographique_id in (select entite_geographique_id from cible)
  order by entite_geographique_id, est_principal desc, l.id),
zone as (select uniteoperationnelle_id as uo, array_agg(commune_id order by commune_id) as communes
  from directory_uniteoperationnelle_zones_intervention
  where uniteoperationnelle_id in (select id from cible) group by 1)
select u.id, u.entite_geographique_id, u.nom, replace(u.identifiant, '/', '-'), search_norm(u.eg_nom),
  lieu.departement_id, coalesce(tel.numeros, array[null, null, null]::text[]), u.type_uo_id, e.concepts,
  coalesce(sort(e.facettes), '{{}}'), search_ecef(lieu.latitude, lieu.longitude),
  u.date_ouverture,
  case when u.type_fermeture not in ('', 'PRO', 'PRE') then u.date_fermeture end,
  case when u.type_fermeture in ('PRO', 'PRE') then u.date_fermeture end,
  case when u.type_fermeture in ('PRO', 'PRE') then u.date_reouverture end,
  u.unite_sensible, concat_ws('+', case when u.enfants then 'E' end, case when u.adultes then 'A' end),
  greatest(u.updated_at, u.verified_at)::date, u.saisie_capacitaire_active, coalesce(zone.communes, '{{}}'),
  case when u.unite_sensible then to_tsvector('simple', search_norm(u.nom)) end
from cible u left join ensembles e on e.uo = u.id left join tel on tel.owner = u.id
  left join lieu on lieu.eg = u.entite_geographique_id left join zone on zone.uo = u.id
"""

ETABLISSEMENTS = """
insert into search_eg (eg_id, nom, cle, cle_tri, departement, telephones, facettes, pos, debut, fin, ferme_du,
  ferme_au, commune, categorie_id, texte)
with cible as materialized (
  select g.*, coalesce(nullif(g.nom_operationnel, ''), g.denomination) as nom
  from directory_entitegeographique g
  where g.version > 0 and (%(ids)s::bigint[] is null or g.id = any(%(ids)s))),
etablissement as (select array_agg(c.id) as id from nomenclature_concept c
  join nomenclature_codesystem s on s.id = c.system_id where s.code = 'ror-type-offre' and c.code = 'etablissement'),
tel as ({phones}),
lieu as (select distinct on (l.entite_geographique_id) l.entite_geographique_id as eg, l.latitude, l.longitude,
    c.departement_id, c.nom_ror, concat_ws(' ', c.nom, c.nom_ror, l.code_postal, l.localite, d.nom) as mots
  from directory_lieu l left join nomenclature_commune c on c.insee = l.commune_id
    left join nomenclature_departement d on d.code = c.departement_id
  where l.entite_geographique_id in (select id from cible)
  order by l.entite_geographique_id, l.est_principal desc, l.id),
unite as (select u.entite_geographique_id as eg, string_agg(distinct u.nom, ' ') as noms,
    string_agg(distinct t.label, ' ') as types
  from directory_uniteoperationnelle u left join nomenclature_concept t on t.id = u.type_uo_id
  where u.version > 0 and not u.unite_sensible and u.entite_geographique_id in (select id from cible) group by 1)
select g.id, g.nom, coalesce(g.finess, g.idnat_struct), search_norm(g.nom), lieu.departement_id,
  coalesce(tel.numeros, array[null, null, null]::text[]), coalesce(etablissement.id, '{{}}'), search_ecef(lieu.latitude, lieu.longitude),
  g.date_ouverture,
  case when g.type_fermeture not in ('', 'PRO', 'PRE') then g.date_fermeture end,
  case when g.type_fermeture in ('PRO', 'PRE') then g.date_fermeture end,
  case when g.type_fermeture in ('PRO', 'PRE') then g.date_reouverture end,
  lieu.nom_ror, g.categorie_id,
  setweight(to_tsvector('simple', search_norm(concat_ws(' ', g.denomination, g.complement_denomination,
    g.nom_operationnel, g.finess, unite.noms))), 'A')
  || setweight(to_tsvector('simple', search_norm(coalesce(lieu.mots, ''))), 'B')
  || setweight(to_tsvector('simple', search_norm(concat_ws(' ', j.raison_sociale, j.complement_raison_sociale))), 'C')
  || setweight(to_tsvector('simple', search_norm(concat_ws(' ', unite.types, categorie.label))), 'D')
from cible g join directory_entitejuridique j on j.id = g.entite_juridique_id
  join nomenclature_concept categorie on categorie.id = g.categorie_id
  cross join etablissement left join tel on tel.owner = g.id left join lieu on lieu.eg = g.id
  left join unite on unite.eg = g.id
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
    params = {"ids": ids, "adulte": settings.CHILD_ADULT_AGE * 365.25, "facettes": list(FACET_SYSTEMS)}
    scope = "" if ids is None else "where {} = any(%(ids)s)"
    with connection.cursor() as cursor:
        if ids is None:
            cursor.execute("lock table search_eg, search_offre in share row exclusive mode")
        else:
            cursor.execute(
                "select 1 from directory_entitegeographique where id = any(%(ids)s) order by id for no key update",
                params,
            )
        cursor.execute("delete from search_offre " + scope.format("eg_id"), params)
        cursor.execute("delete from search_eg " + scope.format("eg_id"), params)
        offres, etablissements = _statements()
        cursor.execute(offres, params)
        cursor.execute(etablissements, params)


@cache
def _statements() -> tuple[str, str]:
    """The two insertions, completed from the models."""
    return (
        OFFRES.format(links=_links(), phones=PHONES.format(owner="unite_id", key="id", targets="cible")),
        ETABLISSEMENTS.format(phones=PHONES.format(owner="entite_geographique_id", key="id", targets="cible")),
    )


def _links() -> str:
    """One `select uo, concept` per coded field of a UO, and its activities."""
    parts = []
    for field in UniteOperationnelle._meta.fields:
        if isinstance(field, ConceptField):
            parts.append(f'select id as uo, "{field.column}" as concept from cible')
    for field in UniteOperationnelle._meta.many_to_many:
        if isinstance(field, ConceptsField):
            parts.append(
                f'select "{field.m2m_column_name()}", "{field.m2m_reverse_name()}" from "{field.m2m_db_table()}" '
                f'where "{field.m2m_column_name()}" in (select id from cible)'
            )
    parts.append(
        "select unite_id, activite_id from directory_activiteoperationnelle where unite_id in (select id from cible)"
    )
    return " union all ".join(parts)
