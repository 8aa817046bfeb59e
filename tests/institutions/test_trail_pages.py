"""The trail as an auditor reads it: searched, page by page, exported, and by nobody else."""

import csv
import io
from datetime import timedelta
from typing import Any

import pghistory
import pytest
from django.contrib.auth.models import Group, Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from institutions.errors import Refused
from institutions.models import Institution, Membership, Region, TrailSeal, User
from institutions.trail.searching import Place, Wish, find
from tests.factories import (
    make_institution,
    make_member,
    make_programme,
    make_region,
    make_reviewer,
    make_user,
    make_version,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]

PAGE = "/en/admin/institutions/trailentry/"
CSV = f"{PAGE}trail.csv"
REGIONS, INSTITUTIONS = "institutions_regionevent", "institutions_institutionevent"


@pytest.fixture
def signed_in(client: Client, auditor: User) -> Client:
    client.force_login(auditor)
    return client


def rename(region: Region, name: str, by: User, **said: Any) -> None:
    with pghistory.context(user=by.pk, address="203.0.113.9", **said):
        Region.objects.filter(pk=region.pk).update(name_en=name)


def rows(answer: Any) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode())))


def test_a_change_is_told_with_who_whence_before_after_and_why(signed_in: Client, lead: User) -> None:
    rename(make_region("KZ-10"), "Abai", lead, action="save", reason="renamed by decree")
    page = signed_in.get(PAGE, {"text": "by decree"}).content.decode()
    for told in (
        "Bolat",
        "lead@ministry.kz",
        "203.0.113.9",
        "Region KZ-10",
        "Abai",
        "renamed by decree",
        "Saved",
    ):
        assert told in page
    assert "KZ-10</del> → <ins>Abai" in page


def test_a_deleted_row_is_told_with_what_it_was(
    signed_in: Client, institution: Institution, lead: User
) -> None:
    member = make_member(institution, "editor", email="gone@kaznu.kz")
    with pghistory.context(user=lead.pk):
        Membership.objects.filter(user=member).delete()
    page = signed_in.get(PAGE, {"kind": "institutions_membershipevent", "person": "lead@"}).content.decode()
    assert "deleted" in page
    assert "gone@kaznu.kz" in page or str(member) in page


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"person": "bolat"}, {"Abai"}),
        ({"person": "lead@ministry.kz"}, {"Abai"}),
        ({"kind": REGIONS, "text": "abai"}, {"Abai"}),
        ({"text": "decree"}, {"Abai"}),
        ({"text": "203.0.113.9"}, {"Abai", "Pavlodar"}),
        ({"text": "100%"}, set()),
        ({"kind": "curricula_fieldevent"}, set()),
        ({"since": "2999-01-01"}, set()),
        ({"until": "2001-01-01"}, set()),
    ],
)
def test_one_searches_by_person_kind_day_and_text(
    signed_in: Client, lead: User, asked: dict[str, str], expected: set[str]
) -> None:
    rename(make_region("KZ-10"), "Abai", lead, reason="by decree")
    rename(make_region("KZ-11"), "Pavlodar", make_reviewer(first_name="Dana"))
    shown = {row["name_en"] for row in _updates(signed_in, asked)}
    assert shown == expected


def _updates(client: Client, asked: dict[str, str]) -> list[dict[str, Any]]:
    import json

    return [json.loads(row["after"]) for row in rows(client.get(CSV, asked)) if row["change"] == "update"]


def test_one_searches_by_university_and_finds_all_kinds_of_its_rows(signed_in: Client) -> None:
    ours, other = make_institution(code="ours"), make_institution(code="other")
    make_version(make_programme(ours))
    make_version(make_programme(other))
    found = rows(signed_in.get(CSV, {"institution": str(ours.pk)}))
    assert {"institutions.institution", "curricula.programme", "curricula.curriculumversion"} <= {
        row["kind"] for row in found
    }
    assert "other" not in str(found)
    everything = rows(signed_in.get(CSV))
    assert len(everything) > len(found) * 1.5


def test_today_is_the_readers_day(signed_in: Client, lead: User) -> None:
    rename(make_region("KZ-10"), "Abai", lead)
    today = timezone.localdate()
    days = {"since": today.isoformat(), "until": today.isoformat()}
    assert len(_updates(signed_in, {**days, "kind": REGIONS})) == 1
    yesterday = (today - timedelta(days=1)).isoformat()
    assert not _updates(signed_in, {"since": yesterday, "until": yesterday})


def test_pages_follow_one_another_without_a_gap_and_without_doubles(db: None) -> None:
    """In one transaction all events have one moment, which is the hardest case of all."""
    for number in range(10, 20):
        make_institution(region=make_region(f"KZ-{number}"))
    everything = [entry.place for entry in find(Wish(), limit=1000)]
    assert len({place.table for place in everything}) >= 2
    page_by_page: list[Place] = []
    while page := find(Wish(), after=page_by_page[-1] if page_by_page else None, limit=3):
        page_by_page += [entry.place for entry in page]
    assert page_by_page == everything
    assert len(set(everything)) == len(everything)


def test_the_page_leads_to_the_earlier_ones(signed_in: Client, lead: User) -> None:
    region = make_region("KZ-10")
    for number in range(60):
        rename(region, f"Name {number:03}", lead)
    first = signed_in.get(PAGE, {"kind": REGIONS, "person": "bolat"})
    assert [entry.row for entry in first.context["entries"]] == [f"Name {n:03}" for n in range(59, 9, -1)]
    second = signed_in.get(PAGE, {"kind": REGIONS, "person": "bolat", "after": str(first.context["next"])})
    assert [entry.row for entry in second.context["entries"]] == [f"Name {n:03}" for n in range(9, -1, -1)]
    assert second.context["next"] is None
    assert signed_in.get(PAGE, {"after": "nonsense"}).status_code == 200


def test_the_page_asks_as_many_queries_for_many_kinds_of_rows_as_for_few(
    signed_in: Client, institution: Institution
) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert signed_in.get(PAGE).status_code == 200
        return len(asked)

    make_version(make_programme(institution), state="approved")
    few = queries()
    for _number in range(4):
        for university in (make_institution(), make_institution()):
            make_version(make_programme(university), state="approved")
    assert (few, queries()) <= (21, few)


def test_a_role_in_the_ministry_is_told_as_it_is_given_and_taken_away(signed_in: Client, lead: User) -> None:
    person, role = make_user("dana@gov.kz"), Group.objects.get(name="reviewer")
    with pghistory.context(user=lead.pk):
        person.groups.add(role)
        person.groups.remove(role)
    roles = signed_in.get(PAGE, {"kind": "institutions_ministryroleevent"})
    taken, given = roles.context["entries"][:2]
    for entry, action in ((given, "added"), (taken, "deleted")):
        assert (entry.kind, entry.change.action, entry.change.person) == (
            "role in the ministry",
            action,
            lead,
        )
        assert {detail.label for detail in entry.change.details} == {"User", "Group"}
    steward = Group.objects.get(name="data-steward")
    person.groups.add(steward)
    russian = signed_in.get(PAGE.replace("/en/", "/ru/"), {"kind": "institutions_ministryroleevent"})
    assert "куратор данных" in russian.content.decode()


def test_what_a_role_may_do_is_told_as_it_is_given_and_taken_away(signed_in: Client) -> None:
    role, right = Group.objects.get(name="auditor"), Permission.objects.get(codename="delete_region")
    role.permissions.add(right)
    role.permissions.remove(right)
    taken, given = signed_in.get(PAGE, {"kind": "institutions_rolerightevent"}).context["entries"][:2]
    for entry, action in ((given, "added"), (taken, "deleted")):
        assert (entry.kind, entry.change.action) == ("right of a role", action)
        values = {detail.now if action == "added" else detail.was for detail in entry.change.details}
        assert values == {"auditor", str(right)}


def test_a_search_that_takes_too_long_is_refused_with_a_way_out() -> None:
    """Here another session holds a table, which takes as long as one likes."""
    other = connection.copy()
    try:
        other.set_autocommit(False)
        with other.cursor() as cursor:
            cursor.execute(f"LOCK TABLE {REGIONS} IN ACCESS EXCLUSIVE MODE")
        with pytest.raises(Refused, match="Name a day, a person, a university"):
            find(Wish(text="x"), patience="50ms")
    finally:
        other.close()
    assert find(Wish(text="x"), patience="10s") == []


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"person": "nobody at all"}, "Nobody is called so."),
        ({"since": "2026-11-02", "until": "2026-11-01"}, "This day is before the first."),
        ({"since": "the first"}, "Enter a valid date."),
        ({"kind": "pg_authid"}, "Select a valid choice."),
    ],
)
def test_what_can_not_be_searched_for_is_told_and_stays_in_the_form(
    signed_in: Client, asked: dict[str, str], told: str
) -> None:
    for address in (PAGE, CSV):
        answer = signed_in.get(address, {**asked, "text": "kept as typed"})
        assert answer.status_code == 422
        assert told in answer.content.decode()
        assert "kept as typed" in answer.content.decode()


def test_the_export_names_person_place_step_and_seal(signed_in: Client, lead: User) -> None:
    region = make_region("KZ-10")
    rename(region, "Abai", lead, action="save", reason="=cmd()|' /C calc'!A0", url="/en/x/", request="f" * 32)
    event: Any = Region.pgh_event_model.objects.latest("pgh_id")  # type: ignore[attr-defined]
    TrailSeal.objects.create(
        number=1, table=REGIONS, after_id=0, upto_id=event.pgh_id, rows=2, columns=[], digest="d", hash="h",
        sealed_at=timezone.now(),
    )  # fmt: skip
    row = rows(signed_in.get(CSV, {"kind": REGIONS}))[0]
    assert row.pop("at").startswith(str(timezone.now().year))
    assert row == {
        "person": str(lead.pk),
        "email": "lead@ministry.kz",
        "key": "",
        "database_user": "",
        "address": "203.0.113.9",
        "url": "/en/x/",
        "request": "f" * 32,
        "step": "save",
        "reason": "'=cmd()|' /C calc'!A0",
        "kind": "institutions.region",
        "row": str(region.pk),
        "change": "update",
        "before": '{"name_en": "Region KZ-10"}',
        "after": '{"name_en": "Abai"}',
        "event": f"{REGIONS}:{event.pgh_id}",
        "seal": "1",
    }


def test_auditor_and_lead_read_the_trail(client: Client, auditor: User, lead: User) -> None:
    for user in (auditor, lead):
        client.force_login(user)
        assert client.get(PAGE).status_code == 200
        assert client.get(CSV).status_code == 200
        assert PAGE in client.get("/en/admin/").content.decode()


def test_nobody_else_reads_the_trail(client: Client, reviewer: User, steward: User, editor: User) -> None:
    for user, status in ((reviewer, 403), (steward, 403), (editor, 302), (None, 302)):
        client.logout()
        if user:
            client.force_login(user)
        for address in (PAGE, CSV):
            assert client.get(address).status_code == status, (user, address)
    client.force_login(reviewer)
    assert PAGE not in client.get("/en/admin/").content.decode()


def test_nobody_changes_the_trail_not_even_a_superuser(client: Client) -> None:
    client.force_login(User.objects.create_superuser("root@ministry.kz"))
    make_region()
    for address in (f"{PAGE}add/", f"{PAGE}1/change/", f"{PAGE}1/delete/", f"{PAGE}1/history/"):
        assert client.get(address).status_code == 404
    assert client.post(PAGE, {"action": "delete_selected"}).status_code in (200, 405)
    seals = "/en/admin/institutions/trailseal/"
    assert client.get(f"{seals}add/").status_code == 403
    assert client.get(f"{PAGE}").status_code == 200
