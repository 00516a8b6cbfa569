"""Login, « Mon compte », an invitation's link; every other account page is allauth's own view with our templates."""

from allauth.account.views import LoginView as AllauthLoginView
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import demo, invitations, sessions
from accounts.forms import FirstPasswordForm
from journal import models as journal
from ror import clock

WHY_OVER = {
    sessions.IDLE: "Votre session a été fermée : vous n’aviez rien fait depuis un moment.",
    sessions.ABSOLUTE: "Votre session a été fermée : elle durait depuis votre connexion de ce matin ou d’hier.",
    sessions.ENDED: "Votre session est terminée.",
}


class LoginView(AllauthLoginView):
    """allauth's login; it says why a session ended, and in the demo which accounts one may try."""

    def get_context_data(self, **kwargs) -> dict:
        context = super().get_context_data(**kwargs)
        context["why_over"] = WHY_OVER.get(self.request.GET.get("fin", ""), "")
        if settings.DEMO:
            context |= {"DEMO_ACCOUNTS": demo.ACCOUNTS, "DEMO_PASSWORD": demo.PASSWORD}
        return context


@never_cache
@require_safe
def account(request: HttpRequest) -> HttpResponse:
    """« Mon compte »: who I am here, what I may do, my second factor, my open sessions."""
    user, today = request.user, clock.today()
    factors = {factor.type: factor for factor in Authenticator.objects.filter(user=user)}
    codes = factors.get(Authenticator.Type.RECOVERY_CODES)
    context = {
        "rights": user.habilitations.active(today).select_related("ej", "eg", "departement").order_by("valid_from"),
        "asked": user.demandes_acces.select_related("eg").order_by("-pk")[:5],
        "totp": factors.get(Authenticator.Type.TOTP),
        "codes_left": len(codes.wrap().get_unused_codes()) if codes else 0,
        "sessions": list(sessions.open_sessions(user)),
        "current": request.session.session_key,
        "mfa_required": settings.MFA_REQUIRED,
        "idle_minutes": settings.SESSION_IDLE_MINUTES,
        "hours": settings.SESSION_COOKIE_AGE // 3600,
    }
    return render(request, "account/compte.html", context)


@login_not_required
@never_cache
@require_safe
def session(request: HttpRequest) -> HttpResponse:
    """Whether somebody is logged in, for a page that waits for its reader: 401, or who and the token of her forms."""
    user = request.user
    if not user.is_authenticated or user.lacks_second_factor:
        return JsonResponse({"erreur": "session"}, status=401)
    return JsonResponse({"user": user.pk, "nom": str(user), "csrf": get_token(request)})


@require_POST
def end_other_sessions(request: HttpRequest) -> HttpResponse:
    """« Terminer mes autres sessions »: effective at their next request."""
    ended = sessions.end_all(request.user, but=request.session.session_key)
    if ended:
        journal.write("end_sessions", f"user:{request.user.pk}", by=request.user, sessions=ended)
    said = "Vos autres sessions sont terminées." if ended else "Vous n’aviez pas d’autre session."
    messages.success(request, said)
    return redirect(f"{reverse('account')}#sessions")


@login_not_required
@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """The page a link opens: GET changes nothing (mail scanners follow links), POST chooses the password."""
    found = invitations.read(token)
    if found is None:
        return render(request, "account/invitation_over.html", status=410)
    form = FirstPasswordForm(found.user, request.POST or None)
    if request.method == "POST" and form.is_valid():
        if invitations.accept(found, password=form.cleaned_data["password1"]) is None:
            return render(request, "account/invitation_over.html", status=410)
        messages.success(request, "Votre compte est ouvert. Connectez-vous avec votre adresse et ce mot de passe.")
        return redirect("account_login")
    context = {"form": form, "invitation": found, "second_factor": settings.MFA_REQUIRED and found.user.is_staff}
    return render(request, "account/invitation.html", context)
