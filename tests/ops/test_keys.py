"""SECRET_KEY changes without anybody losing a second factor."""

import pytest
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from django.core.management import call_command
from django.core.management.base import CommandError

from tests.builders import TOTP_SECRET, make_totp, make_user

NEW = "une-cle-nouvelle-0123456789-abcdefghijklmnopqrstuvwxyz-0123456789"


@pytest.fixture
def person(db):
    user = make_user()
    make_totp(user)
    RecoveryCodes.activate(user)
    return user


def test_second_factors_survive_a_new_key(person, settings, capsys):
    codes = Authenticator.objects.get(type="recovery_codes").wrap().get_unused_codes()
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = NEW, [settings.SECRET_KEY]
    call_command("reencrypt_secrets")
    assert "2 second(s) facteur(s)" in capsys.readouterr().out
    settings.SECRET_KEY_FALLBACKS = []
    totp = Authenticator.objects.get(type="totp")
    assert get_adapter().decrypt(totp.data["secret"]) == TOTP_SECRET
    assert Authenticator.objects.get(type="recovery_codes").wrap().get_unused_codes() == codes


def test_a_former_key_that_is_missing_changes_nothing(person, settings):
    before = list(Authenticator.objects.order_by("pk").values_list("data", flat=True))
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = NEW, []
    with pytest.raises(CommandError, match="SECRET_KEY_FALLBACKS"):
        call_command("reencrypt_secrets")
    assert list(Authenticator.objects.order_by("pk").values_list("data", flat=True)) == before
