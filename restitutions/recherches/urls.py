"""Searches a person keeps."""

from django.urls import path

from restitutions.recherches import views

urlpatterns = [
    path("recherches/", views.page, name="recherches"),
    path("recherches/enregistrer/", views.enregistrer, name="recherche_enregistrer"),
    path("recherches/<int:pk>/modifier/", views.modifier, name="recherche_modifier"),
    path("recherches/<int:pk>/supprimer/", views.supprimer, name="recherche_supprimer"),
    path("recherches/desabonner/<str:token>/", views.desabonner, name="desabonner"),
]
