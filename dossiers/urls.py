"""Home and dossiers (design: « URL contract »). Mounted at the root."""

from django.urls import path

from dossiers import views

app_name = "dossiers"
urlpatterns = [
    path("", views.home, name="home"),
    path("dossiers/", views.index, name="index"),
]
