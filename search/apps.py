"""App configuration."""

from django.apps import AppConfig
from django.core import checks
from django.db.models.signals import post_migrate


class SearchConfig(AppConfig):
    name = "search"
    verbose_name = "Recherche"

    def ready(self) -> None:
        from search.checks import contours_file  # noqa: PLC0415 - as Django asks: once apps are there

        checks.register(contours_file)
        post_migrate.connect(fill_an_empty_index, sender=self)


def fill_an_empty_index(*, using: str, verbosity: int = 1, **kwargs) -> None:
    """A migration of the index empties it, since its rows are derived: they are written again at once."""
    from search import index  # noqa: PLC0415 - models are ready only now

    if using == "default" and index.is_missing():
        if verbosity:
            print("  Index de la recherche…")  # noqa: T201 - like `migrate` itself
        index.rebuild()
