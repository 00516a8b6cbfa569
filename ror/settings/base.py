"""Every setting. Secrets, hosts and service URLs come from the environment; what is regional has a name here."""

import datetime as dt
from pathlib import Path

import xstatic.pkg.leaflet_markercluster
from csp.constants import NONE, SELF
from environs import Env

env = Env()
BASE_DIR = Path(__file__).resolve().parent.parent.parent

# --- Region: what another region changes to adopt this ---------------------------------------------------------
REGION_CODE = env.str("REGION_CODE", "11")  # INSEE code, first half of identifiantOffre (`11/…`)
REGION_NAME = env.str("REGION_NAME", "Île-de-France")
SUPPORT = {
    "phone": env.str("SUPPORT_PHONE", "01 83 76 30 31"),
    "hours": env.str("SUPPORT_HOURS", "du lundi au vendredi, de 8 h à 20 h"),
    "email": env.str("SUPPORT_EMAIL", "ror.support@sesan.fr"),
}
# Named on the legal pages; what is empty shows « à compléter par la région ».
PUBLISHER = {name: env.str(f"PUBLISHER_{name.upper()}", "") for name in ("name", "address", "director", "host", "dpo")}
CHILD_ADULT_AGE = env.int("CHILD_ADULT_AGE", 18)  # threshold between « Enfant » and « Adulte », in years
STALE_AFTER_DAYS = env.int("STALE_AFTER_DAYS", 365)  # RE1.2: a description older than a year is « à actualiser »
REMIND_AFTER_DAYS = env.int("REMIND_AFTER_DAYS", 180)  # référents are asked whether a fiche is still right
REMIND_EVERY_DAYS = env.int("REMIND_EVERY_DAYS", 30)  # never twice for one fiche within that time
VERIFICATION_LINK_DAYS = 30  # a reminder's link, that serves without login
DOSSIER_ASLEEP_DAYS = env.int("DOSSIER_ASLEEP_DAYS", 14)  # nobody touched it: its référents are told
DOSSIER_TARGET_DAYS = env.int("DOSSIER_TARGET_DAYS", 5)  # delay support promises between sending and decision
RESULTS_PER_PAGE = 15
RESULTS_MAX = 200  # establishments in a result list; beyond: « affinez »
# Background of the map, `{z}/{x}/{y}`; empty: none, the map then shows its outlines and the names of communes.
MAP_TILES_URL = env.str(
    "MAP_TILES_URL",
    "https://data.geopf.fr/wmts?SERVICE=WMTS&REQUEST=GetTile&VERSION=1.0.0&LAYER=GEOGRAPHICALGRIDSYSTEMS.PLANIGNV2"
    "&STYLE=normal&FORMAT=image/png&TILEMATRIXSET=PM&TILEMATRIX={z}&TILEROW={y}&TILECOL={x}",
)
MAP_TILES_ATTRIBUTION = env.str("MAP_TILES_ATTRIBUTION", "Plan IGN, © IGN Géoplateforme")
MAP_TILES_MAX_ZOOM = env.int("MAP_TILES_MAX_ZOOM", 19)
# Addresses (Base Adresse Nationale); empty: communes only. What is typed as a place is sent there, and nowhere else.
BAN_URL = env.str("BAN_URL", "https://data.geopf.fr/geocodage")
ROUTING_URL = env.str("ROUTING_URL", "")  # OSRM-compatible server; empty: durations are estimated (docs/routage.md)
CONTOURS_FILE = env.str("CONTOURS_FILE", "")  # GeoJSON of outlines drawn on the map; empty: none
CONTOURS_ATTRIBUTION = env.str("CONTOURS_ATTRIBUTION", "© IGN Admin Express, Licence Ouverte")
# Who takes away more than a page of results: a role, wherever it holds (a region may add « referent » or « lecteur »).
EXTRACTION_ROLES = env.list("EXTRACTION_ROLES", ["regulation", "support", "administrateur"])
EXTRACTION_DAYS = env.int("EXTRACTION_DAYS", 7)  # then the file is deleted
# Shared by the web processes and the workers, served by no web server. Made when absent, for its owner alone.
EXTRACTIONS_DIR = env.path("EXTRACTIONS_DIR", Path("/var/lib/ror/extractions"))
ROR_TODAY = env.date("ROR_TODAY", None)  # moves the clock in tests and in the demo, see ror.clock

# --- Core -------------------------------------------------------------------------------------------------------
DEBUG = False
SECRET_KEY = env.str("SECRET_KEY", "")
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", [])  # former keys, for as long as what they signed must serve
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", [])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", [])
ROOT_URLCONF = "ror.urls"
WSGI_APPLICATION = "ror.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
FIXTURES = BASE_DIR / "fixtures"

INSTALLED_APPS = [
    "ror.apps.RorConfig",
    "nomenclature",
    "accounts",
    "journal",
    "directory",
    "search",
    "restitutions",
    "dossiers",
    "api",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "ror.apps.StaticFilesConfig",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "csp",
    "django_filters",
    "django_htmx",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "js_lib_bootstrap5",
    "js_lib_leaflet",
    "modelcluster",
    "oauth2_provider",
    "pgtrigger",
    "post_office",
    "rest_framework",
]

MIDDLEWARE = [
    "ror.middleware.HealthMiddleware",
    "ror.middleware.NullCharacterMiddleware",
    "ror.middleware.NewDayMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.middleware.SessionLimitsMiddleware",
    "accounts.middleware.LoginMiddleware",
    "accounts.middleware.SecondFactorMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "ror.context_processors.frame",
            ],
            "builtins": ["ror.templatetags.ror"],
        },
    },
    {  # the partials of the results page only (docs/decisions/0009)
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "DIRS": [BASE_DIR / "templates" / "jinja"],
        "OPTIONS": {
            "environment": "ror.jinja.environment",
            "context_processors": ["ror.context_processors.frame"],  # for those sent by themselves to htmx
        },
    },
]

# --- Data -------------------------------------------------------------------------------------------------------
DATABASES = {"default": env.dj_db_url("DATABASE_URL", "postgresql://localhost/ror")}
PGBOUNCER = env.bool("PGBOUNCER", False)  # in transaction mode: nothing may be kept on a connection
POOL = {"min_size": 1, "max_size": env.int("DATABASE_POOL", 8), "timeout": 5}  # connections of one process, seconds
# For `ror.database.planned_once`: after this many runs, and then for any values.
PLANS = {} if PGBOUNCER else {"prepare_threshold": 5, "options": "-c plan_cache_mode=force_generic_plan"}
DATABASES["default"] |= {
    "CONN_MAX_AGE": 0,
    "CONN_HEALTH_CHECKS": True,  # else the pool hands out dead connections after a restart of PostgreSQL
    "OPTIONS": PLANS | DATABASES["default"].get("OPTIONS", {}) | {"pool": POOL},  # the URL may ask for `?sslmode=…`
    "DISABLE_SERVER_SIDE_CURSORS": PGBOUNCER,
}
if env.str("DATABASE_REPLICA_URL", ""):
    replica = env.dj_db_url("DATABASE_REPLICA_URL")
    DATABASES["search"] = (
        DATABASES["default"] | replica | {"OPTIONS": PLANS | replica.get("OPTIONS", {}) | {"pool": POOL}}
    )
    DATABASES["search"] |= {"CONN_HEALTH_CHECKS": True, "TEST": {"MIRROR": "default"}}
SEARCH_DATABASE = "search" if "search" in DATABASES else "default"

REDIS_URL = env.str("REDIS_URL", "redis://localhost:6379/0")
CACHES = {
    # Login counters live here, in PostgreSQL: they hold when Redis is down (allauth fails closed without its cache).
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "cache",
        # 300 unless told otherwise: a stranger trying a few hundred addresses would push the counters of others out.
        "OPTIONS": {"MAX_ENTRIES": 50_000},
    },
    # What may be lost at any time.
    "redis": {
        "BACKEND": "django_redis.cache.RedisCache",
        "LOCATION": REDIS_URL,
        "OPTIONS": {"IGNORE_EXCEPTIONS": True, "SOCKET_CONNECT_TIMEOUT": 0.2, "SOCKET_TIMEOUT": 0.2},
    },
}
# A fiche with many contacts, slots and codes sends more than Django's thousand fields.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000
SESSION_ENGINE = "accounts.sessions"
SESSION_COOKIE_AGE = env.int("SESSION_HOURS", 12) * 3600  # from the login, whatever is done since
SESSION_IDLE_MINUTES = env.int("SESSION_IDLE_MINUTES", 60)
SESSION_COOKIE_HTTPONLY = True
CSRF_COOKIE_HTTPONLY = True

# Called by publication, inside its transaction and in this order; signature `refresh(eg_ids: Sequence[int])`.
PUBLISH_PROJECTIONS = ["search.index.refresh"]

# --- People -----------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "directory.authentication.AuthenticationBackend",
    "directory.roles.RoleBackend",  # what support finds in the administration
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 15}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_ADAPTER = "accounts.adapter.ClosedAccountAdapter"
ACCOUNT_EMAIL_VERIFICATION = "none"  # accounts are nominative and created by support
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_EMAIL_SUBJECT_PREFIX = "[ROR] "
MFA_REQUIRED = True  # a second factor is compulsory for support and administrators; the demo alone does without
MFA_ADAPTER = "accounts.second_factor.MFAAdapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = f"ROR {REGION_NAME}"

# --- Mail: a row of the same transaction, sent by Celery after it ------------------------------------------------
EMAIL_BACKEND = "post_office.EmailBackend"
SITE_URL = env.str("SITE_URL", "http://localhost:8000").rstrip("/")  # what links in messages begin with
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", "ROR <ne-pas-repondre@ror.invalid>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
POST_OFFICE = {
    "BACKENDS": {"default": env.str("MAIL_BACKEND", "django.core.mail.backends.smtp.EmailBackend")},
    "CELERY_ENABLED": True,
    # A mail server that is down for a week loses nobody's message.
    "RETRY_INTERVAL": dt.timedelta(minutes=15),
    "MAX_RETRIES": 7 * 24 * 4,
    "LOCK_FILE_NAME": env.str("MAIL_LOCK", "ror-mail"),  # in the temporary folder, or a whole path
}
EMAIL_HOST = env.str("EMAIL_HOST", "localhost")
EMAIL_PORT = env.int("EMAIL_PORT", 25)
EMAIL_HOST_USER = env.str("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = env.str("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS = env.bool("EMAIL_USE_TLS", False)
EMAIL_TIMEOUT = 10

# --- Background work ----------------------------------------------------------------------------------------------
CELERY_BROKER_URL = REDIS_URL
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 300,  # seconds; a task lost with its worker comes back after that
    "socket_connect_timeout": 0.5,
    "socket_timeout": 0.5,
    "max_retries": 0,  # else kombu tries for six seconds, and the page that queues a mail with it
}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_PUBLISH_RETRY = False  # a page never waits for the broker: the periodic sweep sends what was left
# One worker alone sends mail: what keeps a mail from leaving twice is a file of its machine.
CELERY_TASK_ROUTES = {"post_office.tasks.*": {"queue": "mail"}}
CELERY_TIMEZONE = "Europe/Paris"

# --- Language, files ----------------------------------------------------------------------------------------------
LANGUAGE_CODE = "fr-fr"
TIME_ZONE = env.str("TIME_ZONE", "Europe/Paris")
# Opening hours are told in the time of the establishment: zones of the départements that have not TIME_ZONE.
TIME_ZONES = {
    "971": "America/Guadeloupe",
    "972": "America/Martinique",
    "973": "America/Cayenne",
    "974": "Indian/Reunion",
    "975": "America/Miquelon",
    "976": "Indian/Mayotte",
    "977": "America/St_Barthelemy",
    "978": "America/Marigot",
    "986": "Pacific/Wallis",
    "987": "Pacific/Tahiti",
    "988": "Pacific/Noumea",
}
# Public holidays of their own: names of the library `holidays` (57 Moselle, 6AE Alsace).
HOLIDAY_SUBDIVISIONS = {
    "57": "57",
    "67": "6AE",
    "68": "6AE",
    "971": "971",
    "972": "972",
    "973": "973",
    "974": "974",
    "975": "PM",
    "976": "976",
    "977": "BL",
    "978": "MF",
    "986": "WF",
    "987": "PF",
    "988": "NC",
}
USE_I18N = True
USE_TZ = True
STATIC_URL = "/static/"
STATIC_ROOT = env.path("STATIC_ROOT", BASE_DIR / "staticfiles")
STATICFILES_DIRS = [BASE_DIR / "static", ("leaflet-markercluster", xstatic.pkg.leaflet_markercluster.BASE_DIR)]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

# --- Browser policies: nothing inline, nothing from elsewhere -------------------------------------------------------
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],  # Bootstrap draws its ticks and arrows with data: images
        "font-src": [SELF],
        "connect-src": [SELF],
        "object-src": [NONE],
        "base-uri": [SELF],
        "frame-ancestors": [NONE],
        "form-action": [SELF],
    }
}
PERMISSIONS_POLICY = {name: [] for name in ("camera", "microphone", "payment", "usb")} | {"geolocation": ["self"]}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"

# --- API ----------------------------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated", "api.oauth.HasScope"],
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "api.oauth.BearerAuthentication",  # first: what an anonymous request is told is to show a token
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_THROTTLE_CLASSES": ["api.throttling.PerMinute"],
    "DEFAULT_METADATA_CLASS": "api.metadata.Methods",
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "api.errors.handler",
}
API_REQUESTS_PER_MINUTE = env.int("API_REQUESTS_PER_MINUTE", 600)  # of one client, or of one person
# Failed requests for a token, counted in PostgreSQL like failed logins: by address, then by client.
API_TOKEN_FAILURES = env.str("API_TOKEN_FAILURES", "10/m/ip,5/300s/key")
OAUTH2_PROVIDER_APPLICATION_MODEL = "api.Client"
OAUTH2_PROVIDER = {
    "OAUTH2_SERVER_CLASS": "oauthlib.oauth2.BackendApplicationServer",  # client credentials, and no other grant
    "SCOPES": {"lecture": "Lire le répertoire et les nomenclatures"},
    "DEFAULT_SCOPES": ["lecture"],
    "ACCESS_TOKEN_EXPIRE_SECONDS": 3600,
    "APPLICATION_ADMIN_CLASS": "api.admin.ClientAdmin",
    "ALLOWED_REDIRECT_URI_SCHEMES": ["https"],
    "REFRESH_TOKEN_REUSE_PROTECTION": True,
    # RFC 9700: tokens kept as a hash, shown in a header alone, and all that is discouraged refused.
    **{
        f"COMPLIANT_BCP_RFC9700_{name}": True
        for name in (
            "IMPLICIT_GRANT PASSWORD_GRANT PKCE_METHOD ACCESS_TOKEN_TRANSPORT AUTHZ_RESPONSE_ISS TOKEN_STORAGE "
            "REFRESH_TOKEN REDIRECT_URI_SCHEME REDIRECT_URI_MATCHING PKCE_REQUIRED"
        ).split()
    },
}
SPECTACULAR_SETTINGS = {
    "TITLE": f"API du ROR {REGION_NAME}",
    "VERSION": "1",
    "DESCRIPTION": "Lecture du répertoire : les mêmes données, les mêmes droits et le même moteur que le portail.",
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SWAGGER_UI_SETTINGS": {"persistAuthorization": False, "validatorUrl": None},
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.IsAuthenticated", "api.oauth.HasScope"],
    "SCHEMA_PATH_PREFIX": r"/api/v1",
    "COMPONENT_SPLIT_REQUEST": False,
}

DEMO = False  # demo settings only: /demo/courrier/, accounts with a known password
