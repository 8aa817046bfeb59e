"""Who could see the figures of a release before everybody: the list that the Code of Practice for Statistics (3.0,
standard 3.3) wants to be short and kept.

Nobody keeps it: the trail has every account, role and right with the moments at which they began and ended. Of roles
and rights it tells since version 1.1: those that were taken away before are not in the list, and those that were given
before count from ever.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.utils import timezone

from reports.models import Release

# Figures that are not public yet are on the pages of snapshots.
SIGHT = "view_snapshot"

# Spans in which an account could sign in to the ministry's pages, and in which it had a role or right that shows them,
# and the role that right. Of what the trail says nothing, that was given before it told of such.
COULD_SEE = """
    WITH account AS (
        SELECT pgh_obj_id AS user_id, is_staff AND is_active AS works, is_superuser,
            tstzrange(pgh_created_at, lead(pgh_created_at) OVER (PARTITION BY pgh_obj_id ORDER BY pgh_id)) AS span
        FROM institutions_userevent
    ), said AS (
        SELECT 'role' AS kind, id, user_id AS holder, group_id AS what, pgh_label AS label, pgh_created_at AS at
        FROM institutions_ministryroleevent
        UNION ALL SELECT 'role', id, user_id, group_id, 'insert', '-infinity' FROM institutions_user_groups
        UNION ALL SELECT 'of person', id, user_id, permission_id, pgh_label, pgh_created_at
        FROM institutions_personalrightevent
        UNION ALL SELECT 'of person', id, user_id, permission_id, 'insert', '-infinity'
        FROM institutions_user_user_permissions
        UNION ALL SELECT 'of role', id, group_id, permission_id, pgh_label, pgh_created_at
        FROM institutions_rolerightevent
        UNION ALL SELECT 'of role', id, group_id, permission_id, 'insert', '-infinity' FROM auth_group_permissions
    ), given AS (
        SELECT kind, holder, what, tstzrange(
            coalesce(max(at) FILTER (WHERE label = 'insert'), '-infinity'), max(at) FILTER (WHERE label = 'delete')
        ) AS span
        FROM said GROUP BY kind, id, holder, what
    ), shows AS (
        SELECT kind, holder, span FROM given
        JOIN auth_permission AS permission ON kind <> 'role' AND permission.id = what
        JOIN django_content_type AS model ON model.id = permission.content_type_id
        WHERE model.app_label = 'reports' AND permission.codename = %(sight)s
    ), reason AS (
        SELECT role.holder AS user_id, name AS role, role.span * shows.span AS span
        FROM given AS role
        JOIN shows ON role.kind = 'role' AND shows.kind = 'of role' AND shows.holder = role.what
        JOIN auth_group ON auth_group.id = role.what
        UNION ALL
        SELECT holder, '', span FROM shows WHERE kind = 'of person'
        UNION ALL
        SELECT user_id, '', span FROM account WHERE is_superuser
    ), sight AS (
        SELECT user_id, role, account.span * reason.span * tstzrange(%(since)s, %(until)s) AS span
        FROM account JOIN reason USING (user_id) WHERE works
    )
    SELECT person.id, first_name, last_name, email,
        array_remove(array_agg(DISTINCT role ORDER BY role), ''), lower(range_agg(span)), upper(range_agg(span))
    FROM sight JOIN institutions_user AS person ON person.id = user_id
    WHERE NOT isempty(span)
    GROUP BY person.id ORDER BY email
"""


@dataclass(frozen=True)
class Access:
    """A person who could see the figures, and from when to when; no roles: a superuser, or by a right of their own."""

    user: int
    name: str  # may be empty
    email: str
    roles: list[str]
    since: datetime
    until: datetime

    @property
    def called(self) -> str:
        return f"{self.name} ({self.email})" if self.name else self.email


def access_before(release: Release) -> list[Access]:
    """Everybody who could see the release's figures from their computation until they are public, by e-mail."""
    taken_at = release.snapshot.taken_at
    assert taken_at is not None  # noqa: S101 - only a verified snapshot is released
    return access_between(taken_at, min(release.publish_at, timezone.now()))


def access_between(since: datetime, until: datetime) -> list[Access]:
    """Everybody who could see what was not public from `since` until before `until`; one query."""
    if until <= since:
        return []
    with connection.cursor() as cursor:
        cursor.execute(COULD_SEE, {"sight": SIGHT, "since": since, "until": until})
        return [
            Access(key, f"{first} {last}".strip(), email, roles, began, ended)
            for key, first, last, email, roles, began, ended in cursor.fetchall()
        ]
