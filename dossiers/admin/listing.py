"""The queue: counters, filters, fifty dossiers a page, the oldest first."""

from time import perf_counter

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from dossiers import queue
from dossiers.admin.access import visible


@never_cache
@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """Everything is in the address: a list of dossiers can be shared and bookmarked."""
    started = perf_counter()
    mine = visible(request)
    filtre = queue.QueueFilter(request.GET, user=request.user, queryset=mine)
    asked = {name: value for name, value in request.GET.items() if name in filtre.form.fields and value}
    counters = queue.counters(mine, request.user, asked)
    shown, rows = queue.page_of(filtre.qs, request.GET.get("page"), request.user)
    context = {
        "form": filtre.form,
        "is_filtered": bool(asked),
        "counters": counters,
        "page": shown,
        "rows": rows,
        "oldest": rows[0] if rows and shown.number == 1 and rows[0].is_waiting else None,
        "median": queue.median_days(mine),
        "query": urlencode(asked),
        "here": request.get_full_path(),
        "duration_ms": round((perf_counter() - started) * 1000),
    }
    return render(request, "admin/dossiers/queue.html", context, status=200 if filtre.form.is_valid() else 400)
