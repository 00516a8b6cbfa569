"""Accounts and invitations, for support. An address is the login; a password is never shown, only replaced."""

from collections.abc import Callable

from allauth.account.decorators import reauthentication_required
from django import forms
from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin as BaseUserAdmin
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.views.decorators.http import require_http_methods

from accounts import invitations, people, second_factor
from accounts.models import Invitation, User

CLOSE = (
    "Cette personne n’entrera plus : ses sessions se ferment à l’instant, ses invitations sont annulées, ses accès "
    "dorment. Ce qu’elle a écrit reste à son nom."
)
REOPEN = "Cette personne entrera de nouveau, avec son mot de passe et les accès encore en cours."
RESET = (
    "Pour un téléphone perdu ou changé, après avoir vérifié que vous parlez bien à cette personne : son second "
    "facteur et ses codes de secours ne servent plus, ses sessions se ferment, elle est prévenue par message."
)


class UserCreation(AdminUserCreationForm):
    """What a superuser types, who alone may choose a password for somebody."""

    class Meta:
        model = User
        fields = ("email",)

    def clean_email(self) -> str:
        return self.cleaned_data["email"].lower()


class UserCreationBySupport(forms.ModelForm):
    """An account without a password: the person sets it through « Mot de passe oublié »."""

    class Meta:
        model = User
        fields = ("email",)

    def clean_email(self) -> str:
        return self.cleaned_data["email"].lower()

    def save(self, commit: bool = True) -> User:
        self.instance.set_unusable_password()
        return super().save(commit)


class UserChange(UserChangeForm):
    class Meta:
        model = User
        fields = "__all__"

    def clean_email(self) -> str:
        return self.cleaned_data["email"].lower()


class Confirmed:
    """For a ModelAdmin: pages that say what will happen, with one button that does it."""

    def confirmed(self, name: str, act: Callable, *, title: str, text: str, button: str, done: str):
        """The route `<pk>/<name>/`. `act(obj, by=)` returns False when there was nothing left to do."""

        @require_http_methods(["GET", "HEAD", "POST"])
        def view(request: HttpRequest, pk: int) -> HttpResponse:
            obj = get_object_or_404(self.get_queryset(request), pk=pk)
            if not self.has_change_permission(request, obj):
                raise PermissionDenied
            back = reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", args=[pk])
            if request.method == "POST":
                if act(obj, by=request.user):
                    messages.success(request, done)
                else:
                    messages.warning(request, "C’était déjà fait, ou ce n’est plus possible : rien n’a changé.")
                return redirect(back)
            context = {"title": title, "text": text, "button": button, "back": back, "subject": str(obj)}
            return render(request, "accounts/confirmer.html", context)

        return path(f"<int:pk>/{name}/", self.admin_site.admin_view(view), name=self._url_name(name))

    def _url_name(self, name: str) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}_{name.replace('-', '_')}"


@admin.register(User)
class UserAdmin(Confirmed, BaseUserAdmin):
    form = UserChange
    add_form = UserCreation
    list_display = ("email", "last_name", "first_name", "fonction", "is_active", "is_staff", "last_login")
    list_filter = ("is_active", "is_staff", "is_superuser")
    search_fields = ("email", "last_name", "first_name", "fonction")
    ordering = ("last_name", "first_name", "email")
    readonly_fields = ("is_active", "closed_at", "last_login", "date_joined")
    fieldsets = (
        (None, {"fields": ("email", "password")}),
        ("Personne", {"fields": ("first_name", "last_name", "fonction")}),
        (
            "Accès à l’administration",
            {"fields": ("is_active", "closed_at", "is_staff", "is_superuser", "groups", "user_permissions")},
        ),
        ("Dates", {"fields": ("last_login", "date_joined")}),
    )
    add_fieldsets = (
        ("Personne", {"fields": ("email", "first_name", "last_name", "fonction")}),
        ("Mot de passe", {"fields": ("usable_password", "password1", "password2")}),
    )

    def get_urls(self) -> list:
        return [
            self.confirmed(
                "fermer",
                _close,
                title="Fermer ce compte ?",
                text=CLOSE,
                button="Fermer le compte",
                done="Compte fermé.",
            ),
            self.confirmed(
                "rouvrir",
                _reopen,
                title="Rouvrir ce compte ?",
                text=REOPEN,
                button="Rouvrir le compte",
                done="Compte rouvert.",
            ),
            self._second_factor(),
            *super().get_urls(),
        ]

    def _second_factor(self):
        """Taking somebody's factor away asks the person of support to confirm who she is."""
        route = self.confirmed(
            "second-facteur",
            _reset_factor,
            title="Retirer le second facteur ?",
            text=RESET,
            button="Retirer le second facteur",
            done="Second facteur retiré : la personne est prévenue.",
        )
        route.callback = reauthentication_required(app="allauth.mfa")(route.callback)
        return route

    def get_fieldsets(self, request, obj=None):
        """Only a superuser opens the administration to somebody, or chooses a password for her."""
        fieldsets = super().get_fieldsets(request, obj)
        if request.user.is_superuser:
            return fieldsets
        if obj is None:
            return fieldsets[:1]
        (_, _), person, (_, _), dates = fieldsets
        return (None, {"fields": ("email",)}), person, ("Accès", {"fields": ("is_active", "closed_at")}), dates

    def get_form(self, request, obj=None, change: bool = False, **kwargs):
        if obj is None and not request.user.is_superuser:
            kwargs["form"] = UserCreationBySupport
        return super().get_form(request, obj, change=change, **kwargs)

    def save_model(self, request, obj: User, form, change: bool) -> None:
        """Who reads the mails of an address can choose its password: a change of address is told to the former."""
        former = User.objects.get(pk=obj.pk).email if change else ""
        super().save_model(request, obj, form, change)
        people.told(obj, former=former, by=request.user, fields=form.changed_data)

    def user_change_password(self, request, id, form_url=""):  # noqa: A002 - Django’s name
        """A person chooses her own, with the link of « Mot de passe oublié »: support knows nobody's password."""
        if not request.user.is_superuser:
            raise PermissionDenied
        return super().user_change_password(request, id, form_url)

    def has_change_permission(self, request, obj=None) -> bool:
        """Support changes the accounts of professionals, never one that has more rights than its own."""
        allowed = super().has_change_permission(request, obj)
        return allowed and (request.user.is_superuser or obj is None or not (obj.is_staff or obj.is_superuser))

    def has_delete_permission(self, request, obj=None) -> bool:
        """Deactivated, never deleted: the journal and the versions name it."""
        return False


def _close(user: User, *, by: User) -> bool:
    return user.pk != by.pk and people.deactivate(user=user, by=by)


def _reopen(user: User, *, by: User) -> bool:
    return people.reactivate(user=user, by=by)


def _reset_factor(user: User, *, by: User) -> bool:
    return second_factor.reset(user=user, by=by)


class StateFilter(admin.SimpleListFilter):
    """States follow from dates (`InvitationQuerySet`)."""

    title = "état"
    parameter_name = "etat"

    def lookups(self, request: HttpRequest, model_admin) -> list[tuple[str, str]]:
        return [
            ("attente", "En attente"),
            ("expiree", "Expirée"),
            ("acceptee", "Acceptée"),
            ("annulee", "Annulée"),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        match self.value():
            case "attente":
                return queryset.pending()
            case "expiree":
                return queryset.expired()
            case "acceptee":
                return queryset.exclude(accepted_at=None)
            case "annulee":
                return queryset.exclude(cancelled_at=None)
        return queryset


@admin.register(Invitation)
class InvitationAdmin(Confirmed, admin.ModelAdmin):
    """Who was invited, and whether she came. Read only: sending again and cancelling are pages of their own."""

    list_display = ("user", "purpose", "state_now", "invited_by", "sent_at", "expires_at")
    list_filter = (StateFilter,)
    list_select_related = ("user", "invited_by")
    search_fields = ("user__email", "user__last_name", "purpose")
    fields = ("user", "purpose", "state_now", "invited_by", "created_at", "sent_at", "expires_at", "accepted_at")
    fields += ("cancelled_at",)
    readonly_fields = fields

    @admin.display(description="état")
    def state_now(self, invitation: Invitation) -> str:
        return invitation.state

    def get_urls(self) -> list:
        resend = "La personne reçoit un nouveau lien, valable sept jours ; celui d’avant ne sert plus."
        cancel = "Le lien envoyé ne sert plus. Les accès préparés restent : retirez-les s’il le faut."
        return [
            self.confirmed(
                "renvoyer",
                _resend,
                title="Renvoyer l’invitation ?",
                text=resend,
                button="Renvoyer",
                done="Invitation renvoyée.",
            ),
            self.confirmed(
                "annuler",
                _cancel,
                title="Annuler l’invitation ?",
                text=cancel,
                button="Annuler l’invitation",
                done="Invitation annulée.",
            ),
            *super().get_urls(),
        ]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj=None) -> bool:
        return False


def _resend(invitation: Invitation, *, by: User) -> bool:
    try:
        invitations.resend(invitation.pk, by=by)
    except invitations.InvitationRefused:
        return False
    return True


def _cancel(invitation: Invitation, *, by: User) -> bool:
    return invitations.cancel(invitation.pk, by=by)
