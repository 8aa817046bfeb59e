"""Reads the settings' environment variables and says, when one is missing or wrong, which, its value and the remedy."""

import os
import re
from collections.abc import Callable
from email.utils import parseaddr
from ipaddress import ip_address
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import unquote, urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured
from django.http.request import validate_host

from institutions.wall.standing import ROLE, clean

T = TypeVar("T")

# In an address, with a password: what is wrong with it is another part.
WHO = re.compile(r"(?<=://).*(?=@)", re.DOTALL)
LEAST_TOKEN = 16  # characters
YES, NO = {"1", "true", "yes", "on"}, {"0", "false", "no", "off", ""}


def fill_from(path: Path) -> None:
    """Take from a file what the environment does not say itself; the environment wins."""
    if path.is_file():
        environ.Env.read_env(path)


def read(
    name: str, cast: Callable[[str], T], *, remedy: str, default: T | None = None, shown: bool = True
) -> T:
    """The value of one variable, or its default; ImproperlyConfigured where there is neither or the value is wrong,
    which is `shown` unless it may hold a secret that is in use.
    """
    raw = given(name)
    if raw is None:
        if default is None:
            raise ImproperlyConfigured(f"{name} is not set. {remedy}")
        return default
    try:
        return cast(raw)
    except (ValueError, environ.ImproperlyConfigured) as error:
        said = f"{name}={WHO.sub('…', raw)!r}" if shown else name
        raise ImproperlyConfigured(f"{said} is wrong: {error}. {remedy}") from error


def given(name: str) -> str | None:
    """What the environment says, or the file that NAME_FILE names, which is how vaults, systemd and containers hand out
    secrets: no other process reads it, and no listing of variables shows it. Where both are there an empty one says
    nothing: a later file of variables can only so take back what an earlier one says."""
    path = os.environ.get(f"{name}_FILE")
    if not path:
        return os.environ.get(name)
    if os.environ.get(name):
        raise ImproperlyConfigured(f"{name} and {name}_FILE are both set. Keep one of them.")
    try:
        return Path(path).read_text("utf-8").strip()
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise ImproperlyConfigured(f"{name}_FILE={path!r} can't be read: {reason}.") from error


def flag(raw: str) -> bool:
    """django-environ takes every unknown word for no; a mistyped switch should stop the start instead."""
    word = raw.strip().lower()
    if word in YES | NO:
        return word in YES
    raise ValueError("neither on nor off")


def second_factor(raw: str) -> str:
    """Who needs one: "everybody", "some" by what they may do, or "" for nobody."""
    if raw.strip().lower() == "everybody":
        return "everybody"
    return "some" if flag(raw) else ""


def only_without_https(raw: str, *, https: bool) -> bool:
    """A switch for one's own machine."""
    if flag(raw) and https:
        raise ValueError("not while HTTPS is on")
    return flag(raw)


def names(raw: str) -> list[str]:
    return [name.strip() for name in raw.split(",") if name.strip()]


def hosts(raw: str) -> list[str]:
    """Names of hosts alone, as Django compares them; `*` would let a stranger's name into links and letters."""
    found = names(raw)
    if not found:
        raise ValueError("no host")
    for name in found:
        if name == "*" or not re.fullmatch(r"\.?[A-Za-z0-9.-]+|\[[0-9a-fA-F:.]+\]", name):
            raise ValueError(f"{name!r} is no host's name")
    return found


def origins(raw: str) -> list[str]:
    found = names(raw)
    for name in found:
        if not re.fullmatch(r"https?://[^/\s]+", name):
            raise ValueError(f"{name!r} is no scheme and host")
    return found


def token(raw: str) -> str:
    if raw and len(raw) < LEAST_TOKEN:
        raise ValueError(f"less than {LEAST_TOKEN} characters")
    return raw


def number(raw: str) -> int:
    value = int(raw)
    if value < 1:
        raise ValueError("less than 1")
    return value


def rate(raw: str) -> str:
    if not re.fullmatch(r"[1-9]\d*/(s|min|hour|day)", raw):
        raise ValueError("not a number of times in a s, min, hour or day")
    return raw


def level(raw: str) -> str:
    if raw.lower() not in ("debug", "info", "warning", "error"):
        raise ValueError("no level")
    return raw.upper()


def folder(raw: str) -> str:
    """One that is there and can be written to."""
    if not (os.path.isdir(raw) and os.access(raw, os.W_OK)):
        raise ValueError("no folder that can be written")
    return raw


def hashes(raw: str) -> Path:
    """A file of SHA-1 hashes in capitals, the smallest first. Looked at are its first hundred lines."""
    try:
        with open(raw, encoding="ascii") as lines:
            found = [line.strip().split(":")[0] for line, _number in zip(lines, range(100), strict=False)]
    except OSError as error:
        raise ValueError(f"no file that can be read ({error.strerror})") from error
    if not found or found != sorted(found) or not all(re.fullmatch("[0-9A-F]{12,40}", one) for one in found):
        raise ValueError("its first lines are no SHA-1 hashes in capitals, ordered by hash")
    return Path(raw)


def secret(raw: str) -> str:
    if len(raw) < 50 or len(set(raw)) < 5 or raw.startswith("django-insecure"):
        raise ValueError("too short or too simple to keep sessions safe")
    return raw


def secrets(raw: str) -> list[str]:
    return [secret(name) for name in names(raw)]


def refuse_plain(host: str | None, *, private: bool) -> None:
    """A line that others could listen to. To this machine itself there is none; a socket's host is a folder."""
    name = (host or "localhost").strip("[]")
    here = name == "localhost" or name.startswith("/") or is_loopback(name)
    if not here and not private:
        raise ValueError(f"the line to {name} is not encrypted")


def is_loopback(name: str) -> bool:
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return False


def database(raw: str, *, private: bool = True) -> dict[str, Any]:
    """Django's description of a PostgreSQL address; a socket folder may stand in ?host=."""
    settings: dict[str, Any] = dict(environ.Env.db_url_config(raw))
    if settings.get("ENGINE") != "django.db.backends.postgresql":
        raise ValueError("not a PostgreSQL address")
    options = settings.setdefault("OPTIONS", {})
    if "host" in options:
        settings["HOST"] = unquote(options.pop("host"))
    if options.get("sslmode") not in ("verify-ca", "verify-full"):
        refuse_plain(settings["HOST"], private=private)
    return settings


def add_pool(database: dict[str, Any], size: int) -> None:
    """A restart of the database leaves dead connections in it: they are replaced before anybody is handed one. Attempts
    to connect end before their pauses grow to minutes. They come within the wall, and are put back there: whatever
    forgets to say whose it is sees nothing."""
    database["CONN_HEALTH_CHECKS"] = True
    options = database["OPTIONS"]
    options["pool"] = {"min_size": 1, "max_size": size, "timeout": 5, "reconnect_timeout": 5, "reset": clean}
    options["options"] = f"{options.get('options', '')} -c role={ROLE}".strip()


def broker(raw: str, *, private: bool = True) -> str:
    if not raw.startswith(("redis://", "rediss://", "unix://", "filesystem://")):
        raise ValueError("not a Redis address")
    if raw.startswith("redis://"):
        refuse_plain(urlsplit(raw).hostname, private=private)
    return raw


def scanner(raw: str, *, private: bool = True) -> str:
    """Where clamd listens, or nothing. It speaks no TLS."""
    parts = urlsplit(raw)
    if raw and not ((parts.scheme == "tcp" and parts.hostname and parts.port) or raw.startswith("unix:///")):
        raise ValueError("not where clamd listens")
    refuse_plain(parts.hostname, private=private)
    return raw


def site(raw: str, *, https: bool, hosts: list[str]) -> str:
    """The address that links in letters begin with, without a slash at its end."""
    parts = urlsplit(raw)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username:
        raise ValueError("not the address of a site")
    if parts.path.strip("/") or parts.query or parts.fragment:
        raise ValueError("more than scheme and host")
    if https and parts.scheme != "https":
        raise ValueError("not https, while HTTPS is on")
    if not validate_host(parts.hostname, hosts):
        raise ValueError("its host is not among ALLOWED_HOSTS, so that its links would be refused")
    return f"{parts.scheme}://{parts.netloc}"


def site_of(hosts: list[str], *, https: bool) -> str | None:
    """The site's address where it is told otherwise by nobody: by its first name, if that is a whole name."""
    first = hosts[0] if hosts else ""
    return None if not first or first.startswith((".", "*")) else f"http{'s' if https else ''}://{first}"


def mail_host(site_url: str) -> str:
    """The host that letters come from unless told; one's own machine has a number, which no address may hold."""
    host = urlsplit(site_url).hostname or ""
    return "localhost" if host.replace(".", "").isdigit() or ":" in host else host


def mail(raw: str, *, private: bool = True) -> dict[str, Any]:
    """Django's settings of e-mail from one address."""
    if raw.startswith("filemail:///"):
        return {
            "EMAIL_BACKEND": "django.core.mail.backends.filebased.EmailBackend",
            "EMAIL_FILE_PATH": raw.removeprefix("filemail://"),
        }
    if not raw.startswith(("smtp://", "smtp+tls://", "smtp+ssl://", "consolemail://")):
        raise ValueError("none of smtp, smtp+tls, smtp+ssl, filemail and consolemail")
    found: dict[str, Any] = dict(environ.Env.email_url_config(raw))
    if raw.startswith("smtp") and not found["EMAIL_HOST"]:
        raise ValueError("no host")
    if raw.startswith("smtp://"):
        refuse_plain(found["EMAIL_HOST"], private=private)
    found.pop("OPTIONS", None)
    ports = {"EMAIL_USE_TLS": 587, "EMAIL_USE_SSL": 465}
    usual = next((port for name, port in ports.items() if found.get(name)), 25)
    return {
        **found,
        "EMAIL_PORT": found["EMAIL_PORT"] or usual,
        "EMAIL_HOST_USER": found["EMAIL_HOST_USER"] or "",
        "EMAIL_HOST_PASSWORD": found["EMAIL_HOST_PASSWORD"] or "",
    }


def sender(raw: str) -> str:
    """An address with or without a name: Qamtu <qamtu@ministry.example>."""
    _name, address = parseaddr(raw)
    if "@" not in address or any(ord(character) < 32 for character in raw):
        raise ValueError("not an e-mail address")
    return raw


def address(raw: str) -> str:
    """A bare e-mail address, or nothing."""
    if raw and (parseaddr(raw) != ("", raw) or "@" not in raw or not raw.isprintable()):
        raise ValueError("not a bare e-mail address")
    return raw
