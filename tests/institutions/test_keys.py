"""Keys: who makes and revokes them, what the database keeps of them, and what opens nothing."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from config.discretion import without_tokens
from institutions import keys
from institutions.errors import Refused
from institutions.inviting import digest_of
from institutions.models import ApiKey, Institution, Membership, User
from tests.api_keys import make_api_key
from tests.at_once import beside, no_row_is_written
from tests.factories import make_member

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]


def make(institution: Institution, by: User, **over: Any) -> tuple[ApiKey, str]:
    said = {"name": "Platonus", "scopes": ["read", "write"], "days": 365, **over}
    return keys.make(institution=institution, by=by, **said)


def test_a_signatory_makes_a_key_whose_secret_is_kept_nowhere(
    institution: Institution, signatory: User
) -> None:
    key, secret = make(institution, signatory, name="  Student   system ")
    assert (key.name, key.scopes, key.made_by) == ("Student system", ["read", "write"], signatory)
    assert secret.startswith(key.prefix)
    assert (len(secret), len(key.prefix)) == (49, 14)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT k::text || coalesce(e::text, '') FROM institutions_apikey k, institutions_apikeyevent e"
        )
        assert secret not in str(cursor.fetchall())
    assert keys.find(secret) == key


@pytest.mark.parametrize(
    ("over", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 61}, "name"),
        ({"name": "a\x00b"}, "name"),
        ({"scopes": []}, "scopes"),
        ({"scopes": ["read", "everything"]}, "scopes"),
        ({"days": 0}, "days"),
        ({"days": 732}, "days"),
    ],
)
def test_what_makes_no_sense_is_refused_with_its_field(
    institution: Institution, signatory: User, over: dict[str, Any], field: str
) -> None:
    with pytest.raises(Refused) as refused:
        make(institution, signatory, **over)
    assert refused.value.field == field


def test_only_who_signs_for_the_institution_makes_and_revokes(
    institution: Institution, signatory: User, editor: User, stranger: User
) -> None:
    key, secret = make(institution, signatory)
    for person in (editor, stranger):
        with pytest.raises(Refused, match="Only a signatory"):
            make(institution, person)
        with pytest.raises(Refused, match="Only a signatory"):
            keys.revoke(key=key, by=person)
    assert keys.find(secret) == key


def test_what_is_revoked_opens_nothing_at_once_and_stays_so(
    institution: Institution, signatory: User
) -> None:
    key, secret = make(institution, signatory)
    revoked = keys.revoke(key=key, by=signatory)
    assert keys.revoke(key=key, by=signatory).revoked_at == revoked.revoked_at
    with pytest.raises(keys.Unusable, match="revoked"):
        keys.find(secret)
    with pytest.raises(IntegrityError, match="never changed"), transaction.atomic():
        ApiKey.objects.filter(pk=key.pk).update(revoked_at=None, revoked_by=None)


def test_a_key_expires(institution: Institution) -> None:
    now = timezone.now()
    make_api_key(institution, secret="qamtu_old", made_at=now - timedelta(days=9), expires_at=now)
    with pytest.raises(keys.Unusable, match="expired"):
        keys.find("qamtu_old")


def test_who_leaves_takes_no_way_in_along(institution: Institution, signatory: User) -> None:
    _key, secret = make(institution, signatory)
    Membership.objects.filter(user=signatory).update(role="editor")
    with pytest.raises(keys.Unusable, match="does not sign"):
        keys.find(secret)
    Membership.objects.filter(user=signatory).update(role="signatory")
    assert keys.find(secret)
    User.objects.filter(pk=signatory.pk).update(is_active=False)
    with pytest.raises(keys.Unusable, match="does not sign"):
        keys.find(secret)


@given(st.text(max_size=60))
def test_nothing_that_is_made_up_opens_anything(made_up: str) -> None:
    with pytest.raises(keys.Unusable, match="not known"):
        keys.find(made_up)


def test_its_use_is_noted_at_most_once_an_hour(institution: Institution) -> None:
    key = make_api_key(institution, secret="qamtu_x")
    keys.find("qamtu_x")
    first = ApiKey.objects.get(pk=key.pk).last_used_at
    with CaptureQueriesContext(connection) as asked:
        keys.find("qamtu_x")
    assert len(asked) == 1
    assert ApiKey.objects.get(pk=key.pk).last_used_at == first
    ApiKey.objects.filter(pk=key.pk).update(last_used_at=timezone.now() - timedelta(minutes=61))
    keys.find("qamtu_x")
    again = ApiKey.objects.get(pk=key.pk).last_used_at
    assert again is not None
    assert timezone.now() - again < timedelta(minutes=10)
    events: Any = ApiKey.pgh_event_model.objects  # type: ignore[attr-defined]
    assert [event.pgh_label for event in events.filter(pgh_obj_id=key.pk)] == ["insert"]


@pytest.mark.parametrize(
    "change",
    [
        {"name": "Other"},
        {"scopes": ["read"]},
        {"expires_at": timezone.now() + timedelta(days=700)},
        {"digest": digest_of("another")},
    ],
)
def test_a_key_stays_as_it_was_made(institution: Institution, change: dict[str, Any]) -> None:
    key = make_api_key(institution)
    with pytest.raises(IntegrityError, match="stays as it was made"), transaction.atomic():
        ApiKey.objects.filter(pk=key.pk).update(**change)
    with pytest.raises(IntegrityError, match="never deleted"), transaction.atomic():
        ApiKey.objects.filter(pk=key.pk).delete()


@pytest.mark.parametrize(
    "over",
    [
        {"scopes": []},
        {"scopes": ["everything"]},
        {"name": ""},
        {"digest": "x"},
        {"expires_at": timezone.now() - timedelta(days=1)},
        {"expires_at": timezone.now() + timedelta(days=750)},
        {"revoked_at": timezone.now() + timedelta(days=1), "revoked_by": None},
    ],
)
def test_the_database_keeps_no_key_that_makes_no_sense(
    institution: Institution, over: dict[str, Any]
) -> None:
    with pytest.raises(IntegrityError, match="institutions_apikey"), transaction.atomic():
        make_api_key(institution, **over)


def test_no_more_than_twenty_are_alive(institution: Institution, signatory: User) -> None:
    made = [make_api_key(institution, by=signatory) for _number in range(20)]
    with pytest.raises(Refused, match="20 keys already"):
        make(institution, signatory)
    keys.revoke(key=made[0], by=signatory)
    assert make(institution, signatory)


@pytest.mark.django_db(transaction=True)
def test_of_two_who_make_the_twentieth_at_once_one_does(institution: Institution, signatory: User) -> None:
    for _number in range(19):
        make_api_key(institution, by=signatory)
    other = make_member(institution, "signatory")
    beside(
        lambda: make(institution, signatory),
        lambda: make(institution, other),
        meanwhile=no_row_is_written("institutions_apikey"),
    )
    assert ApiKey.objects.filter(institution=institution).count() == 20


def test_the_log_shows_no_key_whatever_fails(institution: Institution, signatory: User) -> None:
    key, secret = make(institution, signatory)
    shown = without_tokens(None, "", {"event": f"Authorization: Bearer {secret}", "number": 3})
    assert secret not in str(shown)
    assert key.prefix in str(shown)
