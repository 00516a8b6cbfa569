"""Applies the modèles de saisie and the groups of actes. Support edits them: only what is missing is added.

A modèle, a field of a modèle or a group is never removed here: in the administration they are hidden or emptied.
"""

from collections.abc import Iterable

from django.db import models

from nomenclature.loading.report import Report, TableChanges
from nomenclature.loading.rows import Bundle
from nomenclature.models import ChampSaisie, GroupeActes, ModeleSaisie

Ids = dict[str, int]
PLAIN = ("section", "ordre", "affiche", "attendu", "obligatoire", "minimum", "aide")


def keys_of(bundle: Bundle) -> set[str]:
    """Every concept these tables name."""
    keys: set[str] = set()
    for modele in bundle.modeles.values():
        keys.update(modele.categories, modele.types_uo)
        for champ in modele.champs:
            keys.update(champ.permis, champ.proposes)
    for groupe in bundle.groupes_actes:
        keys.update(groupe.actes)
    return keys


def apply(bundle: Bundle, report: Report, ids: Ids, *, overwrite: bool) -> None:
    """`overwrite`: what the file says replaces what support wrote. A few statements whatever the number of rows."""
    if bundle.modeles:
        report.tables["Modèles de saisie"] = counts = TableChanges()
        rows = list(bundle.modeles.values())
        wanted = {(row.code,): {"libelle": row.libelle, "kind": row.kind, "general": row.general} for row in rows}
        links = {
            "categories": {(row.code,): row.categories for row in rows},
            "types_uo": {(row.code,): row.types_uo for row in rows},
        }
        modeles = _write(ModeleSaisie, ("code",), wanted, links, ids, counts, overwrite=overwrite)
        champs = {(modeles[row.code,], champ.champ): champ for row in rows for champ in row.champs}
        wanted = {key: {name: getattr(champ, name) for name in PLAIN} for key, champ in champs.items()}
        links = {
            "codes_permis": {key: champ.permis for key, champ in champs.items()},
            "codes_proposes": {key: champ.proposes for key, champ in champs.items()},
        }
        _write(ChampSaisie, ("modele_id", "champ"), wanted, links, ids, counts, overwrite=overwrite)
    if bundle.groupes_actes:
        report.tables["Groupes d’actes"] = counts = TableChanges()
        wanted = {(row.libelle,): {"ordre": row.ordre} for row in bundle.groupes_actes}
        links = {"actes": {(row.libelle,): row.actes for row in bundle.groupes_actes}}
        _write(GroupeActes, ("libelle",), wanted, links, ids, counts, overwrite=overwrite)


def _write(
    model: type[models.Model],
    key: tuple[str, ...],
    wanted: dict[tuple, dict],
    links: dict[str, dict[tuple, Iterable[str]]],
    ids: Ids,
    counts: TableChanges,
    *,
    overwrite: bool,
) -> dict[tuple, int]:
    """Create the rows that are missing, bring the others to the file when told to. Gives the pk of every key."""
    known = {tuple(getattr(row, name) for name in key): row for row in model.objects.all()}
    new = {
        one: model(**dict(zip(key, one, strict=True)), **plain) for one, plain in wanted.items() if one not in known
    }
    model.objects.bulk_create(new.values())
    rows = known | new
    changed = set()
    for one in wanted.keys() & known.keys() if overwrite else ():
        before = {name: getattr(known[one], name) for name in wanted[one]}
        if before != wanted[one]:
            changed.add(one)
            for name, value in wanted[one].items():
                setattr(known[one], name, value)
    if changed:
        model.objects.bulk_update([known[one] for one in changed], list(next(iter(wanted.values()))))
    written = wanted.keys() if overwrite else new.keys()
    for name, by_key in links.items():
        moved = _link(model, name, {rows[one].pk: {ids[code] for code in by_key[one]} for one in written})
        changed |= {one for one in written if rows[one].pk in moved} - new.keys()
    counts.created += len(new)
    counts.changed += len(changed)
    return {one: rows[one].pk for one in wanted}


def _link(model: type[models.Model], name: str, wanted: dict[int, set[int]]) -> set[int]:
    """Give these rows exactly these codes; gives back the rows whose codes moved."""
    if not wanted:
        return set()
    field = model._meta.get_field(name)
    through, source, target = field.remote_field.through, f"{field.m2m_field_name()}_id", "concept_id"
    pairs = {(pk, code) for pk, codes in wanted.items() for code in codes}
    rows = through.objects.filter(**{f"{source}__in": wanted})
    now = {(getattr(row, source), getattr(row, target)): row.pk for row in rows}
    gone = [pk for pair, pk in now.items() if pair not in pairs]
    if gone:
        through.objects.filter(pk__in=gone).delete()
    through.objects.bulk_create([through(**{source: pk, target: code}) for pk, code in sorted(pairs - now.keys())])
    return {pk for pk, _ in pairs ^ now.keys()}
