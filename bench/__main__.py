"""`script/bench`: load or reuse the data, measure, print one table, and write the figures as flat JSON."""

import argparse
import json
import os
import sys
from pathlib import Path

from ror import embedded


def main() -> None:
    options = argparse.ArgumentParser(prog="script/bench", description=__doc__)
    options.add_argument(
        "--scale",
        choices=["petit", "idf", "national"],
        default="idf",
        help="volume des données : 600 établissements, 20 000 ou 110 000",
    )
    options.add_argument("--json", type=Path, help="écrit les mesures dans ce fichier")
    options.add_argument("--reload", action="store_true", help="recharge les données")
    options.add_argument(
        "--finess",
        type=Path,
        default=os.environ.get("ROR_FINESS"),
        help="fichier cs1100507 dont les noms font les questions (aussi ROR_FINESS) ; sinon, les noms de la base",
    )
    arguments = options.parse_args()

    # A base of its own, and one connection: the process that serves it is then known, and its CPU can be read.
    os.environ["DATABASE_URL"] = embedded.start_postgres(f"ror_bench_{arguments.scale}")
    os.environ["DATABASE_POOL"] = "1"
    os.environ["DJANGO_SETTINGS_MODULE"] = "ror.settings.dev"
    os.environ["BENCH"] = "1"
    import django  # noqa: PLC0415 - after the environment
    from django.conf import settings  # noqa: PLC0415

    settings.DEBUG = False  # no query log, cached templates: what production runs
    django.setup()
    from bench import answers, data, measures, questions, recall, report, throughput  # noqa: PLC0415 - models ready

    data.load(arguments.scale, again=arguments.reload)
    national = arguments.scale == "national"
    right = answers.check()
    report.show_wrong(right.wrong, sys.stdout)
    figures: dict[str, float] = {"answers_checked": right.checked, "answers_wrong": len(right.wrong)}
    figures |= measures.pages(national=national)
    figures |= report.growth(figures) if national else {}
    figures |= measures.suggestions() | measures.publications() | measures.extract()
    client = measures.client_of("pro@demo.ror")
    figures |= throughput.run(client, measures.addresses(client, questions.mix(national=national)))
    figures |= recall.run(arguments.finess, sys.stdout, examples=5)
    figures = {key: round(value, 3) for key, value in figures.items()}
    report.remember(arguments.scale, figures)
    report.show(arguments.scale, figures, sys.stdout)
    if arguments.json:
        arguments.json.write_text(json.dumps(figures, indent=1) + "\n")


if __name__ == "__main__":  # the processes of the seeding read this file again
    main()
