"""Production settings: by the environment only, silent under `check --deploy`, and nothing started by themselves."""

import os
import subprocess
import sys

import pytest
from django.conf import settings

COMPLETE = {
    "SECRET_KEY": "k" * 20 + "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMN",
    "ALLOWED_HOSTS": "ror.example.org",
    "DATABASE_URL": "postgresql://nobody@localhost:1/nothing?sslmode=require",
}


def manage(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """A management command under the production settings, with this environment and nothing else."""
    base = {"PATH": os.environ["PATH"], "DJANGO_SETTINGS_MODULE": "ror.settings.prod", "PYTHONUTF8": "1"}
    command = [sys.executable, "manage.py", *arguments]
    return subprocess.run(
        command, env=base | environment, cwd=settings.BASE_DIR, capture_output=True, text=True, timeout=60, check=False
    )


def test_check_deploy_has_nothing_to_say():
    result = manage("check", "--deploy", "--fail-level", "WARNING", **COMPLETE)
    assert result.returncode == 0, result.stderr
    assert "no issues" in result.stdout


@pytest.mark.parametrize("missing", COMPLETE)
def test_a_missing_secret_stops_the_start(missing):
    result = manage("check", **{name: value for name, value in COMPLETE.items() if name != missing})
    assert result.returncode != 0
    assert missing in result.stderr


def test_the_clock_cannot_be_moved():
    result = manage("check", **COMPLETE, ROR_TODAY="2030-01-01")
    assert result.returncode != 0
    assert "ROR_TODAY" in result.stderr


def test_the_database_url_keeps_its_options():
    script = "from django.conf import settings; print(settings.DATABASES['default']['OPTIONS']['sslmode'])"
    result = manage("shell", "-v", "0", "-c", script, **COMPLETE)
    assert result.stdout.strip() == "require", result.stderr


def test_the_demo_command_is_refused():
    result = manage("prepare_demo", **COMPLETE)
    assert result.returncode != 0
    assert "démonstration" in result.stderr
