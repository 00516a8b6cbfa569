"""Extractions for those entitled to them."""

from django.urls import path

from restitutions.extractions import views

urlpatterns = [
    path("extractions/", views.page, name="extractions"),
    path("extractions/nouvelle/", views.nouvelle, name="extraction_nouvelle"),
    path("extractions/<uuid:pk>/telecharger/", views.telecharger, name="extraction_telecharger"),
]
