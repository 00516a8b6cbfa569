"""The search (design: « URL contract »). Mounted at the root."""

from django.urls import path

from search import views

app_name = "search"
urlpatterns = [
    path("recherche/", views.results, name="results"),
    path("recherche/export.xlsx", views.export, name="export"),
    path("recherche/suggestions/ou/", views.suggestions_ou, name="suggestions_ou"),
    path("recherche/suggestions/quoi/", views.suggestions_quoi, name="suggestions_quoi"),
]
