"""The search (design: « URL contract »). Mounted at the root."""

from django.urls import path

from search import carte_views, views

app_name = "search"
urlpatterns = [
    path("recherche/", views.results, name="results"),
    path("recherche/carte.geojson", carte_views.geojson, name="carte_geojson"),
    path("recherche/contours.geojson", carte_views.contours, name="contours"),
    path("recherche/export.xlsx", views.export, name="export"),
    path("recherche/suggestions/ou/", views.suggestions_ou, name="suggestions_ou"),
    path("recherche/suggestions/adresse/", views.suggestions_adresse, name="suggestions_adresse"),
    path("recherche/suggestions/quoi/", views.suggestions_quoi, name="suggestions_quoi"),
]
