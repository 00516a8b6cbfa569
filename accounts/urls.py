"""allauth's views at French addresses, under the names allauth itself reverses. Mounted at the root, no namespace."""

from allauth.account import views
from django.urls import path, re_path

from accounts.views import LoginView

urlpatterns = [
    path("connexion/", LoginView.as_view(), name="account_login"),
    path("deconnexion/", views.logout, name="account_logout"),
    path("connexion/compte-inactif/", views.account_inactive, name="account_inactive"),
    # Closed by the adapter: the page says whom to ask. allauth's mail to an unknown address links to it.
    path("connexion/demander-un-acces/", views.signup, name="account_signup"),
    path("mot-de-passe/changer/", views.password_change, name="account_change_password"),
    path("mot-de-passe/oublie/", views.password_reset, name="account_reset_password"),
    path("mot-de-passe/oublie/envoye/", views.password_reset_done, name="account_reset_password_done"),
    path(
        "mot-de-passe/nouveau/fait/",
        views.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
    re_path(
        r"^mot-de-passe/nouveau/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        views.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
]
