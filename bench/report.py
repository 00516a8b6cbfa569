"""The table."""

from typing import TextIO

# Targets of issue « Foundation » at `idf` scale.
TARGETS = {
    "page_cpu_ms": 20,
    "page_p95_ms": 60,
    "suggest_cpu_ms": 1,
    "export_200_cpu_ms": 150,
}


def show(scale: str, figures: dict[str, float], out: TextIO) -> None:
    """One line per figure, with its target where there is one."""
    print(
        f"\nÉchelle {scale}. CPU = ce processus + PostgreSQL, meilleure de trois mesures ; p50, p95 : durées.",
        file=out,
    )
    for key, value in figures.items():
        target = TARGETS.get(key)
        mark = "" if target is None else f"   cible ≤ {target}" + ("" if value <= target else "   MANQUÉE")
        print(f"  {key:<34}{value:>12.3f}{mark}", file=out)
