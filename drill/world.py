"""The world of a drill, made before anything is killed: structures, people, one dossier ready to be sent on each EG.

Run in a process of its own: `python -m drill.world FILE GROUPS` (how many EJ, of ten EG each) writes what clients need
to know (addresses, ids) as JSON.
"""

import json
import sys
from pathlib import Path

import django

EG_PER_EJ, REFERENTS_PER_EJ, AGENTS = 10, 2, 4
PASSWORD = "Essai-de-panne-2026"  # noqa: S105 - of a database that the next drill drops


def make(groups: int) -> dict:
    """{"referents": {FINESS: [address, …]}, "agents": […], "dossiers": {FINESS: dossier id}, "password": …}"""
    from directory import publishing  # noqa: PLC0415 - Django is ready only now
    from directory.models import Role  # noqa: PLC0415
    from tests.builders import make_concept, make_eg, make_ej, make_modele, make_user  # noqa: PLC0415
    from tests.dossiers.builders import make_complete_uo  # noqa: PLC0415

    make_concept("TRE_R286|DEF", "Définitive", value_set="JDV_J201")
    make_modele(general=True, nom={}, complements={})
    agents = [
        make_user(f"agent{n}@exemple.fr", role=Role.SUPPORT, password=PASSWORD, is_staff=True, totp=False)
        for n in range(AGENTS)
    ]
    world: dict = {"agents": [user.email for user in agents], "referents": {}, "dossiers": {}, "password": PASSWORD}
    for n in range(groups):
        ej = make_ej()
        people = [
            make_user(f"ref{n}-{m}@exemple.fr", role=Role.REFERENT, ej=ej, first_name=f"R{n}{m}", password=PASSWORD)
            for m in range(REFERENTS_PER_EJ)
        ]
        for m in range(EG_PER_EJ):
            eg = make_eg(ej=ej, denomination=f"CSAPA d’essai {n}-{m}")
            make_complete_uo(eg, nom=f"Unité {n}-{m}")
            publishing.run_projections([eg.pk])
            world["referents"][eg.cle] = [user.email for user in people]
            world["dossiers"][eg.cle] = ready(eg, people[0])
    return world


def ready(eg, by) -> int:
    """The id of a new dossier on this EG with one change, every fiche finalised."""
    from dossiers import drafts  # noqa: PLC0415
    from dossiers.models import DraftFiche  # noqa: PLC0415

    dossier = drafts.open_dossier(eg, by=by)
    for draft in DraftFiche.objects.filter(dossier=dossier):
        change = {"complements": "début"} if draft.kind == "uo" else {}
        saved = drafts.save(draft.pk, version=draft.version, saisie=None, document=draft.content | change, by=by)
        drafts.finalise(saved.pk, version=saved.version, by=by)
    return dossier.pk


def main(path: Path, groups: int) -> None:
    django.setup()
    from django.core.management import call_command  # noqa: PLC0415

    call_command("migrate", verbosity=0)
    call_command("createcachetable", verbosity=0)
    path.write_text(json.dumps(make(groups)))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
