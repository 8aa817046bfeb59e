"""The trail can't be written to by hand, whoever asks, and each event says who, whence and why for good."""

from contextlib import nullcontext
from typing import Any

import pghistory
import pgtrigger
import pytest
from django.db import connection, transaction
from django.db.utils import IntegrityError
from django.test import Client
from pghistory.models import Context

from institutions.models import Institution, Region, User
from institutions.trail.guarding import TRIGGER, altered_functions, guard_trail, unguarded
from institutions.trail.tables import CONTEXTS, trail_tables
from tests.factories import make_institution, make_region

pytestmark = pytest.mark.django_db

EVENTS: Any = Region.pgh_event_model.objects  # type: ignore[attr-defined]


def sql(statement: str, *values: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values or None)


def test_every_history_table_is_guarded() -> None:
    assert len(trail_tables()) > 15
    assert {"institutions.User", "curricula.Line"} <= {table.model._meta.label for table in trail_tables()}
    assert unguarded() == []
    assert altered_functions() == []


def test_a_history_table_that_lost_its_trigger_gets_it_back_with_the_next_migration() -> None:
    sql(f"DROP TRIGGER {TRIGGER} ON institutions_regionevent")
    sql(f"ALTER TABLE curricula_fieldevent DISABLE TRIGGER {TRIGGER}")
    assert unguarded() == ["curricula_fieldevent", "institutions_regionevent"]
    guard_trail()
    assert unguarded() == []


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE institutions_regionevent SET name_en = 'Elsewhere'",
        "UPDATE institutions_regionevent SET name_en = name_en WHERE false",
        "DELETE FROM institutions_regionevent",
        "TRUNCATE institutions_regionevent",
        "INSERT INTO institutions_regionevent DEFAULT VALUES",
        f"UPDATE {CONTEXTS} SET metadata = '{{}}'",
        f"DELETE FROM {CONTEXTS}",
        f"INSERT INTO {CONTEXTS} (id, created_at, updated_at, metadata)"
        " VALUES (gen_random_uuid(), now(), now(), '{}')",
    ],
)
def test_nothing_of_the_trail_is_added_changed_or_removed_by_hand(statement: str) -> None:
    make_region()
    for around in (nullcontext, pgtrigger.ignore):
        with pytest.raises(IntegrityError, match="by the database alone"), around(), transaction.atomic():
            sql(statement)


def test_a_later_step_of_the_same_request_does_not_write_over_what_an_earlier_one_said() -> None:
    region = make_region()
    with pghistory.context(user=1, action="first"):
        Region.objects.filter(pk=region.pk).update(name_en="One")
        pghistory.context(action="second", reason="renamed")
        Region.objects.filter(pk=region.pk).update(name_en="Two")
    said = [event.pgh_context.metadata for event in EVENTS.filter(pgh_label="update").order_by("pgh_id")]
    assert said == [{"user": 1, "action": "first"}, {"user": 1, "action": "second", "reason": "renamed"}]


def test_what_one_step_says_is_kept_once() -> None:
    with pghistory.context(user=1, action="load"):
        for code in ("KZ-10", "KZ-11", "KZ-12"):
            make_region(code)
    assert Context.objects.filter(metadata={"user": 1, "action": "load"}).count() == 1


def test_a_change_past_the_program_says_by_which_account_of_the_database() -> None:
    make_region()
    sql("UPDATE institutions_region SET name_en = 'By hand'")
    said = EVENTS.get(name_en="By hand").pgh_context.metadata
    with connection.cursor() as cursor:
        cursor.execute("SELECT session_user")
        assert said["database_user"] == cursor.fetchone()[0]
    assert "user" not in said


@pytest.mark.parametrize(
    ("behind_proxy", "address"), [(False, "203.0.113.9"), (True, "198.51.100.7")], ids=["direct", "proxy"]
)
def test_a_change_of_a_visitor_says_from_where(
    client: Client, lead: User, english: None, settings: Any, behind_proxy: bool, address: str
) -> None:
    settings.BEHIND_PROXY = behind_proxy
    institution = make_institution(code="enu")
    client.force_login(lead)
    client.post(
        f"/en/admin/institutions/institution/{institution.pk}/change/",
        _filled(client, institution) | {"city": "Turkistan"},
        REMOTE_ADDR="203.0.113.9",
        headers={"x-forwarded-for": "192.0.2.1, 198.51.100.7"},
    )
    event = Institution.pgh_event_model.objects.get(city="Turkistan")  # type: ignore[attr-defined]
    said = event.pgh_context.metadata
    assert (said["user"], said["address"]) == (lead.pk, address)
    assert said["url"].endswith("/change/")
    assert len(said["request"]) == 32
    history = client.get(f"/en/admin/institutions/institution/{institution.pk}/history/").content.decode()
    assert address in history


def _filled(client: Client, institution: Institution) -> dict[str, Any]:
    """The form as it is shown."""
    shown = client.get(f"/en/admin/institutions/institution/{institution.pk}/change/").context
    forms = [shown["adminform"].form]
    for inline in shown["inline_admin_formsets"]:
        forms += [inline.formset.management_form, *inline.formset.forms]
    return {
        f"{form.prefix}-{name}" if form.prefix else name: value
        for form in forms
        for name, value in {**form.initial, **{n: form[n].value() for n in form.fields}}.items()
        if value is not None
    }
