"""allauth's views at French addresses, under the names allauth itself reverses. Mounted at the root, no namespace."""

from allauth.account import views
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp import views as totp
from django.urls import path, re_path
from django.views.generic import RedirectView

from accounts.views import LoginView, account, end_other_sessions, invitation, session

urlpatterns = [
    path("connexion/", LoginView.as_view(), name="account_login"),
    path("connexion/code/", mfa.authenticate, name="mfa_authenticate"),
    path("deconnexion/", views.logout, name="account_logout"),
    path("connexion/compte-inactif/", views.account_inactive, name="account_inactive"),
    # Closed by the adapter: the page says whom to ask. allauth's mail to an unknown address links to it.
    path("connexion/demander-un-acces/", views.signup, name="account_signup"),
    path("invitation/<str:token>/", invitation, name="accounts_invitation"),
    path("session/", session, name="accounts_session"),
    path("compte/", account, name="account"),
    path("compte/sessions/terminer/", end_other_sessions, name="account_end_sessions"),
    path("compte/confirmer/", views.reauthenticate, name="account_reauthenticate"),
    path("compte/confirmer/code/", mfa.reauthenticate, name="mfa_reauthenticate"),
    path("compte/second-facteur/", RedirectView.as_view(pattern_name="account"), name="mfa_index"),
    path("compte/second-facteur/activer/", totp.activate_totp, name="mfa_activate_totp"),
    path("compte/second-facteur/retirer/", totp.deactivate_totp, name="mfa_deactivate_totp"),
    path("compte/second-facteur/secours/", codes.view_recovery_codes, name="mfa_view_recovery_codes"),
    path("compte/second-facteur/secours/nouveaux/", codes.generate_recovery_codes, name="mfa_generate_recovery_codes"),
    path("compte/second-facteur/secours/fichier/", codes.download_recovery_codes, name="mfa_download_recovery_codes"),
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
