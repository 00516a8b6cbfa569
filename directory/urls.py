"""`/repertoire/`: the list of establishments and the fiches (design: « URL contract »)."""

from django.urls import path

from directory.views import demandes, fiches, history, modifier, repertoire, suggestions, verification

app_name = "directory"

urlpatterns = [
    path("", repertoire.repertoire, name="repertoire"),
    path("suggestions/", suggestions.suggestions, name="suggestions"),
    path("export.xlsx", repertoire.export, name="repertoire_export"),
    path("verifier/<str:token>/", verification.link, name="verifier_lien"),
    path("ej/<str:cle>/", fiches.ej, name="ej"),
    path("ej/<str:cle>/imprimer/", fiches.ej_imprimer, name="ej_imprimer"),
    path("ej/<str:cle>/historique/", history.ej, name="ej_historique"),
    path("ej/<str:cle>/historique/<int:number>/retablir/", history.ej_retablir, name="ej_retablir"),
    path("eg/<str:cle>/", fiches.eg, name="eg"),
    path("eg/<str:cle>/modifier/", modifier.eg, name="eg_modifier"),
    path("eg/<str:cle>/verifier/", verification.eg, name="eg_verifier"),
    path("eg/<str:cle>/demander-acces/", demandes.ask, name="demander_acces"),
    path("eg/<str:cle>/imprimer/", fiches.eg_imprimer, name="eg_imprimer"),
    path("eg/<str:cle>/historique/", history.eg, name="eg_historique"),
    path("eg/<str:cle>/historique/<int:number>/retablir/", history.eg_retablir, name="eg_retablir"),
    path("uo/<str:cle>/", fiches.uo, name="uo"),
    path("uo/<str:cle>/modifier/", modifier.uo, name="uo_modifier"),
    path("uo/<str:cle>/verifier/", verification.uo, name="uo_verifier"),
    path("uo/<str:cle>/imprimer/", fiches.uo_imprimer, name="uo_imprimer"),
    path("uo/<str:cle>/historique/", history.uo, name="uo_historique"),
    path("uo/<str:cle>/historique/<int:number>/retablir/", history.uo_retablir, name="uo_retablir"),
]
