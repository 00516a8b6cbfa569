"""What people looked for in vain, counted by day: support makes synonyms of it. See docs/decisions/0014.

A page that is read writes nothing in the database: it adds one to a counter in Redis, which may vanish, and a periodic
task moves the counters to the table. No user, no place, no hour; a text that may name somebody's address or number is
not counted at all.
"""

import datetime as dt
import re
import uuid

from django.core.cache import caches
from django.db import connection, models
from redis import Redis
from redis.exceptions import RedisError

from nomenclature.text import normalise
from ror import clock

KEPT_DAYS = 180
MAX_LENGTH = 80
MAX_TEXTS = 5_000  # distinct texts of a day: beyond, somebody is playing
_KEY = "ror:sans-resultat:"
_MOVED = "ror:sans-resultat-repris:"
_LOST_AFTER = 7 * 24 * 3600  # seconds; counters nobody came for
_MAX_DIGITS = 6  # a postal code at most: more is a telephone, a FINESS or a social security number


class RechercheSansResultat(models.Model):
    """How many times a text found nothing, one day."""

    jour = models.DateField("jour")
    texte = models.CharField("texte cherché", max_length=MAX_LENGTH)
    nombre = models.PositiveIntegerField("recherches")

    class Meta:
        app_label = "search"
        verbose_name = "recherche sans résultat"
        verbose_name_plural = "recherches sans résultat"
        ordering = ["-jour", "texte"]
        constraints = [
            models.UniqueConstraint(fields=["jour", "texte"], name="sans_resultat_unique_per_day"),
            models.CheckConstraint(condition=models.Q(nombre__gt=0), name="sans_resultat_positive"),
        ]
        indexes = [models.Index(fields=["texte", "jour"], name="sans_resultat_texte")]

    def __str__(self) -> str:
        return self.texte


def countable(typed: str) -> str:
    """The text in its compared form, or nothing when it may be about a person, is too long or is no text."""
    text = normalise(typed)
    digits = sum(char.isdigit() for char in text)
    is_private = "@" in typed or digits > _MAX_DIGITS or re.search(r"https?:|www\.", typed)
    return "" if is_private or len(text) > MAX_LENGTH else text


def count(typed: str) -> None:
    """One more search for this text found nothing. Never fails: without Redis it is not counted."""
    text = countable(typed)
    if not text:
        return
    key = f"{_KEY}{clock.today():%Y-%m-%d}"
    try:
        redis = _redis()
        if redis.hexists(key, text) or redis.hlen(key) < MAX_TEXTS:
            with redis.pipeline(transaction=False) as pipe:
                pipe.hincrby(key, text, 1)
                pipe.expire(key, _LOST_AFTER)
                pipe.execute()
    except RedisError:
        return


def store() -> int:
    """Move the counters to the table and drop what is too old; returns the searches moved.

    Counters are renamed before they are read, so that none is lost between; those of a run that was cut are taken up
    by the next one. A run cut right after its commit counts twice: these are statistics.
    """
    redis = _redis()
    for key in list(redis.scan_iter(f"{_KEY}*")):
        redis.rename(key, f"{_MOVED}{_day(key)}:{uuid.uuid4().hex}")
    moved = 0
    for key in list(redis.scan_iter(f"{_MOVED}*")):
        rows = {_text(text): int(n) for text, n in redis.hgetall(key).items()}
        _add(dt.date.fromisoformat(_day(key)), rows)
        redis.delete(key)
        moved += sum(rows.values())
    RechercheSansResultat.objects.filter(jour__lt=clock.today() - dt.timedelta(days=KEPT_DAYS)).delete()
    return moved


def _redis() -> Redis:
    return caches["redis"].client.get_client(write=True)


def _text(value: bytes | str) -> str:
    return value.decode() if isinstance(value, bytes) else value


def _day(key: bytes | str) -> str:
    return _text(key).split(":")[2]


def _add(day: dt.date, rows: dict[str, int]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """insert into search_recherchesansresultat (jour, texte, nombre)
              select %s, texte, nombre from unnest(%s::text[], %s::int[]) as lu (texte, nombre)
              on conflict (jour, texte) do update
              set nombre = search_recherchesansresultat.nombre + excluded.nombre""",
            [day, list(rows), list(rows.values())],
        )
