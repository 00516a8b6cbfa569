"""Home and dossiers (design: « URL contract »). Mounted at the root."""

from django.urls import path

from dossiers import views

app_name = "dossiers"
urlpatterns = [
    path("", views.home, name="home"),
    path("repertoire/mes-structures/", views.structures_page, name="structures"),
    path("dossiers/", views.index, name="index"),
    path("dossiers/<int:pk>/", views.index, name="dossier"),
    path("dossiers/<int:pk>/fiches/<int:fiche>/", views.index, name="fiche"),
]
