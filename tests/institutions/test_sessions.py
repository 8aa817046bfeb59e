"""Sessions: a new key at each sign-in, a list to end them by, and an end after a rest, after half a day, and at once
for whoever is let go.
"""

import re
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as conf
from django.contrib.auth.models import Group
from django.contrib.sessions.backends import db
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from curricula.models import Period
from institutions import migrations, proving, sessions
from institutions.models import Institution, Membership, Session, User
from reports.reference.roles import load_roles
from tests.factories import PASSWORD, make_institution, make_member, make_reviewer

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]

FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:146.0) Gecko/20100101 Firefox/146.0"
KIT = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/143.0.0.0"
CHROME = f"Mozilla/5.0 (Linux; Android 10; K) {KIT} Mobile Safari/537.36"
EDGE = f"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) {KIT} Safari/537.36 Edg/143.0.0.0"
SAFARI = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 Version/18.5 Safari/604.1"
)


@pytest.fixture(autouse=True)
def quick_passwords(settings: Any) -> None:
    """Hashing is slow on purpose, and not what is tested here."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def person(institution: Institution) -> User:
    return make_member(institution, "editor", email="aru@kaznu.kz", password=PASSWORD)


def signed_in(user: User, browser: str = FIREFOX, address: str = "198.51.100.7") -> Client:
    client = Client(headers={"User-Agent": browser}, REMOTE_ADDR=address)
    answer = client.post(reverse("sign-in"), {"username": user.email, "password": PASSWORD})
    assert answer.status_code == 302
    return client


def key_of(client: Client) -> str:
    return str(client.cookies[conf.SESSION_COOKIE_NAME].value)


def is_in(client: Client) -> bool:
    return client.get(reverse("preferences")).status_code == 200


def page(client: Client) -> str:
    return re.sub(r"\s+", " ", client.get(reverse("preferences")).content.decode())


def seen(client: Client, ago: timedelta) -> None:
    Session.objects.filter(pk=key_of(client)).update(seen_at=timezone.now() - ago)


def test_each_sign_in_has_a_new_key_and_the_old_one_opens_nothing(person: User) -> None:
    client = Client()
    client.get(reverse("invitation-link", args=["T1"]))  # a visitor's session, whose key others may know
    before = key_of(client)
    client.post(reverse("sign-in"), {"username": person.email, "password": PASSWORD})
    first = key_of(client)
    client.post(reverse("sign-in"), {"username": person.email, "password": PASSWORD})
    assert len({before, first, key_of(client)}) == 3
    for key in (before, first):
        thief = Client()
        thief.cookies[conf.SESSION_COOKIE_NAME] = key
        assert not is_in(thief)
    assert is_in(client)


def test_the_page_of_the_account_lists_where_one_is_signed_in(person: User) -> None:
    here, _there = signed_in(person), signed_in(person, SAFARI, "203.0.113.9")
    shown = page(here)
    assert "<strong>Firefox, Windows</strong> · this session" in shown
    assert "from 198.51.100.7" in shown
    assert "Safari, iPhone" in shown
    assert "from 203.0.113.9" in shown
    for session in Session.objects.all():
        assert session.session_key not in shown  # the cookie is kept from scripts; so is the page


def test_one_session_is_ended_and_the_others_go_on(person: User) -> None:
    here, there, third = signed_in(person), signed_in(person, SAFARI), signed_in(person, EDGE)
    mark = sessions.mark_of(key_of(there))
    assert f'value="{mark}"' in page(here)
    assert here.post(reverse("session-end"), {"session": mark}).status_code == 302
    assert not is_in(there)
    assert is_in(here)
    assert is_in(third)
    assert "Safari" not in page(here)


def test_nobody_ends_the_session_of_another(person: User, lead: User) -> None:
    theirs, mine = signed_in(person), Client()
    mine.force_login(lead)
    for mark in (sessions.mark_of(key_of(theirs)), key_of(theirs), "", "ы"):
        mine.post(reverse("session-end"), {"session": mark})
        assert is_in(theirs)


def test_signed_out_everywhere_or_under_a_new_password_no_other_session_is_listed(person: User) -> None:
    here, there = signed_in(person), signed_in(person, SAFARI)
    here.post(reverse("sign-out-everywhere"))
    assert is_in(here)
    assert not is_in(there)
    assert "Safari" not in page(here)
    signed_in(person, EDGE)
    new = {"new_password1": "quite another staple", "new_password2": "quite another staple"}
    here.post(reverse("password-change"), {"old_password": PASSWORD, **new})
    assert "Edge" not in page(here)


def test_the_list_costs_one_query_however_many_there_are(person: User) -> None:
    here = signed_in(person)
    with CaptureQueriesContext(connection) as one:
        page(here)
    for _number in range(5):
        signed_in(person)
    with CaptureQueriesContext(connection) as many:
        page(here)
    assert len(one) == len(many)


def test_after_a_rest_one_signs_in_again_the_ministry_sooner(person: User) -> None:
    of_the_ministry = signed_in(make_reviewer(password=PASSWORD))
    of_a_university = signed_in(person)
    for client in (of_the_ministry, of_a_university):
        seen(client, timedelta(minutes=61))
    assert not is_in(of_the_ministry)
    assert not Session.objects.filter(pk=key_of(of_the_ministry)).exists()
    assert is_in(of_a_university)
    seen(of_a_university, timedelta(minutes=241))
    assert not is_in(of_a_university)


def test_how_long_the_rest_may_be_is_a_setting(person: User, settings: Any) -> None:
    settings.SESSION_IDLE_UNIVERSITIES = 10
    client = signed_in(person)
    seen(client, timedelta(minutes=9))
    assert is_in(client)
    seen(client, timedelta(minutes=11))
    assert not is_in(client)


def test_however_busy_after_half_a_day_one_signs_in_again(person: User) -> None:
    client = signed_in(person)
    store = client.session
    store[sessions.BEGUN] -= 12 * 3600 + 1
    store.save()  # as any use of the session does: it is not prolonged by that
    assert not is_in(client)
    assert not sessions.opened(person, here=None)


def test_being_seen_is_written_at_most_once_in_five_minutes(person: User) -> None:
    client = signed_in(person)
    with CaptureQueriesContext(connection) as queries:
        is_in(client)
    assert not [query for query in queries if query["sql"].startswith(("UPDATE", "INSERT"))]
    seen(client, timedelta(minutes=6))
    with CaptureQueriesContext(connection) as queries:
        is_in(client)
    (written,) = [query["sql"] for query in queries if query["sql"].startswith(("UPDATE", "INSERT"))]
    assert "session_data" not in written  # what another request has put there meanwhile is not written over
    row = Session.objects.get(pk=key_of(client))
    assert timezone.now() - row.seen_at < timedelta(minutes=5)


def test_who_is_disabled_is_refused_at_the_next_request(person: User) -> None:
    client = signed_in(person)
    User.objects.filter(pk=person.pk).update(is_active=False)
    assert not is_in(client)
    assert client.get("/api/v1/own/").status_code in (401, 403, 404)


def test_who_moved_to_another_university_is_refused_at_the_next_request(
    person: User, institution: Institution, period: Period
) -> None:
    client = signed_in(person)
    there = reverse("workspace-institution", args=[institution.code])
    assert client.get(there).status_code == 200
    Membership.objects.filter(user=person).update(institution=make_institution(code="enu"))
    for answer in (client.get(there), client.post(reverse("carry", args=[institution.code, "2025"]))):
        assert answer.status_code == 404
    assert client.get(reverse("workspace-institution", args=["enu"])).status_code == 200


@pytest.mark.parametrize("taken", ["group", "staff"])
def test_who_of_the_ministry_is_demoted_is_refused_at_the_next_request(taken: str) -> None:
    load_roles()
    user = make_reviewer(password=PASSWORD)
    user.groups.set(Group.objects.filter(name="lead"))
    client = signed_in(user)
    where = reverse("admin:institutions_user_changelist")
    assert client.get(where).status_code == 200
    if taken == "group":
        user.groups.clear()
        assert client.get(where).status_code == 403
    else:
        User.objects.filter(pk=user.pk).update(is_staff=False)
        assert client.get(where).status_code == 302


def test_who_became_a_signatory_meanwhile_shows_the_second_factor_first(
    person: User, institution: Institution, settings: Any
) -> None:
    settings.SECOND_FACTOR = "some"
    client = signed_in(person)
    assert is_in(client)
    Membership.objects.create(user=person, institution=institution, role="signatory")
    assert not is_in(client)
    answer = client.post(reverse("sign-in"), {"username": person.email, "password": PASSWORD})
    assert answer["Location"] == reverse("second-factor-new")


def test_a_session_that_has_not_shown_the_second_factor_is_not_listed(person: User) -> None:
    signed_in(person)
    assert len(sessions.opened(person, here=None)) == 1
    person.second_factor_since = timezone.now()
    person.save(update_fields=["second_factor_since"])
    assert not sessions.opened(person, here=None)
    assert proving.is_asked_of(person)


def test_ways_to_sign_in_are_added_only_by_who_has_just_signed_in(person: User) -> None:
    client = signed_in(person)
    assert client.get(reverse("second-factor-new")).status_code == 200
    store = client.session
    store[sessions.BEGUN] -= 16 * 60
    store.save()
    answer = client.get(reverse("second-factor-new"), follow=True)
    shown = answer.content.decode()
    assert "Sign in once more" in shown
    assert f'value="{person.email}"' in shown
    said = {"username": person.email, "password": PASSWORD, "next": reverse("second-factor-new")}
    assert client.post(reverse("sign-in") + "?again=1", said)["Location"] == reverse("second-factor-new")
    assert client.get(reverse("second-factor-new")).status_code == 200


def test_what_is_over_is_forgotten(person: User) -> None:
    alive, old = signed_in(person), signed_in(person)
    Session.objects.filter(pk=key_of(old)).update(expire_date=timezone.now() - timedelta(seconds=1))
    assert sessions.forget_old() == 1
    assert is_in(alive)


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        (FIREFOX, "Firefox, Windows"),
        (CHROME, "Chrome, Android"),
        (SAFARI, "Safari, iPhone"),
        (EDGE, "Edge, macOS"),
        ("curl/8.0", "unknown browser"),
        ("", "unknown browser"),
    ],
)
def test_a_browser_is_named_as_people_do(agent: str, words: str) -> None:
    assert sessions.in_words(agent) == words


def test_whoever_is_at_work_during_the_update_stays_signed_in(person: User) -> None:
    (migration,) = Path(migrations.__path__[0]).glob("*_keep_open_sessions.py")
    (copying,) = import_module(f"institutions.migrations.{migration.stem}").Migration.operations
    old = db.SessionStore()  # as before
    old.update(signed_in(person).session.items())
    old.create()
    with connection.cursor() as cursor:
        cursor.execute(copying.sql)
    client = Client()
    client.cookies[conf.SESSION_COOKIE_NAME] = str(old.session_key)
    assert is_in(client)
