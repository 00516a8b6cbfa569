"""The developers' page and the schema it reads."""

from csp.decorators import csp_update
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

schema = SpectacularAPIView.as_view()
_page = SpectacularSwaggerSplitView.as_view(url_name="api:schema")


@csp_update({"style-src": ["'unsafe-inline'"]})  # Swagger UI sets styles on what it draws; its script is a file
@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """`/api/docs/`. A page of the portal for who is logged in, hence a plain view: the others go to the login page."""
    return _page(request)
