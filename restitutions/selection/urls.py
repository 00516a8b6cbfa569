"""Addresses of « Ma sélection »."""

from django.urls import path

from restitutions.selection import views

urlpatterns = [
    path("selection/", views.page, name="selection"),
    path("selection/ajouter/", views.ajouter, name="selection_ajouter"),
    path("selection/retirer/", views.retirer, name="selection_retirer"),
    path("selection/notes/", views.notes, name="selection_notes"),
    path("selection/vider/", views.vider, name="selection_vider"),
    path("selection/imprimer/", views.imprimer, name="selection_imprimer"),
    path("selection/export.xlsx", views.export, name="selection_export"),
    path("selection/partager/", views.partager, name="selection_partager"),
    path("selection/partage/<str:token>/", views.partage, name="selection_partage"),
]
