"""The index tables, always by the same SQL: `refresh` for some establishments, `rebuild` for all.

Every `ConceptField` and `ConceptsField` of a UO, its activities, its category and its filières are searchable: the
statement is made from the fields, so a coded field added to the model is searchable at once.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from functools import cache

from django.conf import settings
from django.db import connection, transaction

from directory.models import UniteOperationnelle
from nomenclature.fields import ConceptField, ConceptsField
from nomenclature.models.regional import ACCUEIL, PATIENTELE, TYPE_OFFRE
from ror import clock
from ror.database import planned_once
from search import pairs
from search.facets import ACCUEIL_RULES, FACETS

# Each statement begins with the establishments concerned, and the UO of these; `{of_eg}` and `{of_uo}` keep what hangs
# on them, and say nothing when all rows are written.

# Establishments: name shown, main entrance and its commune, first and last day, and what is public of their UO.
# `stable`: nothing opens or closes later. `maj`: the freshest day of a public UO, else of the establishment.
G = """
lieu as materialized (
  select distinct on (l.entite_geographique_id) l.entite_geographique_id as eg, l.latitude, l.longitude,
    c.departement_id, c.nom_ror, concat_ws(' ', c.nom, c.nom_ror, l.code_postal, l.localite, d.nom) as mots
  from directory_lieu l left join nomenclature_commune c on c.insee = l.commune_id
    left join nomenclature_departement d on d.code = c.departement_id
  where true {lieu_of_eg} order by l.entite_geographique_id, l.est_principal desc, l.id),
public as materialized (
  select v.entite_geographique_id as eg,
    max((greatest(v.updated_at, v.verified_at) at time zone %(zone)s)::date) as maj,
    bool_or(v.type_fermeture not in ('', 'PRO', 'PRE') and coalesce(v.date_fermeture > %(today)s, false)) as bouge,
    string_agg(distinct v.nom, ' ') as noms, string_agg(distinct t.label, ' ') as types
  from directory_uniteoperationnelle v left join nomenclature_concept t on t.id = v.type_uo_id
  where v.version > 0 and not v.unite_sensible {public_of_eg} group by v.entite_geographique_id),
g as materialized (
  select e.*, coalesce(nullif(e.nom_operationnel, ''), e.denomination) as affiche, lieu.latitude, lieu.longitude,
    lieu.departement_id, lieu.nom_ror, lieu.mots, search_ecef(lieu.latitude, lieu.longitude) as pos,
    case when e.type_fermeture not in ('', 'PRO', 'PRE') then e.date_fermeture end as fin,
    coalesce(public.maj, (greatest(e.updated_at, e.verified_at) at time zone %(zone)s)::date) as maj,
    not (coalesce(e.date_ouverture > %(today)s, false) or coalesce(public.bouge, false)
      or (e.type_fermeture not in ('', 'PRO', 'PRE') and coalesce(e.date_fermeture > %(today)s, false))) as stable,
    public.noms, public.types
  from directory_entitegeographique e left join lieu on lieu.eg = e.id left join public on public.eg = e.id
  where e.version > 0 {scope})"""

# Phone numbers by owner: the first one readable at level 1, 2 and 3, in the order of the contacts.
PHONES = """
tel as materialized (
  select c.{owner} as cle, array[
      (array_agg(t.adresse order by c.ordre, c.id, t.id) filter (where t.niveau <= 1))[1],
      (array_agg(t.adresse order by c.ordre, c.id, t.id) filter (where t.niveau <= 2))[1],
      (array_agg(t.adresse order by c.ordre, c.id, t.id))[1]] as numeros
  from directory_contact c join directory_telecommunication t on t.contact_id = c.id
  where t.canal in ('1', '2') and c.{owner} is not null {of_owner} group by c.{owner})"""

# UO: their places (the main entrance first), all they say in codes, their hours (`search.ouverture` reads the text).
U = """
u as materialized (
  select x.*, g.departement_id, g.date_ouverture as debut, g.fin as fin_eg, g.stable, g.maj as maj_eg,
    g.categorie_id, g.accessibilite_id, g.affiche, g.denomination, g.nom_operationnel, g.mots, g.pos as pos_eg,
    g.latitude as latitude_eg, g.longitude as longitude_eg,
    coalesce(x.age_min_jours, 0) < %(adulte)s and (x.age_min is not null or x.age_max is not null) as enfants,
    coalesce(x.age_max_jours, %(adulte)s) >= %(adulte)s and (x.age_min is not null or x.age_max is not null) as adultes
  from directory_uniteoperationnelle x join g on g.id = x.entite_geographique_id where x.version > 0)"""

PLACES = """
endroits as materialized (
  select o.unite_id as uo,
    array_agg(search_ecef(l.latitude, l.longitude) order by l.est_principal desc, l.id) as points,
    (array_agg(l.latitude order by l.est_principal desc, l.id))[1] as latitude,
    (array_agg(l.longitude order by l.est_principal desc, l.id))[1] as longitude
  from u join directory_lieudeloffre o on o.unite_id = u.id
    join directory_lieu l on l.entite_geographique_id = u.entite_geographique_id and l.uid = o.lieu_uid
  where l.latitude is not null group by o.unite_id)"""

CONCEPTS = """
dits as materialized (
  select uo, array_agg(distinct concept) as concepts from (
    {links}
    union all select id, categorie_id from u
    union all select id, accessibilite_id from u
    union all select unite_id, type_plage_id from directory_horaire where true {of_uo}
    union all select id, {enfant} from u where enfants
    union all select id, {adulte} from u where adultes
    union all select id, {etablissement} from u
    union all select u.id, f.filiere_id from u join nomenclature_filiere_types_uo f on f.typeuo_id = u.type_uo_id
    union all select a.unite_id, f.filiere_id from directory_activiteoperationnelle a
      join nomenclature_filiere_activites f on f.concept_id = a.activite_id where true {of_uo}
    ) liens (uo, concept) where concept is not null group by uo),
regles as materialized (
  select dit.id as concept, c.id as valeur from (values {rules}) r (systeme, code, valeur)
    join nomenclature_codesystem s on s.code = r.systeme
    join nomenclature_concept dit on dit.system_id = s.id and dit.code = r.code
    join nomenclature_codesystem a on a.code = '{accueil}'
    join nomenclature_concept c on c.system_id = a.id and c.code = r.valeur),
ensemble as materialized (
  select uo, sort(concepts || array(select distinct valeur from regles where concept = any(concepts))) as concepts
  from dits)"""

HEURES = """
lignes as materialized (
  select h.unite_id as uo, string_agg(concat(h.jour_semaine, '|', to_char(h.heure_debut, 'HH24:MI'), '|',
      to_char(h.heure_fin, 'HH24:MI'), '|', h.type_plage_id, '|', h.date_debut, '|', h.date_fin), ';'
    order by h.date_debut nulls first, h.jour_semaine, h.heure_debut, h.heure_fin, h.type_plage_id, h.date_fin
  ) as texte
  from directory_horaire h where true {of_uo} group by h.unite_id),
heures as materialized (
  select u.id as uo, concat_ws('/',
    case when u.departement_id = any(%(apart)s::text[]) then u.departement_id else '' end,
    coalesce(u.ouvert_jours_feries::int::text, ''), coalesce(u.ouverture_annuelle_id::text, ''), lignes.texte) as texte
  from u join lignes on lignes.uo = u.id)"""

OFFRES = """
with {g}, {u}, {phones}, {places}, {concepts}, {heures},
zones as materialized (
  select uniteoperationnelle_id as uo, array_agg(commune_id order by commune_id) as communes
  from directory_uniteoperationnelle_zones_intervention where true {zones_of_uo} group by uniteoperationnelle_id),
types as materialized (
  select id, search_norm(label) as mots from nomenclature_concept where id in (select type_uo_id from u)),
mots as materialized (select id as uo, search_norm(nom) as nom from u),
facettes as materialized (
  select array_agg(c.id order by c.id) as toutes from nomenclature_concept c
  where c.system_id in (select id from nomenclature_codesystem where code in ({systems})))
insert into search_offre (uo_id, eg_id, nom, cle, cle_tri, departement, telephones, type_id, concepts, facettes, pos,
  latitude, longitude, autres, debut, fin, ferme_du, ferme_au, sensible, patientele, maj, maj_eg, stable,
  saisie_capacitaire_active, zones, tri_uo, age_min, age_max, planning, texte)
select u.id, u.entite_geographique_id, u.nom, replace(u.identifiant, '/', '-'), search_norm(u.affiche),
  u.departement_id, coalesce(tel.numeros, array[null, null, null]::text[]), u.type_uo_id,
  ensemble.concepts, ensemble.concepts & coalesce(facettes.toutes, '{{}}'),
  coalesce(endroits.points[1], u.pos_eg), coalesce(endroits.latitude, u.latitude_eg),
  coalesce(endroits.longitude, u.longitude_eg), nullif(endroits.points[2:], '{{}}'), u.debut,
  least(case when u.type_fermeture not in ('', 'PRO', 'PRE') then u.date_fermeture end, u.fin_eg),
  case when u.type_fermeture in ('PRO', 'PRE') then u.date_fermeture end,
  case when u.type_fermeture in ('PRO', 'PRE') then u.date_reouverture end,
  u.unite_sensible, concat_ws('+', case when u.enfants then 'E' end, case when u.adultes then 'A' end),
  (greatest(u.updated_at, u.verified_at) at time zone %(zone)s)::date, u.maj_eg, u.stable,
  u.saisie_capacitaire_active, coalesce(zones.communes, '{{}}'),
  concat_ws(' ', coalesce(types.mots, '~'), mots.nom), u.age_min_jours, u.age_max_jours,
  hashtextextended(heures.texte, 0),
  setweight(to_tsvector('simple', mots.nom), 'C') || setweight(to_tsvector('simple', coalesce(types.mots, '')), 'D')
  || case when u.unite_sensible then
    setweight(to_tsvector('simple', search_norm(concat_ws(' ', u.denomination, u.nom_operationnel))), 'A')
    || setweight(to_tsvector('simple', search_norm(coalesce(u.mots, ''))), 'B') else '' end
from u join ensemble on ensemble.uo = u.id join mots on mots.uo = u.id cross join facettes
  left join tel on tel.cle = u.id left join endroits on endroits.uo = u.id left join heures on heures.uo = u.id
  left join zones on zones.uo = u.id left join types on types.id = u.type_uo_id
"""

# Hours not seen before, read from one of the UO that have them.
PLANNINGS = """
with nouveaux as materialized (
  select distinct on (o.planning) o.planning, o.uo_id from search_offre o
  where o.planning is not null and not exists (select from search_planning p where p.cle = o.planning) {offre_of_eg}
  order by o.planning, o.uo_id),
u as materialized (
  select x.id, x.ouvert_jours_feries, x.ouverture_annuelle_id, o.departement as departement_id
  from nouveaux n join directory_uniteoperationnelle x on x.id = n.uo_id join search_offre o on o.uo_id = n.uo_id),
{heures_of_u}
insert into search_planning (cle, texte)
select n.planning, heures.texte from nouveaux n join heures on heures.uo = n.uo_id on conflict do nothing
"""

ETABLISSEMENTS = """
with {g}, {phones}
insert into search_eg (eg_id, nom, cle, cle_tri, departement, telephones, facettes, pos, latitude, longitude, maj_eg,
  debut, fin, ferme_du, ferme_au, commune, categorie_id, texte)
select g.id, g.affiche, coalesce(g.finess, g.idnat_struct), search_norm(g.affiche), g.departement_id,
  coalesce(tel.numeros, array[null, null, null]::text[]), array_remove(array[{etablissement}]::int[], null), g.pos,
  g.latitude, g.longitude, g.maj, g.date_ouverture, g.fin,
  case when g.type_fermeture in ('PRO', 'PRE') then g.date_fermeture end,
  case when g.type_fermeture in ('PRO', 'PRE') then g.date_reouverture end,
  g.nom_ror, g.categorie_id,
  setweight(to_tsvector('simple', search_norm(concat_ws(' ', g.denomination, g.complement_denomination,
    g.nom_operationnel, g.finess))), 'A')
  || setweight(to_tsvector('simple', search_norm(concat_ws(' ', g.mots, j.raison_sociale,
    j.complement_raison_sociale))), 'B')
  || setweight(to_tsvector('simple', search_norm(coalesce(g.noms, ''))), 'C')
  || setweight(to_tsvector('simple', search_norm(concat_ws(' ', g.types, categorie.label))), 'D')
from g join directory_entitejuridique j on j.id = g.entite_juridique_id
  join nomenclature_concept categorie on categorie.id = g.categorie_id
  left join tel on tel.cle = g.id
"""

# From the rows of the UO. A stable UO with an end has ended.
LIEUX = """
insert into search_lieu (eg_id, pos, tri, maj_eg, concepts, stable, seul)
select o.eg_id, p.pos, min(o.cle_tri), min(o.maj_eg), union_agg(o.concepts), bool_and(o.stable),
  count(*) over (partition by o.eg_id) = 1
from search_offre o cross join lateral (select o.pos union select unnest(o.autres)) p (pos)
where not o.sensible and (not o.stable or o.fin is null) {scope}
group by o.eg_id, p.pos
"""
# Values that the index itself gives.
CONCEPT = """(select c.id from nomenclature_codesystem s join nomenclature_concept c on c.system_id = s.id
      where s.code = '{}' and c.code = '{}')"""
ENFANT, ADULTE = CONCEPT.format(PATIENTELE, "E"), CONCEPT.format(PATIENTELE, "A")
ETABLISSEMENT = CONCEPT.format(TYPE_OFFRE, "etablissement")
FEW = 100  # establishments up to which each thing is looked up by its key
LOOKED_UP = ("enable_hashjoin", "enable_mergejoin", "enable_seqscan")
JOINED = ("enable_nestloop",)
TABLES = ("search_offre", "search_eg", "search_lieu")
# The table waits for a `rebuild`, the establishments for another publication.
LOCK = """lock table search_offre in row exclusive mode;
select from directory_entitegeographique where id = any(%s) order by id for no key update"""


def refresh(eg_ids: Sequence[int]) -> None:
    """Rewrite the rows of these establishments, in the caller's transaction when there is one.

    The establishments are locked first, in one order: two publications on one EG follow each other, and the second
    statement sees what the first wrote.
    """
    ids = list(eg_ids)
    with transaction.atomic(savepoint=False), connection.cursor() as cursor:
        cursor.execute(LOCK, [ids])
        day = pairs.hold_the_day(cursor)
        before = pairs.read(cursor, ids, day)
        cursor.execute("; ".join(f"delete from {table} where eg_id = any(%(ids)s)" for table in TABLES), {"ids": ids})
        _insert(cursor, ids)
        pairs.append_changes(cursor, ids, before, day)


def rebuild() -> dict[str, int]:
    """Rewrite every row; returns the number of rows of each table. Same SQL as `refresh`, hence the same rows."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"lock table {', '.join(TABLES)}, search_cofacette in share row exclusive mode")
        for table in TABLES:
            cursor.execute(f"delete from {table}")
        cursor.execute("delete from search_planning")
        _insert(cursor, None)
        pairs.rebuild(cursor)
    with connection.cursor() as cursor:
        cursor.execute(f"analyze {', '.join(TABLES)}, search_cofacette")
        cursor.execute("select " + ", ".join(f"(select count(*) from {table})" for table in TABLES))
        return dict(zip(TABLES, cursor.fetchone(), strict=True))


def is_missing() -> bool:
    """Establishments are published, and none is in the index; False as long as all tables are not there."""
    with connection.cursor() as cursor:
        cursor.execute("select to_regclass('search_planning') is null or to_regclass('directory_horaire') is null")
        if cursor.fetchone()[0]:
            return False
        cursor.execute(
            "select exists (select from directory_entitegeographique where version > 0) "
            "and not exists (select from search_eg)"
        )
        return cursor.fetchone()[0]


def _insert(cursor, ids: list[int] | None) -> None:
    params = {
        "ids": ids,
        "adulte": settings.CHILD_ADULT_AGE * 365.25,
        "zone": settings.TIME_ZONE,
        "today": clock.today(),
        "apart": sorted({*settings.TIME_ZONES, *settings.HOLIDAY_SUBDIVISIONS}),
    }
    few = ids is not None and len(ids) <= FEW
    with _joins(cursor, LOOKED_UP if few else JOINED), planned_once(connection) if few else nullcontext(cursor) as run:
        for statement in _statements(all_rows=ids is None):
            run.execute(statement, params)


@contextmanager
def _joins(cursor, off: Sequence[str]) -> Iterator[None]:
    """Keep the planner from the joins that do not suit the number of rows, whatever its statistics say.

    Inside the transaction of an import the tables have none yet: it then takes lookups row by row for thousands of
    rows, or reads all communes for one.
    """
    names = (*off, "jit")
    present = "select " + ", ".join(f"current_setting('{name}')" for name in names)
    change = "select " + ", ".join(f"set_config('{name}', %s, true)" for name in names)
    cursor.execute(f"{present}; {change}", ["off"] * len(names))
    before = cursor.fetchone()
    yield
    cursor.execute(change, before)


@cache
def _statements(*, all_rows: bool) -> tuple[str, ...]:
    """The insertions, completed from the models: UO, their hours, establishments, then places, which read the UO."""

    def of(condition: str) -> str:
        return "" if all_rows else f"and {condition}"

    of_uo, of_eg = of("{column} in (select id from u)"), of("{column} = any(%(ids)s)")
    g = G.format(
        scope=of_eg.format(column="e.id"),
        lieu_of_eg=of_eg.format(column="l.entite_geographique_id"),
        public_of_eg=of_eg.format(column="v.entite_geographique_id"),
    )
    mine = of_uo.format(column="unite_id")
    offres = OFFRES.format(
        g=g,
        u=U,
        phones=PHONES.format(owner="unite_id", of_owner=of_uo.format(column="c.unite_id")),
        places=PLACES,
        concepts=CONCEPTS.format(
            links=_links(of_uo),
            of_uo=mine,
            enfant=ENFANT,
            adulte=ADULTE,
            etablissement=ETABLISSEMENT,
            accueil=ACCUEIL,
            rules=_rules(),
        ),
        heures=HEURES.format(of_uo=mine),
        systems=", ".join(f"'{facet.system}'" for facet in FACETS),
        zones_of_uo=of_uo.format(column="uniteoperationnelle_id"),
    )
    plannings = PLANNINGS.format(
        heures_of_u=HEURES.format(of_uo="and unite_id in (select id from u)"),
        offre_of_eg=of_eg.format(column="o.eg_id"),
    )
    owner = "entite_geographique_id"
    etablissements = ETABLISSEMENTS.format(
        g=g,
        phones=PHONES.format(owner=owner, of_owner=of_eg.format(column=f"c.{owner}")),
        etablissement=ETABLISSEMENT,
    )
    return offres, plannings, etablissements, LIEUX.format(scope=of_eg.format(column="o.eg_id"))


def _rules() -> str:
    """`ACCUEIL_RULES` as rows: system and code of what is said, code of the value."""
    said = ((key.split("|"), value) for value, keys in ACCUEIL_RULES.items() for key in keys)
    return ", ".join(f"('{system}', '{code}', '{value}')" for (system, code), value in said)


def _links(of_uo: str) -> str:
    """(UO, concept) of its coded fields, then of its activities. `of_uo`: SQL that keeps a `{column}` of UO."""
    parts = [
        f'select id, "{field.column}" from u'
        for field in UniteOperationnelle._meta.fields
        if isinstance(field, ConceptField)
    ]
    parts += [
        f'select "{field.m2m_column_name()}", "{field.m2m_reverse_name()}" from "{field.m2m_db_table()}" '
        f"where true {of_uo.format(column=field.m2m_column_name())}"
        for field in UniteOperationnelle._meta.many_to_many
        if isinstance(field, ConceptsField)
    ]
    parts.append(
        f"select unite_id, activite_id from directory_activiteoperationnelle where true "
        f"{of_uo.format(column='unite_id')}"
    )
    return " union all ".join(parts)
