"""Who could see the figures of a release before everybody."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pgtrigger
import pytest
from django.contrib.auth.models import Group, Permission
from django.db import connection
from django.test import Client

from institutions.models import User
from reports import releasing
from reports.pre_release_access import access_between
from tests.factories import make_reviewer, make_user
from tests.reports.test_two_people_release import in_hours, verified
from tests.rules import make_requirement

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("english")]


def nothing() -> None:
    pass


def now() -> datetime:
    """By the clock that the trail is written by."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        moment: datetime = cursor.fetchone()[0]
        return moment


@pytest.fixture
def role() -> Group:
    group = Group.objects.create(name="reviewer")
    group.permissions.add(sight())
    return group


def sight() -> Permission:
    return Permission.objects.get(codename="view_snapshot", content_type__app_label="reports")


def who(
    before: Callable[[], object],
    meanwhile: Callable[[], object] = nothing,
    after: Callable[[], object] = nothing,
) -> Any:
    """The people of whom the list speaks when these things happen before, while and after the figures are secret."""
    before()
    since = now()
    meanwhile()
    until = now()
    after()
    return access_between(since, until)


def test_a_person_of_the_ministry_with_a_role_could(role: Group) -> None:
    person = make_reviewer(email="dana@gov.kz")
    (access,) = who(lambda: person.groups.add(role))
    assert (access.user, access.email, access.roles) == (person.pk, "dana@gov.kz", ["reviewer"])


def test_whoever_has_no_role_or_is_not_of_the_ministry_could_not(role: Group) -> None:
    make_reviewer()
    stranger = make_user()
    assert who(lambda: stranger.groups.add(role)) == []


def test_a_role_that_shows_no_figures_is_none() -> None:
    group = Group.objects.create(name="guest")
    assert who(lambda: make_reviewer().groups.add(group)) == []


def test_who_came_later_or_had_left_before_is_not_in_the_list(role: Group) -> None:
    person = make_reviewer()
    assert who(nothing, after=lambda: person.groups.add(role)) == []
    assert who(lambda: person.groups.remove(role)) == []


def test_who_had_the_role_for_a_moment_is_in_the_list_for_good(role: Group) -> None:
    person = make_reviewer()
    moments = []

    def meanwhile() -> None:
        moments.append(now())
        person.groups.add(role)
        person.groups.remove(role)
        moments.append(now())

    (access,) = who(nothing, meanwhile)
    assert moments[0] < access.since < access.until < moments[1]


@pytest.mark.parametrize("what", ["is_active", "is_staff"])
def test_who_is_let_out_meanwhile_could_until_then(role: Group, what: str) -> None:
    person = make_reviewer()
    person.groups.add(role)
    until = []

    def meanwhile() -> None:
        User.objects.filter(pk=person.pk).update(**{what: False})
        until.append(now())

    (access,) = who(nothing, meanwhile)
    assert access.until < until[0]


def test_who_changes_from_one_role_to_another_is_there_once_with_both(role: Group) -> None:
    person, other = make_reviewer(), Group.objects.create(name="lead")
    other.permissions.add(sight())

    def change() -> None:
        person.groups.add(other)
        person.groups.remove(role)

    (access,) = who(lambda: person.groups.add(role), change)
    assert access.roles == ["lead", "reviewer"]


def test_superusers_and_rights_of_ones_own_count() -> None:
    root = make_reviewer(is_superuser=True)
    person = make_reviewer()
    found = who(lambda: person.user_permissions.add(sight()), lambda: person.user_permissions.remove(sight()))
    assert {access.user: access.roles for access in found} == {root.pk: [], person.pk: []}


def test_roles_from_before_the_trail_told_of_roles_count(role: Group) -> None:
    person = make_reviewer()
    with pgtrigger.ignore("institutions.MinistryRole:insert_insert"):
        person.groups.add(role)
    assert [access.user for access in who(nothing)] == [person.pk]
    assert [access.user for access in who(nothing, lambda: person.groups.remove(role))] == [person.pk]
    assert who(nothing) == []


def test_a_role_shows_figures_from_when_to_when_it_has_the_right(role: Group) -> None:
    person, group = make_reviewer(), Group.objects.create(name="guest")
    person.groups.add(group)
    moments = []

    def meanwhile() -> None:
        moments.append(now())
        group.permissions.add(sight())
        group.permissions.remove(sight())
        moments.append(now())

    (access,) = who(nothing, meanwhile)
    assert (access.user, access.roles) == (person.pk, ["guest"])
    assert moments[0] < access.since < access.until < moments[1]
    assert who(nothing) == []


def test_a_right_that_a_role_had_before_the_trail_told_of_rights_counts() -> None:
    person, group = make_reviewer(), Group.objects.create(name="guest")
    person.groups.add(group)
    with pgtrigger.ignore("institutions.RoleRight:insert_insert"):
        group.permissions.add(sight())
    assert [access.user for access in who(nothing)] == [person.pk]
    assert [access.user for access in who(nothing, lambda: group.permissions.clear())] == [person.pk]
    assert who(nothing) == []


def test_no_time_has_no_list(role: Group) -> None:
    make_reviewer().groups.add(role)
    moment = now()
    assert access_between(moment, moment) == access_between(moment, moment - timedelta(days=1)) == []


def test_the_page_of_a_release_has_the_list(
    client: Client, period: Any, lead: User, deputy: User, reviewer: User
) -> None:
    make_requirement()
    release = releasing.confirm(
        proposal=releasing.propose(snapshot=verified(period), by=lead, publish_at=in_hours(2)), by=deputy
    )
    client.force_login(lead)
    page = client.get(f"/en/admin/reports/release/{release.pk}/change/").content.decode()
    for person in (lead, deputy, reviewer):
        assert person.email in page
