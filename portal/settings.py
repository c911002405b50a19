"""Settings of the portal. Configurable ones come from the environment; see docs/settings.md."""

from __future__ import annotations

import datetime
import math
import os
import socket
import sys
from pathlib import Path
from urllib.parse import urlsplit

from portal import core_settings, data_directory, environment
from portal.unfold import UNFOLD  # noqa: F401  # read by the theme
from runs_app.runner.outputs import choice, junk

BASE_DIR = Path(__file__).resolve().parent.parent

# Folders
GUARDIANFLOW_ROOTS = environment.roots(os.environ)
GUARDIANFLOW_HOME = data_directory.home_directory(
    os.environ, BASE_DIR / "var", roots=GUARDIANFLOW_ROOTS
)
GUARDIANFLOW_REGISTRY = environment.file_path(
    os.environ, "GUARDIANFLOW_REGISTRY", GUARDIANFLOW_HOME / "registry" / "experiments.yaml"
)
# The registry file on a branch of the core repository takes the place of that one in a sync.
GUARDIANFLOW_CORE_URL = core_settings.url(os.environ)
GUARDIANFLOW_CORE_BRANCH = core_settings.branch(os.environ)
GUARDIANFLOW_CORE_REGISTRY_PATH = core_settings.registry_path(os.environ)
GUARDIANFLOW_CORE_CREDENTIALS_FILE = core_settings.credentials_file(os.environ)
GUARDIANFLOW_CORE_PROXY = core_settings.proxy(os.environ)
GUARDIANFLOW_CORE_CA_FILE = core_settings.ca_file(os.environ)
# Who requests a promotion may approve it: for teams of one person.
GUARDIANFLOW_SELF_APPROVAL = (
    environment.one_of(os.environ, "GUARDIANFLOW_SELF_APPROVAL", ("off", "on")) == "on"
)
RUNS_DIR = GUARDIANFLOW_HOME / "runs"
SPOOL_DIR = GUARDIANFLOW_HOME / "spool"
DEMO_EXPERIMENTS = BASE_DIR / "fixtures" / "experiments"

# Addresses
GUARDIANFLOW_URL = environment.web_address(os.environ, "GUARDIANFLOW_URL", "http://127.0.0.1:8000")
GUARDIANFLOW_MLFLOW_UI = environment.web_address(
    os.environ, "GUARDIANFLOW_MLFLOW_UI", "http://127.0.0.1:5000"
)
_own_host = urlsplit(GUARDIANFLOW_URL).hostname or "127.0.0.1"
ALLOWED_HOSTS = environment.allowed_hosts(os.environ, _own_host)
CSRF_TRUSTED_ORIGINS = [GUARDIANFLOW_URL]
GUARDIANFLOW_TRUSTED_PROXIES = environment.trusted_proxies(os.environ)

# Runs
GUARDIANFLOW_PYTHON = environment.interpreter(os.environ, sys.executable)
GUARDIANFLOW_INTERPRETERS = environment.interpreters(os.environ)
GUARDIANFLOW_SCRIPT_TZ = environment.script_time_zone(os.environ)
GUARDIANFLOW_SCRIPT_UMASK = environment.script_umask(os.environ)
GUARDIANFLOW_HOST = os.environ.get("GUARDIANFLOW_HOST", "").strip() or socket.gethostname()
GUARDIANFLOW_SLOTS = environment.whole_number(os.environ, "GUARDIANFLOW_SLOTS", 2, least=1)
GUARDIANFLOW_MLFLOW_EXPERIMENT = environment.experiment_template(os.environ)
GUARDIANFLOW_OUTPUT_PATTERNS = environment.patterns(
    os.environ, "GUARDIANFLOW_OUTPUT_PATTERNS", [choice.ALL_BUT_JUNK]
)
GUARDIANFLOW_OUTPUT_JUNK = environment.junk(os.environ, "GUARDIANFLOW_OUTPUT_JUNK", junk.USUAL)
GUARDIANFLOW_OUTPUT_LIMIT_MIB = environment.whole_number(
    os.environ, "GUARDIANFLOW_OUTPUT_LIMIT_MIB", 2048, least=1
)
GUARDIANFLOW_MIN_FREE_MIB = environment.whole_number(
    os.environ, "GUARDIANFLOW_MIN_FREE_MIB", 1024, least=0
)
# Retention; 0 keeps everything for ever.
GUARDIANFLOW_KEEP_RUNS_DAYS = environment.whole_number(
    os.environ, "GUARDIANFLOW_KEEP_RUNS_DAYS", 0, least=0
)
GUARDIANFLOW_KEEP_RUNS_GIB = environment.whole_number(
    os.environ, "GUARDIANFLOW_KEEP_RUNS_GIB", 0, least=0
)
GUARDIANFLOW_KEEP_LOGS_DAYS = environment.whole_number(
    os.environ, "GUARDIANFLOW_KEEP_LOGS_DAYS", 0, least=0
)
GUARDIANFLOW_METRICS_TOKEN = os.environ.get("GUARDIANFLOW_METRICS_TOKEN", "").strip()

# What the fence denies to scripts; see SECURITY.md
GUARDIANFLOW_FENCE = environment.one_of(
    os.environ, "GUARDIANFLOW_FENCE", ("portal", "strict", "off")
)
GUARDIANFLOW_RUN_AS = environment.linux_user(os.environ, "GUARDIANFLOW_RUN_AS")
GUARDIANFLOW_SCRIPTS_SOCKET = environment.file_path(
    os.environ, "GUARDIANFLOW_SCRIPTS_SOCKET", Path("/run/guardianflow/scripts.sock")
)
GUARDIANFLOW_FENCE_WRITE = environment.folders(os.environ, "GUARDIANFLOW_FENCE_WRITE")

# MLflow: a direct SQLite store needs no server, and MLflow's own server can show the same store.
MLFLOW_HOME = GUARDIANFLOW_HOME / "mlflow"
MLFLOW_ARTIFACTS = MLFLOW_HOME / "artifacts"
_embedded_mlflow = f"sqlite:///{MLFLOW_HOME / 'mlflow.sqlite3'}"
# The URI that the worker was last started with, if it is not that of the embedded store.
MLFLOW_REMEMBERED_URI = GUARDIANFLOW_HOME / "mlflow_tracking_uri"
MLFLOW_TRACKING_URI = environment.tracking_uri(
    os.environ, _embedded_mlflow, remembered=MLFLOW_REMEMBERED_URI
)
MLFLOW_IS_EMBEDDED = _embedded_mlflow == MLFLOW_TRACKING_URI

SECRET_KEY = data_directory.secret_key(GUARDIANFLOW_HOME)
DEBUG = False

INSTALLED_APPS = [
    "portal",
    "unfold",
    "unfold.contrib.filters",
    "unfold.contrib.forms",
    "unfold.contrib.import_export",
    "unfold.contrib.simple_history",
    # No autodiscovery of admin pages: portal.urls does that, so commands start in half the time.
    "django.contrib.admin.apps.SimpleAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "axes",
    "import_export",
    "simple_history",
    "django_q",
    "registry_app",
    "runs_app",
]

MIDDLEWARE = [
    "portal.access.forwarded_proto.ForwardedProto",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    # Before whatever reads or changes pages. Static files are compressed already.
    "portal.frame.compression.CompressPages",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "portal.serving.body_limit.AnonymousBodyLimit",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
    "portal.nul_characters.NulCharacterMiddleware",
    "registry_app.reading.words_of_pages",
    # Replaces the response with the page about the lock, so it comes last.
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "portal.urls"
WSGI_APPLICATION = "portal.wsgi.application"

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
            ]
        },
    }
]

DATABASES = {"default": environment.database(os.environ, GUARDIANFLOW_HOME)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "portal.access.held_permissions.HeldPermissions",
    "django.contrib.auth.backends.ModelBackend",
]
# Five failures of an account from one address lock that pair for 15 minutes. Failures meanwhile
# do not extend it, or a user at a shared address could lock a colleague out for good.
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = datetime.timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_RESET_ON_SUCCESS = True
AXES_CLIENT_IP_CALLABLE = "portal.access.client_address.client_address"
AXES_LOCKOUT_CALLABLE = "portal.access.throttle.locked_out"
# For the audit page, which has no limit: the library would delete rows above its own limit.
AXES_ENABLE_ACCESS_FAILURE_LOG = True
AXES_ACCESS_FAILURE_LOG_PER_USER_LIMIT = sys.maxsize
AXES_SENSITIVE_PARAMETERS = ["username", "ip_address", "csrfmiddlewaretoken"]
# Its own pages could delete rows, and its own log lines do not name the account.
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False
MESSAGE_STORAGE = "portal.visible_messages.VisibleMessages"
LOGIN_URL = "admin:login"
LOGIN_REDIRECT_URL = "admin:index"

# A portal served over https sends its cookies over https only.
_over_https = GUARDIANFLOW_URL.startswith("https://")
SESSION_COOKIE_SECURE = _over_https
CSRF_COOKIE_SECURE = _over_https
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if _over_https else None
# Without a trusted proxy no request counts as secure: each would be redirected to itself.
SECURE_SSL_REDIRECT = _over_https and bool(GUARDIANFLOW_TRUSTED_PROXIES)
SECURE_SSL_HOST = urlsplit(GUARDIANFLOW_URL).netloc
# This machine requests these without the proxy.
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^metrics$"]
GUARDIANFLOW_HSTS_S = environment.whole_number(os.environ, "GUARDIANFLOW_HSTS_S", 0, least=0)
SECURE_HSTS_SECONDS = GUARDIANFLOW_HSTS_S if _over_https else 0
SECURE_CONTENT_TYPE_NOSNIFF = True
X_FRAME_OPTIONS = "DENY"
SILENCED_SYSTEM_CHECKS = [
    # HSTS cannot be revoked before it expires: the operator enables it with
    # GUARDIANFLOW_HSTS_S, once https is known to work.
    "security.W004",
    # Subdomains and the preload lists of browsers are not the portal's to decide.
    "security.W005",
    "security.W021",
]
# No page has an inline script or event handler. Each exception has its reason next to it:
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        # Alpine, which the theme is built with, compiles the expressions in its attributes.
        "script-src": ["'self'", "'unsafe-eval'"],
        # The theme has colours in a style element, and widths in style attributes.
        "style-src": ["'self'", "'unsafe-inline'"],
        "img-src": ["'self'", "data:"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    }
}
# The most bytes in the body of an anonymous request: a log-in has some hundreds.
MAX_ANONYMOUS_BODY_BYTES = 64 * 2**10
CSRF_FAILURE_VIEW = "portal.refused_pages.csrf_failure"
# Two portals on one host name (the demo and the real one) must not share cookies.
SESSION_COOKIE_NAME = f"guardianflow_session_{urlsplit(GUARDIANFLOW_URL).port or 0}"
CSRF_COOKIE_NAME = f"guardianflow_csrf_{urlsplit(GUARDIANFLOW_URL).port or 0}"

LANGUAGE_CODE = "en"
LANGUAGES = [("ko", "한국어"), ("en", "English")]
# The first catalogue that has a text wins: our Korean for libraries, then the portal's own.
LOCALE_PATHS = [BASE_DIR / "portal" / "library_locale", BASE_DIR / "portal" / "locale"]
TIME_ZONE = "Asia/Seoul"
FORMAT_MODULE_PATH = "portal.formats"
USE_I18N = True
USE_TZ = True

STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "build" / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "portal.frame.static_files.PortalStaticFiles"},
}
MEDIA_ROOT = SPOOL_DIR
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000
# Uploads stay in memory, never in a temporary folder; a larger one is refused.
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.MemoryFileUploadHandler"]
FILE_UPLOAD_MAX_MEMORY_SIZE = 11 * 2**20
IMPORT_EXPORT_ESCAPE_FORMULAE_ON_EXPORT = True
SIMPLE_HISTORY_REVERT_DISABLED = True

# Tasks are only notifications; the Run table is the queue. A task may arrive twice or never.
# retry > timeout * ceil((queue_limit + 1 + workers) / workers), else a prefetched task runs twice.
_q_workers, _q_queue_limit, _q_timeout_s = 2, 2, 600
Q_CLUSTER = {
    "name": "guardianflow",
    "orm": "default",
    "broker_class": "runs_app.queue.woken_broker.WokenBroker",
    "workers": _q_workers,
    "queue_limit": _q_queue_limit,
    "bulk": 1,
    "timeout": _q_timeout_s,
    "retry": _q_timeout_s * math.ceil((_q_queue_limit + 1 + _q_workers) / _q_workers) + 60,
    "ack_failures": True,
    "max_attempts": 3,
    # Seconds between polls for messages of other machines; most of the cost of an idle worker.
    "poll": 0.3,
    "recycle": 200,
    "guard_cycle": 1,
    "save_limit": 500,
    "catch_up": False,
    "daemonize_workers": True,
    "label": "django-q2",
    "ALT_CLUSTERS": {},
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {
        name: {"level": environment.log_level(os.environ)}
        for name in ("portal", "registry_app", "runs_app")
    }
    # `portal.access.throttle` logs the same with account and address.
    | {"axes": {"level": "ERROR"}},
}
