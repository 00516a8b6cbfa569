"""`/api/…`: version 1, its description, and the tokens of its clients."""

from django.urls import path, re_path

from api import docs, oauth, views

app_name = "api"

CLE = r"(?P<cle>[0-9A-Za-z-]{1,40})"

urlpatterns = [
    path("v1/etablissements/", views.Etablissements.as_view(), name="etablissements"),
    re_path(rf"^v1/etablissements/{CLE}/$", views.Etablissement.as_view(), name="etablissement"),
    re_path(rf"^v1/uo/{CLE}/$", views.Offre.as_view(), name="uo"),
    path("v1/nomenclature/", views.Nomenclatures.as_view(), name="nomenclatures"),
    re_path(r"^v1/nomenclature/(?P<systeme>[0-9A-Za-z_-]{1,40})/$", views.Nomenclature.as_view(), name="nomenclature"),
    path("schema/", docs.schema, name="schema"),
    path("docs/", docs.page, name="docs"),
    path("oauth/token/", oauth.token, name="token"),
]
