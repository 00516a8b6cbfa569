"""The table, and the figures of the last run at each scale, which the growth is read from."""

import json
from pathlib import Path
from typing import TextIO

from ror import embedded

# Targets of issue 4, part 3.1.
TARGETS = {
    "page_cpu_ms": 10,
    "page_p95_ms": 25,
    "page_frequent_cpu_ms": 12,
    "page_growth": 1.5,
    "page_ratio_sql": 2.5,
    "pages_p95_ms": 120,
    "suggest_cpu_ms": 0.5,
    "suggest_p95_cpu_ms": 3,
    "name_cpu_ms": 8,
    "export_200_cpu_ms": 80,
    "extract_100k_cpu_s": 6,
    "extract_100k_memory_mb": 60,
    "publish_cpu_ms": 30,
    "answers_wrong": 0,
}
OF_THE_REGION = {"page_cpu_ms": 8}  # at the scale of Île-de-France
AT_LEAST = {
    "pages_per_s": 120,
    "name_first": 1,
    "swap_in3": 0.95,
    "sigle_town_first": 0.95,
    "sigle_town_typo_first": 0.88,
}


def show_wrong(answers: list[str], out: TextIO) -> None:
    """A few of the answers that are not those of the brute force."""
    for answer in answers[:5]:
        print(f"  réponse fausse : {answer}", file=out)


def show(scale: str, figures: dict[str, float], out: TextIO) -> None:
    """One line per figure, with its target where there is one."""
    print(
        f"\nÉchelle {scale}. CPU = ce processus + PostgreSQL, meilleure de trois mesures ; p50, p95 : durées.",
        file=out,
    )
    at_most = TARGETS | (OF_THE_REGION if scale == "idf" else {})
    for key, value in figures.items():
        least, most = AT_LEAST.get(key), at_most.get(key)
        mark = f"   cible ≥ {least}" if least is not None else f"   cible ≤ {most}" if most is not None else ""
        missed = (least is not None and value < least) or (most is not None and value > most)
        print(f"  {key:<34}{value:>12.3f}{mark}{'   MANQUÉE' if missed else ''}", file=out)
    if scale == "national" and "page_growth" not in figures:
        print("  page_growth : lancez d’abord --scale idf, dont les mesures sont gardées", file=out)


def remember(scale: str, figures: dict[str, float]) -> None:
    """Keep the figures of this scale beside its data."""
    _file(scale).write_text(json.dumps(figures, indent=1) + "\n")


def growth(figures: dict[str, float]) -> dict[str, float]:
    """From the region to the country: the mean CPU of a page, with the last run at the scale of the region."""
    if not _file("idf").exists():
        return {}
    return {"page_growth": figures["page_cpu_ms"] / json.loads(_file("idf").read_text())["page_cpu_ms"]}


def _file(scale: str) -> Path:
    return embedded.DATA / f"bench-{scale}.json"
