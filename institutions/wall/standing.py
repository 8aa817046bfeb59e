"""Where a request stands: within the wall for its institutions, or beyond it with a reason.

What is wanted is kept with the thread's context, what is set with the connection; before each statement the two are
compared, and put right where they differ. So nothing is sent for a page that asks the database nothing, a new
connection amid a request is as good as the old one, and what a request has left behind is no use to the next one.
"""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Literal

import psycopg
from django.conf import settings
from django.db import connection as default_connection
from psycopg.pq import ExecStatus, TransactionStatus

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper

ROLE = "qamtu_institution"
SETTING = "qamtu.institutions"

# The institutions that a request is for; beyond the wall; or as the connection came.
Standing = tuple[int, ...] | Literal["beyond"] | None
BEYOND: Literal["beyond"] = "beyond"

_acting: ContextVar[Standing] = ContextVar("acting", default=None)
_is_beyond: ContextVar[bool] = ContextVar("is_beyond", default=False)
_UNKNOWN = object()


def enter(institutions: Collection[int] = ()) -> None:
    """From here on there are the rows of these institutions, and none of others."""
    _acting.set(tuple(sorted(institutions)))


def act_for(person: Any) -> None:
    """Name the institutions of whoever asks; the ministry's people, who see all of them, go beyond.

    Outside of a request, where nothing has entered, this changes nothing.
    """
    if _acting.get() is None or not person.is_active:
        return
    if person.is_staff:
        _acting.set(BEYOND)
        return
    enter(person.roles)


def leave() -> None:
    """The request is over."""
    _acting.set(None)
    _is_beyond.set(False)


@contextmanager
def beyond(_reason: str) -> Iterator[None]:
    """For the block there are all rows. For what is meant to read or write past one's own, and says why.

    Evaluate within the block: a queryset that leaves it has not asked the database yet.
    """
    before = _is_beyond.get()
    _is_beyond.set(True)
    try:
        yield
    finally:
        _is_beyond.set(before)


def watch(connection: "BaseDatabaseWrapper", **_sent: Any) -> None:
    """Have each statement of a connection compared first; sent whenever Django connects."""
    if _before_each not in connection.execute_wrappers:
        connection.execute_wrappers.insert(0, _before_each)  # others take off the last one


def take_place() -> None:
    """For what goes past Django's cursors, such as COPY: what is wanted holds from here on."""
    default_connection.ensure_connection()
    _set(default_connection)


def _before_each(execute: Any, sql: Any, params: Any, many: bool, context: dict[str, Any]) -> Any:
    _set(context["connection"])
    try:
        return execute(sql, params, many, context)
    finally:
        # What was set since the savepoint is undone with it.
        if isinstance(sql, str) and sql.startswith("ROLLBACK TO"):
            _remember(context["connection"].connection, _UNKNOWN)


def _set(connection: "BaseDatabaseWrapper") -> None:
    raw: Any = connection.connection
    if raw is None:
        return  # closed, as the statement itself will say
    wanted = _wanted()
    known, in_transaction = getattr(raw, "standing", (None, False))
    status = raw.pgconn.transaction_status
    if in_transaction and status == TransactionStatus.IDLE:
        known = _UNKNOWN  # set in a transaction that is over, and perhaps undone with it
    if known == wanted or status not in (TransactionStatus.IDLE, TransactionStatus.INTRANS):
        return
    # Straight to the server: outside of a transaction that Django has announced and not begun, so that it stays
    # whatever becomes of that one.
    with connection.wrap_database_errors:
        result = raw.pgconn.exec_(_statement(wanted).encode())
        if result.status != ExecStatus.COMMAND_OK:
            raise psycopg.errors.error_from_result(result, encoding=raw.info.encoding)
    _remember(raw, wanted)


def _wanted() -> Standing:
    acting = _acting.get()
    # Where nothing has entered there is nothing to leave, but in a web process, whose connections come within.
    return BEYOND if _is_beyond.get() and (acting is not None or settings.IS_WEB) else acting


def _remember(raw: Any, standing: object) -> None:
    if raw is not None:
        raw.standing = (standing, raw.pgconn.transaction_status != TransactionStatus.IDLE)


def _statement(wanted: Standing) -> str:
    if wanted is None:
        return f"RESET ROLE; RESET {SETTING}"
    if wanted == BEYOND:
        return f"SET ROLE NONE; RESET {SETTING}"
    return f"SET ROLE {ROLE}; SET {SETTING} = '{{{','.join(map(str, wanted))}}}'"


def clean(raw: Any) -> None:
    """Put a connection that comes back to the pool within the wall, with no institution, whatever was done with it;
    one where that fails is thrown away. A thread of the pool's does this, after the answer."""
    raw.execute(_statement(()))
    raw.commit()
    raw.standing = ((), False)
