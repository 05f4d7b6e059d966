"""Every setting, read from the environment by typed readers that refuse an odd value loudly.

Anything that differs from one programme to the next is a row in the database, not a setting.
"""

import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()


def _flag(name: str) -> bool:
    """Yes or no. Anything else is refused, for a typing mistake must not switch a guard off."""
    said = env.str(name, default="").strip().lower()
    if said in {"1", "true", "yes", "on"}:
        return True
    if said in {"", "0", "false", "no", "off"}:
        return False
    raise ImproperlyConfigured(f"{name} must be 1 or 0.")


DEMO = _flag("DEMO")
TESTING = _flag("TESTING")
DEBUG = False
DEMO_KEY = "demo-key-for-a-machine-of-your-own-only-never-for-a-real-programme"
SECRET_KEY = env.str("SECRET_KEY", default=DEMO_KEY if DEMO or TESTING else "")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1"])
LOOPBACK_HOSTS = {"localhost", "127.0.0.1", "[::1]", "testserver"}

if not SECRET_KEY:
    raise ImproperlyConfigured("Set SECRET_KEY to a long random text. See docs/deploy.md.")
if not (DEMO or TESTING) and SECRET_KEY == DEMO_KEY:
    raise ImproperlyConfigured("SECRET_KEY is the demo key. A real programme needs its own.")
if (DEMO or TESTING) and not set(ALLOWED_HOSTS) <= LOOPBACK_HOSTS:
    raise ImproperlyConfigured(
        "DEMO and TESTING only run on this machine: set ALLOWED_HOSTS to localhost."
    )

# What the program keeps outside the database: private files, the demo's database and letters.
VAR_DIR = Path(env.str("PURSE_VAR", default=str(BASE_DIR / "var")))
MEDIA_ROOT = VAR_DIR / "private"
BASE_URL = env.str("BASE_URL", default="http://localhost:8000")

INSTALLED_APPS = [
    "config",
    "decisions",
    "panels",
    "applications",
    "support",
    "commissioning",
    "accounts",
    "ledger",
    "crispy_forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "csp",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.sessions",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "accounts.kept.KeepTypedWork",
    "config.middleware.private_pages",
    "config.middleware.RefusalPages",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
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
                "config.context.site",
            ],
            "builtins": ["accounts.templatetags.purse", "django.templatetags.i18n"],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.DjangoTemplates"
CRISPY_TEMPLATE_PACK = "purse"
CRISPY_ALLOWED_TEMPLATE_PACKS = ["purse"]
CRISPY_FAIL_SILENTLY = False

# ---- Database -------------------------------------------------------------------------------
_sqlite_default = f"sqlite:///{VAR_DIR / 'purse.sqlite3'}"


def _database(name: str, default: str) -> dict[str, Any]:
    """The database at this environment setting, with the options its vendor needs."""
    config: dict[str, Any] = env.db_url(name, default=default)
    if config["ENGINE"].endswith("sqlite3"):
        config["OPTIONS"] = {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
        }
        # To open the file is to read all its tables and guards: dearer than any page.
        config["CONN_MAX_AGE"] = 60
    elif config["ENGINE"].endswith("postgresql"):
        # A test's web threads must let go of the database, so that it can be thrown away.
        config["CONN_MAX_AGE"] = env.int("DATABASE_KEEP_OPEN", default=0 if TESTING else 60)
        config["CONN_HEALTH_CHECKS"] = True
    else:
        raise ImproperlyConfigured("DATABASE_URL must start with sqlite:/// or postgres://.")
    return config


# These run as the owner; everything else as a role that cannot change guards.
_owners_commands = {"migrate", "restore", "retention"}
_owner_at_work = "DATABASE_OWNER_URL" in env.ENVIRON and _owners_commands & set(sys.argv)
DATABASES = {
    "default": _database(
        "DATABASE_OWNER_URL" if _owner_at_work else "DATABASE_URL", _sqlite_default
    )
}
# PostgreSQL plans what every page asks once on each line. Say no behind a pooler that hands one
# line to many programs in turn (PgBouncer in transaction mode).
DATABASE_KEEPS_PLANS = env.bool("DATABASE_KEEPS_PLANS", default=True)
# Whom migrate gives leave to read and write rows: the role that DATABASE_URL signs in as.
DATABASE_APP_ROLE = env.str(
    "DATABASE_APP_ROLE", default=env.db_url("DATABASE_URL")["USER"] if _owner_at_work else ""
)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# ---- Shared cache, queue doorbell -----------------------------------------------------------
REDIS_URL = env.str("REDIS_URL", default="")
CACHES = {
    "default": (
        {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}
        if REDIS_URL
        else {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "shared_cache"}
    )
}
TICK_SECONDS = env.int("TICK_SECONDS", default=3 if DEMO else 60)
# Health is red when the worker's last heartbeat is older: three ticks, but never a nervous one.
HEARTBEAT_SECONDS = env.int("HEARTBEAT_SECONDS", default=max(3 * TICK_SECONDS, 30))
CELERY_BROKER_URL = REDIS_URL or "doorbell://localhost"
if not REDIS_URL:
    _doorbell = VAR_DIR / "doorbell"
    for _folder in (_doorbell, _doorbell / "control", _doorbell / "processed"):
        _folder.mkdir(parents=True, exist_ok=True)
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(_doorbell),
        "data_folder_out": str(_doorbell),
        "control_folder": str(_doorbell / "control"),
        "processed_folder": str(_doorbell / "processed"),
        "store_processed": False,
    }
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_STORE_ERRORS_EVEN_IF_IGNORED = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_ACKS_LATE = False
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR_DIR / "beat-schedule")
CELERY_BEAT_SCHEDULE = {
    "send what is due": {
        "task": "ledger.tasks.send_due",
        "schedule": TICK_SECONDS,
        "options": {"expires": TICK_SECONDS * 2},
    },
    "share out what is asked": {
        "task": "panels.tasks.share_out_asked",
        "schedule": min(TICK_SECONDS, 5),
        "options": {"expires": TICK_SECONDS * 2},
    },
    "do what is asked": {
        "task": "decisions.tasks.do_errands",
        "schedule": min(TICK_SECONDS, 5),
        "options": {"expires": TICK_SECONDS * 2},
    },
    "who is owed a letter": {
        "task": "decisions.tasks.ask_who_is_owed",
        "schedule": timedelta(seconds=TICK_SECONDS * 10) if DEMO else timedelta(minutes=20),
        "options": {"expires": TICK_SECONDS * 20},
    },
}

# ---- Letters --------------------------------------------------------------------------------
# The app above the ledger that knows who is resting says whether a letter may go now.
LETTER_GATE = "panels.rest.may_send"
LETTERS_HELD = "panels.rest.held"
# What accounts adds to an email's head: how to get fewer of its kind, where that can be.
LETTER_HEADERS = "accounts.letters.headers_of"
# The app above accounts that knows the programme, whose name and help line letters carry.
PROGRAMME = "config.context.first_programme"
# Upper apps say here why a stage may not open or close yet.
STAGE_GATES = ["applications.gates.gate", "panels.gates.gate", "decisions.gates.gate"]
# What follows, in the same transaction, when a stage has closed.
STAGE_CLOSINGS = [
    "applications.actions.closing.stage_closed",
    "decisions.actions.closing.stage_closed",
]
# What follows, in the same transaction, when a panel has settled something put to it.
PROPOSAL_OUTCOMES = ["panels.outcomes.settled", "decisions.outcomes.settled"]
# What follows, in the same transaction, when a group takes its bid back.
MINUTES = ["decisions.outcomes.decided_at"]
"""What else a panel's minutes of a meeting about money tell: (panel, first, last) gives moments and
sentences."""
WITHDRAWALS = ["panels.outcomes.bid_withdrawn", "decisions.outcomes.bid_withdrawn"]
# A folder from which a mail program on this machine takes letters; see ledger/transport.py.
EMAIL_SPOOL = env.str("EMAIL_SPOOL", default="")
if DEMO:
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = str(VAR_DIR / "mail")
elif EMAIL_SPOOL:
    EMAIL_BACKEND = "ledger.transport.Spool"
elif "EMAIL_URL" in env.ENVIRON:
    vars().update(env.email_url("EMAIL_URL"))
else:
    EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
if EMAIL_BACKEND == "django.core.mail.backends.smtp.EmailBackend":
    EMAIL_BACKEND = "ledger.transport.Smtp"  # the same, and it knows whether the words went out
EMAIL_TIMEOUT = 20
# After so long a letter that a worker took is thought to be left half sent. A worker that is only
# slow must not be taken for dead, or its letter goes twice.
CLAIM_SECONDS = env.int("CLAIM_SECONDS", default=300)
if CLAIM_SECONDS < 5 * EMAIL_TIMEOUT and not TESTING:
    raise ImproperlyConfigured(f"CLAIM_SECONDS must be {5 * EMAIL_TIMEOUT} or more.")
# A share-out, a copy or a batch of letters whose worker has shown no life for so long is taken up
# by another.
SHARE_CLAIM_SECONDS = env.int("SHARE_CLAIM_SECONDS", default=40)
if SHARE_CLAIM_SECONDS < 20 and not TESTING:
    raise ImproperlyConfigured("SHARE_CLAIM_SECONDS must be 20 or more.")
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="Common Purse <letters@localhost>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL

# ---- Clock ----------------------------------------------------------------------------------
USE_TZ = True
TIME_ZONE = env.str("TIME_ZONE", default="Europe/London")
# Where public holidays are kept, as country or country-part: letters by post leave sooner then.
HOLIDAYS = env.str("HOLIDAYS", default="GB-ENG")
CLOCK_MAY_MOVE = DEMO or TESTING

# ---- Words ----------------------------------------------------------------------------------
LANGUAGE_CODE = "en-gb"
LANGUAGES = [("en-gb", "English")]
USE_I18N = True
LOCALE_PATHS = [BASE_DIR / "locale"]

# ---- Files ----------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if TESTING
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
# Tests serve the files as they lie in static/; everywhere else they are collected and hashed first.
WHITENOISE_USE_FINDERS = TESTING
WHITENOISE_AUTOREFRESH = TESTING
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o700
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DOCUMENT_MAX_BYTES = 10 * 1024 * 1024
FILE_UPLOAD_HANDLERS = [
    "config.uploads.NoMoreThanTheLargest",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
# A virus scanner, where there is one: the dotted name of a function from bytes to "it is clean".
DOCUMENT_SCANNER = env.str("DOCUMENT_SCANNER", default="")

# ---- Sign-in --------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.Person"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS: list[dict[str, Any]] = []
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "accounts.adapters.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_USER_MODEL_EMAIL_FIELD = "sign_in_email"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*"]
ACCOUNT_UNIQUE_EMAIL = True
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 15 * 60
ACCOUNT_LOGIN_TIMEOUT = 30 * 60
ACCOUNT_LOGIN_BY_CODE_MAX_ATTEMPTS = 5
ACCOUNT_LOGIN_BY_CODE_SUPPORTS_RESEND = True
ACCOUNT_LOGIN_BY_CODE_FORMAT = {"numeric": True, "length": 8, "dashed": True}
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_PRESERVE_USERNAME_CASING = False
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_FORMAT = ACCOUNT_LOGIN_BY_CODE_FORMAT
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_MAX_ATTEMPTS = 5
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND = True
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
# A hall of 60 people signs in from one address, some after a slip. What is held short is one email:
# three codes a minute, ten an hour, and five tries for each code.
ACCOUNT_RATE_LIMITS = {
    "login": "120/m/ip",
    "signup": "60/m/ip",
    "request_login_code": "120/m/ip,3/m/key,10/h/key",
}
ACCOUNT_FORMS = {
    "login": "accounts.sign_in_forms.SignInForm",
    "signup": "accounts.sign_in_forms.SignUpForm",
    "confirm_login_code": "accounts.sign_in_forms.SignInCodeForm",
    "confirm_email_verification_code": "accounts.sign_in_forms.EmailCodeForm",
    "add_email": "accounts.sign_in_forms.NewEmailForm",
}
MFA_FORMS = {
    "authenticate": "accounts.sign_in_forms.SecondStepForm",
    "reauthenticate": "accounts.sign_in_forms.SecondStepAgainForm",
    "activate_totp": "accounts.sign_in_forms.SetUpAppForm",
    "add_webauthn": "accounts.sign_in_forms.AddPasskeyForm",
    "edit_webauthn": "accounts.sign_in_forms.RenamePasskeyForm",
    "login_webauthn": "accounts.sign_in_forms.UsePasskeyForm",
    "authenticate_webauthn": "accounts.sign_in_forms.PasskeyStepForm",
    "reauthenticate_webauthn": "accounts.sign_in_forms.PasskeyAgainForm",
}
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXY_COUNT", default=0)
MFA_SUPPORTED_TYPES = ["webauthn", "totp", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_ADAPTER = "accounts.adapters.MFAAdapter"
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = DEMO or TESTING

# ---- Security -------------------------------------------------------------------------------
_secure = not (DEMO or TESTING)
SESSION_COOKIE_AGE = 14 * 24 * 60 * 60
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = _secure
CSRF_COOKIE_SECURE = _secure
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "config.views.csrf_failure"
if _secure:
    SESSION_COOKIE_NAME = "__Host-sessionid"
    CSRF_COOKIE_NAME = "__Host-csrftoken"
    SECURE_SSL_REDIRECT = True
    SECURE_REDIRECT_EXEMPT = [r"^health$"]
    SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    CSRF_TRUSTED_ORIGINS = [BASE_URL] if BASE_URL.startswith("https://") else []
if _flag("BEHIND_PROXY"):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "font-src": [SELF],
        "img-src": [SELF, "data:"],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "object-src": [NONE],
    }
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"out": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["out"], "level": env.str("LOG_LEVEL", default="INFO")},
    # Making a PDF tells of each of its steps; only what goes wrong is worth a line.
    "loggers": {name: {"level": "WARNING"} for name in ("weasyprint", "fontTools")},
}
