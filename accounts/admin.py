"""Accounts, for support. An address is the login; a password is never shown, only replaced."""

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as BaseUserAdmin
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm

from accounts.models import User


class UserCreation(AdminUserCreationForm):
    """An account starts without a password: the person sets it through « Mot de passe oublié »."""

    class Meta:
        model = User
        fields = ("email",)

    def clean_email(self) -> str:
        return self.cleaned_data["email"].lower()


class UserChange(UserChangeForm):
    class Meta:
        model = User
        fields = "__all__"

    def clean_email(self) -> str:
        return self.cleaned_data["email"].lower()


@admin.register(User)
class UserAdmin(BaseUserAdmin):
    form = UserChange
    add_form = UserCreation
    list_display = ("email", "last_name", "first_name", "fonction", "is_active", "is_staff", "last_login")
    list_filter = ("is_active", "is_staff", "is_superuser")
    search_fields = ("email", "last_name", "first_name", "fonction")
    ordering = ("last_name", "first_name", "email")
    readonly_fields = ("last_login", "date_joined")
    fieldsets = (
        (None, {"fields": ("email", "password")}),
        ("Personne", {"fields": ("first_name", "last_name", "fonction")}),
        (
            "Accès à l’administration",
            {"fields": ("is_active", "is_staff", "is_superuser", "groups", "user_permissions")},
        ),
        ("Dates", {"fields": ("last_login", "date_joined")}),
    )

    def get_fieldsets(self, request, obj=None):
        """Only a superuser opens the administration to somebody."""
        fieldsets = super().get_fieldsets(request, obj)
        if obj is None or request.user.is_superuser:
            return fieldsets
        closed = ("Accès", {"fields": ("is_active",)})
        return tuple(closed if "is_superuser" in options["fields"] else (name, options) for name, options in fieldsets)

    def has_change_permission(self, request, obj=None) -> bool:
        """Support changes the accounts of professionals, never one that has more rights than its own."""
        allowed = super().has_change_permission(request, obj)
        return allowed and (request.user.is_superuser or obj is None or not (obj.is_staff or obj.is_superuser))

    def has_delete_permission(self, request, obj=None) -> bool:
        """Deactivated, never deleted: the journal and the versions name it."""
        return False

    add_fieldsets = (
        ("Personne", {"fields": ("email", "first_name", "last_name", "fonction")}),
        ("Mot de passe", {"fields": ("usable_password", "password1", "password2")}),
    )
