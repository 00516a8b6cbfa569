"""Production: by the environment only (`.env.example` lists it); missing secrets stop the start."""

from .base import *  # noqa: F403
from .base import ROR_TODAY, env

SECRET_KEY = env.str("SECRET_KEY")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS")
SITE_URL = env.str("SITE_URL", f"https://{ALLOWED_HOSTS[0]}").rstrip("/")
if ROR_TODAY:
    raise RuntimeError("ROR_TODAY déplace l’horloge : interdit en production.")
if not env.str("DATABASE_URL", ""):
    raise RuntimeError("DATABASE_URL manque : la production ne démarre pas de base embarquée.")

# --- HTTPS, which the proxy in front speaks -----------------------------------------------------------------------
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True
SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", True)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", 31_536_000)
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
# How many proxies of ours add to X-Forwarded-For. Wrong, it counts every visitor's failed logins as one person's.
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXY_COUNT", 1)

# --- Logs: one line an event on stdout, for whatever collects them --------------------------------------------------
# No request body, no local variable, no address, no name: Django's e-mail to ADMINS, which holds them, is not used.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"stdout": {"class": "logging.StreamHandler", "stream": "ext://sys.stdout", "formatter": "line"}},
    "root": {"handlers": ["stdout"], "level": env.str("LOG_LEVEL", "INFO")},
    "loggers": {"django": {"handlers": [], "propagate": True}, "django.server": {"handlers": [], "propagate": True}},
}
