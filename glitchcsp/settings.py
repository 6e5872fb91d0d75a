"""All settings, read from the environment. docs/configuration.md explains each variable; a test compares the two.

Two ways to run (docs/production.md): embedded (SQLite, nothing to set) and full (DATABASE_URL and REDIS_URL).
"""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from glitchcsp.boot import Environment, embedded_database, full_database, pair_of, secret_key, trusted_proxies
from glitchcsp.logs import logging_config
from glitchcsp.own_csp import own_policies, own_reporting

BASE_DIR = Path(__file__).resolve().parent.parent
env = Environment()

# --- How this instance runs -------------------------------------------------------------------------------------
DATA_DIR = Path(env.str("GLITCHCSP_DATA", str(BASE_DIR / "data"))).absolute()
DATABASE_URL = env.str("DATABASE_URL", "")
REDIS_URL = env.str("REDIS_URL", "")
MODE = pair_of(DATABASE_URL, REDIS_URL)  # "embedded" or "full"; any other mix stops here with one line
ROLE = env.str("GLITCHCSP_ROLE", "all")  # web (pages), ingest (the endpoint) or all
if ROLE not in ("web", "ingest", "all"):
    raise ImproperlyConfigured(f"GLITCHCSP_ROLE is {ROLE!r}; it must be web, ingest or all.")
PORT = env.int("PORT", 8000)
BIND = env.str("GLITCHCSP_BIND", "127.0.0.1")
PUBLIC_URL = env.str("GLITCHCSP_URL", f"http://127.0.0.1:{PORT}").rstrip("/")
INGEST_URL = env.str("GLITCHCSP_INGEST_URL", PUBLIC_URL).rstrip("/")
for _name, _url in (("GLITCHCSP_URL", PUBLIC_URL), ("GLITCHCSP_INGEST_URL", INGEST_URL)):
    if urlsplit(_url).scheme not in ("http", "https") or not urlsplit(_url).hostname:
        raise ImproperlyConfigured(f"{_name} is {_url!r}; it must be a whole address such as https://csp.example.com.")
HTTPS = PUBLIC_URL.startswith("https://")
TRUSTED_PROXIES = trusted_proxies(env.list("TRUSTED_PROXIES", default=[]))

# --- Django -----------------------------------------------------------------------------------------------------
DEBUG = env.bool("DEBUG", False)
SECRET_KEY = secret_key(env.str("SECRET_KEY", ""), MODE, DATA_DIR)
ALLOWED_HOSTS = sorted({host for host in (urlsplit(PUBLIC_URL).hostname, urlsplit(INGEST_URL).hostname) if host})
if urlsplit(PUBLIC_URL).hostname in ("127.0.0.1", "localhost"):
    ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]"]
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]
ROOT_URLCONF = "glitchcsp.urls"
WSGI_APPLICATION = "glitchcsp.wsgi.application"
ASGI_APPLICATION = "glitchcsp.asgi.application"
AUTH_USER_MODEL = "projects.User"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "csp",
    "rest_framework",
    "drf_spectacular",
    "projects",
    "issues",
    "ingest",
    "alerts",
    "glitchcsp.apps.GlitchcspConfig",
]
MIDDLEWARE = [
    "glitchcsp.client.ClientAddressMiddleware",
    "glitchcsp.middleware.OwnHeadersMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "glitchcsp.middleware.OwnCSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "projects.middleware.SignInMiddleware",
    "projects.middleware.TimeZoneMiddleware",
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
                "projects.context.page",
            ],
            "builtins": ["projects.templatetags.components"],
        },
    }
]

# --- Database, buffer, Celery -----------------------------------------------------------------------------------
DATABASES = {"default": full_database(env, DATABASE_URL, ROLE) if MODE == "full" else embedded_database(DATA_DIR)}
INGEST_PARTITIONS = env.int("INGEST_PARTITIONS", 4)
INGEST_BATCH = env.int("INGEST_BATCH", 1000)
WEB_PROCESSES = env.int("WEB_PROCESSES", 1)
INGEST_PROCESSES = env.int("INGEST_PROCESSES", WEB_PROCESSES)  # doors that share the limits below
KEY_RATE = env.float("KEY_RATE", 20_000)  # reports a second of one key; 0 is no limit
CLIENT_RATE = env.float("CLIENT_RATE", 50)  # reports a second of one public client address; 0 is no limit
NEW_ISSUES_PER_HOUR = env.int("NEW_ISSUES_PER_HOUR", 500)  # of a project; what is over gathers in one issue; 0 is no limit
SPOOL_MB = env.int("SPOOL_MB", 256)
SET_ASIDE_MB = env.int("SET_ASIDE_MB", 256)

CELERY_BROKER_URL = REDIS_URL if MODE == "full" else "filesystem://localhost"
CELERY_BROKER_TRANSPORT_OPTIONS = (
    {"visibility_timeout": 3600, "socket_timeout": 5, "socket_connect_timeout": 2}
    if MODE == "full"
    else {
        "data_folder_in": str(DATA_DIR / "celery" / "queue"),
        "data_folder_out": str(DATA_DIR / "celery" / "queue"),
        "control_folder": str(DATA_DIR / "celery" / "control"),
        "polling_interval": 0.2,
    }
)
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = False  # a lost wake-up loses nothing: the position row decides what is drained
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_ENABLE_REMOTE_CONTROL = MODE == "full"  # files need no control channel
CELERY_TASK_DEFAULT_QUEUE = "glitchcsp"
CELERY_TASK_ROUTES = {"ingest.tasks.drain": {"queue": "drain"}}
CELERY_BEAT_SCHEDULE = {
    "drain": {"task": "ingest.tasks.drain", "schedule": 5.0, "options": {"expires": 10, "queue": "drain"}},
    "rejudge": {"task": "issues.tasks.rejudge", "schedule": 10.0, "options": {"expires": 20}},
    "retention": {"task": "issues.tasks.retention", "schedule": 60.0, "options": {"expires": 60}},
    "watch": {"task": "issues.tasks.watch", "schedule": 600.0, "options": {"expires": 600}},
    "deletion": {"task": "projects.tasks.delete_marked", "schedule": 60.0, "options": {"expires": 60}},
    "erase": {"task": "ingest.tasks.erase_again", "schedule": 3600.0, "options": {"expires": 3600}},
    "tidy": {"task": "ingest.tasks.tidy", "schedule": 600.0, "options": {"expires": 600}},
}

# --- Retention and limits (days) --------------------------------------------------------------------------------
SAMPLE_DAYS = env.int("SAMPLE_DAYS", 30)
HOURLY_DAYS = env.int("HOURLY_DAYS", 90)
DAILY_DAYS = env.int("DAILY_DAYS", 400)
EVIDENCE_DAYS = env.int("EVIDENCE_DAYS", 100)  # counts of evidence by the day; no page looks further back than 90
NOISE_DAYS = env.int("NOISE_DAYS", 90)
PROJECT_ISSUES = env.int("PROJECT_ISSUES", 100_000)  # of a project; 0 is no limit
RAW_DAYS = min(env.int("RAW_DAYS", 7), 7)

# --- People -----------------------------------------------------------------------------------------------------
REGISTRATION_OPEN = env.bool("REGISTRATION_OPEN", False)  # the first account can always be made
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
LOGIN_URL = "/login/"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/login/"
ACCOUNT_ADAPTER = "projects.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 600
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_LOGOUT_REDIRECT_URL = "/login/"
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_FORMS = {
    "login": "projects.entrance_forms.SignInForm",
    "signup": "projects.entrance_forms.SignUpForm",
    "change_password": "projects.entrance_forms.ChangePasswordForm",
    "reset_password": "projects.entrance_forms.AskForResetForm",
    "reset_password_from_key": "projects.entrance_forms.ResetPasswordForm",
    "reauthenticate": "projects.entrance_forms.ConfirmForm",
}
MFA_FORMS = {
    "authenticate": "projects.entrance_forms.CodeForm",
    "reauthenticate": "projects.entrance_forms.ConfirmCodeForm",
    "activate_totp": "projects.entrance_forms.SwitchOnForm",
}
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "GlitchCSP"
MFA_RECOVERY_CODE_COUNT = 10
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher", "django.contrib.auth.hashers.PBKDF2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

# Sign-in limits count what all processes see; what any process can find out again by itself stays in its memory.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "projects_shared",
        "KEY_FUNCTION": "projects.shared.hashed_key",
        "OPTIONS": {"MAX_ENTRIES": 20_000},
    },
    "process": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
}

# --- Mail -------------------------------------------------------------------------------------------------------
EMAIL_URL = env.str("EMAIL_URL", "")
HAS_MAIL = bool(EMAIL_URL)
if HAS_MAIL:
    vars().update(env.email_url("EMAIL_URL"))
else:
    EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", f"glitchcsp@{urlsplit(PUBLIC_URL).hostname}")

# --- Files, language, time --------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = None  # WhiteNoise serves the files where they lie: nothing to collect, nothing to forget
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True
WHITENOISE_MAX_AGE = 3600
LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_I18N = False
USE_TZ = True
USE_THOUSAND_SEPARATOR = False  # an id in a form is not 1,204; the number filter writes what people read

# --- Our own headers (trust.md; docs/configuration.md) ----------------------------------------------------------
CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY_REPORT_ONLY = own_policies(env)
OWN_REPORTING = own_reporting(env)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_NAME = "__Host-session" if HTTPS else "glitchcsp_session"
CSRF_COOKIE_NAME = "__Host-csrf" if HTTPS else "glitchcsp_csrf"
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_HTTPONLY = True
CSRF_COOKIE_HTTPONLY = True  # scripts take the token from the form they send
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SECURE_HSTS_SECONDS = env.int("HSTS_SECONDS", 31536000 if HTTPS else 0)
SECURE_HSTS_INCLUDE_SUBDOMAINS = env.bool("HSTS_INCLUDE_SUBDOMAINS", False)
SECURE_HSTS_PRELOAD = env.bool("HSTS_PRELOAD", False)
# The proxy redirects to https; HSTS for the whole domain is not ours to ask for (trust.md).
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W008", "security.W021"]

# --- API --------------------------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["projects.tokens.BearerAuthentication", "rest_framework.authentication.SessionAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "GlitchCSP",
    "DESCRIPTION": "Issues, projects and intake of GlitchCSP, with the paths and names GlitchTip and Sentry clients expect.",
    "VERSION": "0",
    "SERVE_INCLUDE_SCHEMA": False,
}
METRICS_TOKEN = env.str("METRICS_TOKEN", "")

# --- Logs -------------------------------------------------------------------------------------------------------
LOGGING = logging_config(json_lines=env.bool("LOG_JSON", False), level=env.str("LOG_LEVEL", "INFO"))
