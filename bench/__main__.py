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
        "--scale", choices=["petit", "idf"], default="idf", help="volume des données (20 000 EG en idf)"
    )
    options.add_argument("--json", type=Path, help="écrit les mesures dans ce fichier")
    options.add_argument("--reload", action="store_true", help="recharge les données")
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
    from bench import data, measures, report  # noqa: PLC0415 - models are ready only now

    data.load(arguments.scale, again=arguments.reload)
    figures = measures.run()
    report.show(arguments.scale, figures, sys.stdout)
    if arguments.json:
        arguments.json.write_text(json.dumps(figures, indent=1) + "\n")


main()
