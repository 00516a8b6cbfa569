"""Home, « Mes structures » and dossiers (design: « URL contract »). Mounted at the root."""

from django.urls import path

from dossiers.views import apercu, dossier, fiches, home, listing, people, publiee, steps, unites

app_name = "dossiers"
urlpatterns = [
    path("", home.home, name="home"),
    path("repertoire/mes-structures/", home.structures_page, name="structures"),
    path("dossiers/", listing.index, name="index"),
    path("dossiers/ouvrir/", listing.ouvrir, name="ouvrir"),
    path("dossiers/<int:pk>/", dossier.page, name="dossier"),
    path("dossiers/<int:pk>/envoyer/", steps.envoyer, name="envoyer"),
    path("dossiers/<int:pk>/reprendre/", steps.reprendre, name="reprendre"),
    path("dossiers/<int:pk>/abandonner/", steps.abandonner, name="abandonner"),
    path("dossiers/<int:pk>/uo/", unites.ajouter, name="ajouter_uo"),
    path("dossiers/<int:pk>/remarques/", people.remarque, name="remarque"),
    path("dossiers/<int:pk>/remarques/<int:remarque>/resoudre/", people.resoudre, name="resoudre"),
    path("dossiers/<int:pk>/presents/", people.presents, name="presents"),
    path("dossiers/<int:pk>/fiches/<int:fiche>/dupliquer/", unites.dupliquer, name="dupliquer"),
    path("dossiers/<int:pk>/fiches/<int:fiche>/retirer/", unites.retirer, name="retirer"),
    path("dossiers/<int:pk>/fiches/<int:fiche>/fermer/", unites.fermer, name="fermer"),
    path("dossiers/<int:pk>/fiches/<int:fiche>/", fiches.page, name="fiche"),
    path("dossiers/<int:pk>/fiches/<int:fiche>/apercu/", apercu.apercu, name="apercu"),
    path("dossiers/<int:pk>/fiches/<int:fiche>/conflit/", fiches.conflit, name="conflit"),
    path("dossiers/<int:pk>/fiches/<int:fiche>/publiee/", publiee.publiee, name="publiee"),
]
