"""What professionals take away. Mounted at the root; each family of pages has its own list."""

from restitutions.extractions.urls import urlpatterns as extractions_urls
from restitutions.recherches.urls import urlpatterns as recherches_urls
from restitutions.selection.urls import urlpatterns as selection_urls

app_name = "restitutions"
urlpatterns = [
    *selection_urls,
    *recherches_urls,
    *extractions_urls,
]
