"""All settings, read top to bottom. What differs between machines comes from the environment, one variable a
paragraph; a missing or wrong one stops the start with its name, its value and the remedy.

Each may stand in a file of its own, which NAME_FILE names. A file named `env` in the run folder may fill in what the
environment does not say. `make run` writes it, so that `manage.py` in another terminal finds the same services; a
server has its variables from its own unit or image.
"""

import tomllib
from functools import partial
from pathlib import Path

from config import environment, logs
from config.description import SPECTACULAR_SETTINGS  # noqa: F401 - a setting, too
from config.environment import read
from config.headers import CONTENT_SECURITY_POLICY, STYLE  # noqa: F401 - settings, too

BASE_DIR = Path(__file__).resolve().parent.parent
VERSION: str = tomllib.loads((BASE_DIR / "pyproject.toml").read_text("utf-8"))["project"]["version"]

# QAMTU_RUN_DIR: the folder of everything that a run makes: embedded services, uploads, accounts, logs.
RUN_DIR = read(
    "QAMTU_RUN_DIR",
    lambda raw: Path(raw).resolve(),
    default=BASE_DIR / ".run",
    remedy="Name a folder that can be written.",
)
environment.fill_from(RUN_DIR / "env")

# SECRET_KEY: signs sessions and links. There is no default: a known key lets anyone in.
SECRET_KEY = read(
    "SECRET_KEY",
    environment.secret,
    remedy="Give at least 50 random characters, or start by `make run`, which makes one.",
)

# SECRET_KEY_FALLBACKS: keys of before, comma-separated, while SECRET_KEY is exchanged: what they signed and sealed is
# still taken, and gets the new key at its next use, or by `renew_seals`.
SECRET_KEY_FALLBACKS: list[str] = read(
    "SECRET_KEY_FALLBACKS",
    environment.secrets,
    default=[],
    shown=False,
    remedy="List the keys that SECRET_KEY was before, comma-separated, or leave it unset.",
)

# ALLOWED_HOSTS: the names under which the site is reached, comma-separated.
ALLOWED_HOSTS = read(
    "ALLOWED_HOSTS",
    environment.hosts,
    remedy="List the site's host names, comma-separated, without a scheme.",
)

# CSRF_TRUSTED_ORIGINS: origins besides the site's own that may post forms, with scheme, comma-separated.
CSRF_TRUSTED_ORIGINS: list[str] = read(
    "CSRF_TRUSTED_ORIGINS",
    environment.origins,
    default=[],
    remedy="List origins such as https://qamtu.example, comma-separated.",
)

# HTTPS: the site is reached over https only; off on one's own machine.
HTTPS = read("HTTPS", environment.flag, default=True, remedy="Write on or off.")

# PRIVATE_NETWORK: nobody else listens between the machines: lines to a database, a Redis, a mail server or a scanner on
# another host may be plain. Without it they are refused while HTTPS is on.
PRIVATE_NETWORK = read("PRIVATE_NETWORK", environment.flag, default=not HTTPS, remedy="Write on or off.")

# DATABASE_URL: the PostgreSQL server: postgres://user:password@host:5432/name, or ?host=/folder for a socket.
# On another host with ?sslmode=verify-full, and &sslrootcert= where its certificate is of an authority of your own.
DATABASE = read(
    "DATABASE_URL",
    partial(environment.database, private=PRIVATE_NETWORK),
    remedy="Write postgres://user:password@host:5432/name, with ?sslmode=verify-full to another host.",
)
# As it was given: `verify_backup` asks the same server for another database.
DATABASE_URL = environment.given("DATABASE_URL") or ""

# DATABASE_POOL: connections that one web process may hold. Only wsgi.py and asgi.py set QAMTU_PROCESS: forked Celery
# workers must hold no pool (celery issue 10554).
DATABASE_POOL = read("DATABASE_POOL", environment.number, default=8, remedy="Write how many connections.")
IS_WEB = read("QAMTU_PROCESS", str, default="command", remedy="Leave it unset.") == "web"

# REDIS_URL: the broker: redis://:password@host:6379/0, rediss://, or unix:///path/to.sock. A Redis of its own, with
# maxmemory-policy noeviction. filesystem:///folder works for one machine without Redis, for trying out only.
REDIS_URL = read(
    "REDIS_URL",
    partial(environment.broker, private=PRIVATE_NETWORK),
    remedy="Write redis://:password@host:6379/0, with rediss to another host.",
)

# DEBUG: error pages that tell everything, readable log lines. Never on a server.
DEBUG = read(
    "DEBUG",
    partial(environment.only_without_https, https=HTTPS),
    default=False,
    remedy="Leave it unset on a server.",
)

# SITE_URL: how people reach the site; links in letters begin with it. Unless told, the first of ALLOWED_HOSTS.
SITE_URL = read(
    "SITE_URL",
    partial(environment.site, https=HTTPS, hosts=ALLOWED_HOSTS),
    default=environment.site_of(ALLOWED_HOSTS, https=HTTPS),
    remedy="Write scheme and host, such as https://qamtu.example.",
)

# EMAIL_URL: the server that takes letters: smtp+tls://user:password@host:587, smtp+ssl:// or smtp://; or a folder that
# they are written to, filemail:///folder, which is how it is on one's own machine unless told.
EMAIL = read(
    "EMAIL_URL",
    partial(environment.mail, private=PRIVATE_NETWORK),
    default=None if HTTPS else environment.mail(f"filemail://{RUN_DIR}/letters"),
    remedy="Write smtp+tls://user:password@host:587, or filemail:///folder.",
)

# MAIL_FROM: whom letters come from.
MAIL_FROM = read(
    "MAIL_FROM",
    environment.sender,
    default=f"Qamtu <no-reply@{environment.mail_host(SITE_URL)}>",
    remedy="Write Qamtu <no-reply@qamtu.example>.",
)

# DEMO: generated data and demonstration accounts may be made here. Never on a server that people rely on.
DEMO = read("DEMO", environment.flag, default=not HTTPS, remedy="Write on or off.")

# CONTACT_EMAIL: whom readers write to about a figure that seems wrong; public pages name it. A demonstration has one
# that leads nowhere.
CONTACT_EMAIL = read(
    "CONTACT_EMAIL",
    environment.address,
    default="figures@ministry.example" if DEMO else "",
    remedy="Write an address such as qamtu@ministry.example, or leave it unset.",
)

# BEHIND_PROXY: a proxy in front sets X-Forwarded-Proto, X-Forwarded-For and X-Request-ID and removes what visitors send
# under these names.
BEHIND_PROXY = read("BEHIND_PROXY", environment.flag, default=False, remedy="Write on or off.")

# BREACHED_PASSWORDS: hashes of passwords that nobody may take, for breaches have made them known: SHA-1 in capitals,
# ordered by hash, as Have I Been Pwned gives them out. Unless told, 43,000 of the most used ones that are long enough.
BREACHED_PASSWORDS = read(
    "BREACHED_PASSWORDS",
    environment.hashes,
    default=BASE_DIR / "institutions" / "reference" / "breached_passwords.txt",
    remedy="Name a list ordered by hash, or leave it unset.",
)

# SECOND_FACTOR: who works at the ministry or signs for a university needs a second factor; with "everybody" whoever
# signs in; off, only those are asked for it who have set one up.
SECOND_FACTOR = read(
    "SECOND_FACTOR",
    environment.second_factor,
    default="" if DEMO else "some",
    remedy="Write on, everybody or off.",
)

# SESSION_IDLE, SESSION_IDLE_UNIVERSITIES: after so many minutes without a request one is signed out; the second is for
# people of universities, who type long, and whose typing is kept.
SESSION_IDLE = read("SESSION_IDLE", environment.number, default=60, remedy="Write how many minutes.")
SESSION_IDLE_UNIVERSITIES = read(
    "SESSION_IDLE_UNIVERSITIES", environment.number, default=240, remedy="Write how many minutes."
)

# SESSION_LONGEST: after so many hours everybody signs in again, however busy.
SESSION_LONGEST = read("SESSION_LONGEST", environment.number, default=12, remedy="Write how many hours.")

# WEBHOOKS_TO_THIS_MACHINE: messages to universities' systems may go to 127.0.0.1, for tests and for trying out a
# receiver. On a server it would let a university ask what listens there.
WEBHOOKS_TO_THIS_MACHINE = read(
    "WEBHOOKS_TO_THIS_MACHINE",
    partial(environment.only_without_https, https=HTTPS),
    default=False,
    remedy="Leave it unset on a server.",
)

# METRICS_TOKEN: lets a Prometheus on another machine read /metrics; without it only this machine itself may.
METRICS_TOKEN = read(
    "METRICS_TOKEN", environment.token, default="", shown=False, remedy="Give 16 random characters or more."
)

# STATIC_HASHED: style sheets and scripts under names that change with their content; needs `collectstatic`. The
# tests, which have not run it, turn it off.
STATIC_HASHED = read("STATIC_HASHED", environment.flag, default=not DEBUG, remedy="Write on or off.")

# MEDIA_ROOT: uploaded files. They hold drafts: no address leads there, views hand them out after asking who it is.
MEDIA_ROOT = read("MEDIA_ROOT", Path, default=RUN_DIR / "media", remedy="Name a folder that can be written.")

# CLAMD_URL: the virus scanner that every uploaded file is shown to before it is kept, tcp://host:3310 or
# unix:///run/clamav/clamd.ctl. Without one nothing is scanned; with one nothing is kept that it has not seen.
CLAMD_URL = read(
    "CLAMD_URL",
    partial(environment.scanner, private=PRIVATE_NETWORK),
    default="",
    remedy="Write tcp://host:3310 or unix:///run/clamav/clamd.ctl, or leave it unset.",
)

# LOG_LEVEL: debug, info, warning or error.
LOG_LEVEL = read("LOG_LEVEL", environment.level, default="INFO", remedy="Say debug, info, warning or error.")


INSTALLED_APPS = [
    "institutions",
    "curricula",
    "reports",
    "pghistory",
    "pgtrigger",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.contrib.sitemaps",
    "django.forms",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "csp",
    "django_prometheus",
]

MIDDLEWARE = [
    "config.middleware.WallMiddleware",
    "reports.copies.CopiesMiddleware",
    "django_prometheus.middleware.PrometheusBeforeMiddleware",
    "config.middleware.RequestIdMiddleware",
    # Before whatever may refuse a request: a refusal carries them, too.
    "config.middleware.HeadersMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "config.middleware.RefusalMiddleware",
    "django.middleware.http.ConditionalGetMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "config.middleware.ProvenMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "config.braking.BrakeMiddleware",
    "config.middleware.TrailMiddleware",
    "django_prometheus.middleware.PrometheusAfterMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
ASGI_APPLICATION = "config.asgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "institutions.context.demonstration",
            ],
        },
    }
]
# So that templates/django/forms may hold our own fields and error summaries.
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"


DATABASES = {"default": DATABASE}
if IS_WEB:
    environment.add_pool(DATABASE, DATABASE_POOL)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# In memory and for each process: what must hold everywhere is a row. Redis stays the broker's own, and pages do not
# fail when it does.
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}


# Who asks matters only where something may change: reading a public page must not touch the session.
PGHISTORY_MIDDLEWARE_METHODS = ("POST", "PUT", "PATCH", "DELETE")

AUTH_USER_MODEL = "institutions.User"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
    {"NAME": "institutions.password_rules.CommonHereValidator"},
    {"NAME": "institutions.password_rules.MaximumLengthValidator"},
    {"NAME": "institutions.password_rules.BreachedValidator"},
]
LOGIN_URL = "sign-in"
LOGIN_REDIRECT_URL = "workspace"
LOGOUT_REDIRECT_URL = "home"


# A link for a new password serves for a day; the letter says so.
PASSWORD_RESET_TIMEOUT = 24 * 3600


# Letters are rows, which workers send (institutions/sending.py); no request waits for a mail server.
EMAIL_BACKEND = EMAIL["EMAIL_BACKEND"]
EMAIL_FILE_PATH = EMAIL.get("EMAIL_FILE_PATH") or None
EMAIL_HOST = EMAIL.get("EMAIL_HOST") or "localhost"
EMAIL_PORT = EMAIL.get("EMAIL_PORT") or 25
EMAIL_HOST_USER = EMAIL.get("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = EMAIL.get("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS = EMAIL.get("EMAIL_USE_TLS", False)
EMAIL_USE_SSL = EMAIL.get("EMAIL_USE_SSL", False)
EMAIL_TIMEOUT = 15
DEFAULT_FROM_EMAIL = SERVER_EMAIL = MAIL_FROM


LANGUAGE_CODE = "kk"
LANGUAGES = [("kk", "Қазақша"), ("ru", "Русский"), ("en", "English")]
# Our own strings; and those that the libraries lack in our languages, apart so that makemessages leaves them alone.
LOCALE_PATHS = [BASE_DIR / "locale", BASE_DIR / "config" / "locale_libraries"]
FORMAT_MODULE_PATH = ["config.formats"]
TIME_ZONE = "Asia/Almaty"
USE_I18N = True
USE_TZ = True
USE_THOUSAND_SEPARATOR = True


STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
TYPEFACES = BASE_DIR / "reports" / "fonts"  # the TTF files that charts and receipts carry along
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if STATIC_HASHED
        else "django.contrib.staticfiles.storage.StaticFilesStorage",
        # Uploads are for the program alone, these for the proxy in front as well.
        "OPTIONS": {"file_permissions_mode": 0o644, "directory_permissions_mode": 0o755},
    },
}
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o700

# The largest request with its files; config.middleware refuses a larger one before reading it.
MAX_BODY = 10 * 1024 * 1024 + 64 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 4000
DATA_UPLOAD_MAX_NUMBER_FILES = 5


SECURE_SSL_REDIRECT = HTTPS
# A program that asks in the clear is told so, or nobody would notice that its key goes over the line for all to read.
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$", r"^api/v1/"]
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
if BEHIND_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
# Named so that browsers take them over https from this very host alone: no neighbour under the same domain sets them.
COOKIES_OF = "__Host-" if HTTPS else ""
SESSION_COOKIE_NAME = f"{COOKIES_OF}sessionid"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_ENGINE = "institutions.sessions"
SESSION_COOKIE_AGE = SESSION_LONGEST * 3600
LANGUAGE_COOKIE_NAME = f"{COOKIES_OF}django_language"
LANGUAGE_COOKIE_SECURE = LANGUAGE_COOKIE_HTTPONLY = HTTPS
LANGUAGE_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_NAME = f"{COOKIES_OF}csrftoken"
CSRF_COOKIE_HTTPONLY = False
CSRF_FAILURE_VIEW = "config.failures.expired"
X_FRAME_OPTIONS = "DENY"  # what else answers tell the browser: config/headers.py

# API_RATE: how often one address, and one key, may ask the API, as seen by one web process: a number and /s, /min,
# /hour or /day.
API_RATE = read("API_RATE", environment.rate, default="600/min", remedy="Write a rate such as 600/min.")

# COSTLY_RATE: how often one person who is signed in may ask for one thing that costs, such as uploads, exports, letters
# and previews (config/braking.py), as seen by one web process.
COSTLY_RATE = read("COSTLY_RATE", environment.rate, default="30/min", remedy="Write a rate such as 30/min.")

REST_FRAMEWORK = {
    # Behind a proxy the last address that it names is the visitor's; what visitors name themselves is not believed.
    "NUM_PROXIES": 1 if BEHIND_PROXY else 0,
    "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework.authentication.SessionAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    # The browsable pages need scripts within the page, which the policy above forbids; /api/docs/ serves instead.
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_SCHEMA_CLASS": "institutions.api.describing.Described",
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "institutions.api.negotiating.ByQuality",
}


LOGGING = logs.configured(level=LOG_LEVEL, readable=DEBUG)
