"""What a person types about her own account."""

from django import forms
from django.contrib.auth import password_validation

from accounts.models import User


class FirstPasswordForm(forms.Form):
    """A password chosen by its owner, twice; the rules are those of AUTH_PASSWORD_VALIDATORS."""

    _widget = forms.PasswordInput(attrs={"autocomplete": "new-password"})
    password1 = forms.CharField(
        label="Mot de passe",
        widget=_widget,
        strip=False,
        max_length=128,
        help_text="15 caractères au moins : une phrase se retient mieux qu’un mot compliqué.",
    )
    password2 = forms.CharField(label="Le même, encore une fois", widget=_widget, strip=False, max_length=128)

    def __init__(self, user: User, *args, **kwargs) -> None:
        self.user = user
        super().__init__(*args, **kwargs)

    def clean_password1(self) -> str:
        password = self.cleaned_data["password1"]
        password_validation.validate_password(password, self.user)
        return password

    def clean(self) -> dict:
        cleaned = super().clean()
        first, second = cleaned.get("password1"), cleaned.get("password2")
        if first and second and first != second:
            self.add_error("password2", "Les deux mots de passe ne sont pas les mêmes.")
        return cleaned
