"""`/api/v1/…`"""

from django.urls import path

from api import views

app_name = "api"

urlpatterns = [path("recherche/", views.recherche, name="recherche")]
