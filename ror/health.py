"""What probes ask: is this process alive, may it receive visitors? JSON; nothing personal, no version number."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from psycopg_pool import PoolTimeout
from redis import Redis, RedisError

_known = {"migrated": False}  # once applied, migrations stay applied for the life of this process


@login_not_required
@never_cache
@require_safe
def liveness(request: HttpRequest) -> JsonResponse:
    """200 as long as the process answers; asks nobody else, so that a slow database never gets it restarted."""
    return JsonResponse({"etat": "vivant"})


@login_not_required
@never_cache
@require_safe
def readiness(request: HttpRequest) -> JsonResponse:
    """200 when PostgreSQL answers and has every migration, else 503. Redis is told, not required."""
    report = {"base": "injoignable", "migrations": "inconnues", "redis": _redis_state()}
    try:
        with connection.cursor() as cursor:
            cursor.execute("select 1")
        report["base"] = "ok"
        report["migrations"] = "ok" if _migrated() else "en attente"
    except (DatabaseError, PoolTimeout):
        pass
    ready = report["base"] == report["migrations"] == "ok"
    return JsonResponse({"etat": "pret" if ready else "pas pret", **report}, status=200 if ready else 503)


def _migrated() -> bool:
    if not _known["migrated"]:
        executor = MigrationExecutor(connection)
        _known["migrated"] = not executor.migration_plan(executor.loader.graph.leaf_nodes())
    return _known["migrated"]


def _redis_state() -> str:
    try:
        with Redis.from_url(settings.REDIS_URL, socket_timeout=0.2, socket_connect_timeout=0.2, retry=None) as client:
            client.ping()
    except RedisError:
        return "absent"
    return "ok"
