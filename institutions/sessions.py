"""Sessions: begun at each sign-in under a new key, looked at and ended by their person, and over after a while.

The engine is Django's for the database, extended in its documented way: what is worth a column is taken from the
session's own data whenever that is written. A request that only reads writes nothing but, once in five minutes, when
the person was last seen; as an update of that column, which no other request's data can be lost to.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY, login
from django.contrib.sessions.backends import db
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext as _

from institutions import proving
from institutions.guessing import address_of
from institutions.models import Session, User

# In the session's data: seconds of the epoch, and words.
BEGUN, ADDRESS, BROWSER = "begun", "address", "browser"
NOTED = timedelta(minutes=5)
RECENT = 15 * 60
PASSWORD_BACKEND = "django.contrib.auth.backends.ModelBackend"  # noqa: S105 - which has no password in it

SYSTEMS = ("iPhone", "iPad", "Android", "Windows", "Mac OS", "CrOS", "Linux")
# The first that is found counts: most of them also say that they are the later ones.
BROWSERS = {
    "Edg": "Edge",
    "OPR/": "Opera",
    "YaBrowser": "Yandex",
    "SamsungBrowser": "Samsung Internet",
    "Firefox": "Firefox",
    "FxiOS": "Firefox",
    "Chrome": "Chrome",
    "CriOS": "Chrome",
    "Safari": "Safari",
}


class SessionStore(db.SessionStore):
    """`settings.SESSION_ENGINE`. `row` is what this request has read, None where there was nothing."""

    row: Session | None = None

    @classmethod
    def get_model_class(cls) -> type[Session]:
        return Session

    def _get_session_from_db(self) -> Any:
        self.row = super()._get_session_from_db()  # type: ignore[misc]
        return self.row

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        """The row as it is written: a session of somebody lasts so long from signing in, however often it is used."""
        whose = data.get(SESSION_KEY)
        begun = at(data.setdefault(BEGUN, int(time.time()))) if whose else None
        row = super().create_model_instance(data)
        assert isinstance(row, Session)  # noqa: S101 - of `get_model_class`
        row.user_id = int(whose) if whose else None
        row.begun_at, row.seen_at = begun, timezone.now()
        row.address, row.browser = data.get(ADDRESS, ""), data.get(BROWSER, "")
        if begun:
            row.expire_date = begun + longest()
        return row


@dataclass(frozen=True)
class Opened:
    """One session as its person reads of it; `mark` names it on the page, where its key must not stand."""

    mark: str
    browser: str
    address: str
    begun_at: datetime
    seen_at: datetime
    is_here: bool


def begin(request: HttpRequest, user: User) -> None:
    """Sign in, under a new key: also whoever was signed in already, and has just shown again who it is."""
    was_in = SESSION_KEY in request.session
    login(request, user, backend=PASSWORD_BACKEND)
    if was_in:
        request.session.cycle_key()
    request.session[BEGUN] = int(time.time())
    request.session[ADDRESS] = address_of(request)
    request.session[BROWSER] = request.headers.get("User-Agent", "")[:300].replace("\x00", "")


def is_recent(request: HttpRequest) -> bool:
    """Whether the person has shown who it is just now: asked before ways to sign in are added or taken away."""
    return time.time() - int(request.session.get(BEGUN, 0)) <= RECENT


def goes_on(session: SessionBase, user: User) -> bool:
    """Whether this session was used a short while ago; notes that it is used now, at most once in five minutes."""
    row: Session | None = getattr(session, "row", None)
    if row is None:
        return True  # begun by this very request
    now = timezone.now()
    if now - row.seen_at > idle(user):
        return False
    if now - row.seen_at > NOTED:
        Session.objects.filter(pk=row.pk, seen_at__lt=now - NOTED).update(seen_at=now)
    return True


def opened(user: User, *, here: str | None) -> list[Opened]:
    """The sessions in which this person is signed in, the one that asks (`here` is its key) first. One query."""
    found = [
        Opened(
            mark=mark_of(row.session_key),
            browser=in_words(row.browser),
            address=row.address,
            begun_at=row.begun_at or row.seen_at,
            seen_at=row.seen_at,
            is_here=row.session_key == here,
        )
        for row in _alive(user)
    ]
    return sorted(found, key=lambda one: (one.is_here, one.seen_at), reverse=True)


def end(user: User, mark: str) -> bool:
    """End one of this person's sessions, by its mark; False if there is none (any more)."""
    keys = [row.session_key for row in _alive(user) if constant_time_compare(mark_of(row.session_key), mark)]
    ended, _rows = user.sessions.filter(session_key__in=keys).delete()
    return bool(ended)


def forget_old() -> int:
    """What is over. Nothing waits for it: a row that has expired opens nothing."""
    gone, _rows = Session.objects.filter(expire_date__lt=timezone.now()).delete()
    return int(gone)


def _alive(user: User) -> Iterator[Session]:
    """Those that a request would be taken for this person with. That one was ended by a new password, or by signing out
    everywhere, does not stand in its row: its data no longer fit."""
    now = timezone.now()
    marks = [user.get_session_auth_hash(), *user.get_session_auth_fallback_hash()]
    for row in user.sessions.filter(expire_date__gt=now, seen_at__gt=now - idle(user)):
        data = row.get_decoded()
        fits = any(constant_time_compare(data.get(HASH_SESSION_KEY, ""), mark) for mark in marks)
        if fits and proving.is_proven(user, data):
            yield row


def mark_of(key: str) -> str:
    return salted_hmac("institutions.sessions", key, algorithm="sha256").hexdigest()[:32]


def idle(user: User) -> timedelta:
    """After how long without a request a session is over. People of universities type long, and it is kept."""
    minutes = (
        settings.SESSION_IDLE if user.is_staff or user.is_superuser else settings.SESSION_IDLE_UNIVERSITIES
    )
    return timedelta(minutes=minutes)


def longest() -> timedelta:
    return timedelta(seconds=settings.SESSION_COOKIE_AGE)


def at(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, tz=UTC)


def in_words(agent: str) -> str:
    """What a browser says of itself, as a person would: “Firefox, Windows”. It may lie; it is only a help."""
    browser = next((name for sign, name in BROWSERS.items() if sign in agent), "")
    system = next((name for name in SYSTEMS if name in agent), "")
    system = {"Mac OS": "macOS", "CrOS": "ChromeOS"}.get(system, system)
    return ", ".join(filter(None, (browser, system))) or _("unknown browser")
