"""Reads the settings' environment variables and says, when one is missing or wrong, which, its value and the remedy."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import unquote

import environ
from django.core.exceptions import ImproperlyConfigured

T = TypeVar("T")

YES, NO = {"1", "true", "yes", "on"}, {"0", "false", "no", "off", ""}


def fill_from(path: Path) -> None:
    """Take from a file what the environment does not say itself; the environment wins."""
    if path.is_file():
        environ.Env.read_env(path)


def read(name: str, cast: Callable[[str], T], *, remedy: str, default: T | None = None) -> T:
    """The value of one variable, or its default; ImproperlyConfigured where there is neither or the value is wrong."""
    raw = os.environ.get(name)
    if raw is None:
        if default is None:
            raise ImproperlyConfigured(f"{name} is not set. {remedy}")
        return default
    try:
        return cast(raw)
    except (ValueError, environ.ImproperlyConfigured) as error:
        raise ImproperlyConfigured(f"{name}={raw!r} is wrong: {error}. {remedy}") from error


def flag(raw: str) -> bool:
    """django-environ takes every unknown word for no; a mistyped switch should stop the start instead."""
    word = raw.strip().lower()
    if word in YES | NO:
        return word in YES
    raise ValueError("neither on nor off")


def names(raw: str) -> list[str]:
    return [name.strip() for name in raw.split(",") if name.strip()]


def number(raw: str) -> int:
    value = int(raw)
    if value < 1:
        raise ValueError("less than 1")
    return value


def secret(raw: str) -> str:
    if len(raw) < 50 or len(set(raw)) < 5 or raw.startswith("django-insecure"):
        raise ValueError("too short or too simple to keep sessions safe")
    return raw


def database(raw: str) -> dict[str, Any]:
    """Django's description of a PostgreSQL address; a socket folder may stand in ?host=."""
    settings: dict[str, Any] = dict(environ.Env.db_url_config(raw))
    if settings.get("ENGINE") != "django.db.backends.postgresql":
        raise ValueError("not a PostgreSQL address")
    options = settings.setdefault("OPTIONS", {})
    if "host" in options:
        settings["HOST"] = unquote(options.pop("host"))
    return settings


def broker(raw: str) -> str:
    if not raw.startswith(("redis://", "rediss://", "unix://", "filesystem://")):
        raise ValueError("not a Redis address")
    return raw
