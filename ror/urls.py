"""One include per app, French paths (design: « URL contract »)."""

from allauth.account.decorators import secure_admin_login
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib import admin
from django.contrib.auth.models import Group
from django.urls import include, path
from oauth2_provider.models import AccessToken, Grant, IDToken, RefreshToken

from ror import health, views

# One way in: the admin's own form would escape the counters of failed logins.
admin.site.login = secure_admin_login(admin.site.login)
admin.site.site_header = f"Administration du ROR {settings.REGION_NAME}"
admin.site.site_title = "ROR"
admin.site.index_title = "Que voulez-vous faire ?"
# Rights follow habilitations, addresses are on the account, factors are reset by a page that tells the person and
# writes the journal: three lists nobody should fill. Tokens are the machines' own.
admin.site.unregister([Group, EmailAddress, Authenticator])
admin.site.unregister([AccessToken, Grant, IDToken, RefreshToken])

urlpatterns = [
    path("", include("search.urls")),  # first: every address is compared in this order
    path("", include("dossiers.urls")),
    path("", include("accounts.urls")),
    path("", include("restitutions.urls")),
    path("repertoire/", include("directory.urls")),
    path("aide/", views.aide, name="aide"),
    path("mentions-legales/", views.mentions_legales, name="mentions_legales"),
    path("donnees-personnelles/", views.donnees_personnelles, name="donnees_personnelles"),
    path("accessibilite/", views.accessibilite, name="accessibilite"),
    path("sources/", views.sources, name="sources"),
    path("demo/courrier/", views.demo_courrier, name="demo_courrier"),
    path("sante/", health.liveness, name="sante"),
    path("pret/", health.readiness, name="pret"),
    path("api/", include("api.urls")),
    path("favicon.ico", views.favicon, name="favicon"),
    path("admin/", admin.site.urls),
]

handler400 = "ror.refusals.bad_request"
handler403 = "ror.refusals.permission_denied"
handler404 = "ror.refusals.not_found"
handler500 = "ror.views.server_error"
