"""Periods are opened, extended, closed and opened again; every place that asks for the days finds the same."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from curricula import carrying, collecting, drafting, importing, telling
from curricula.days import collecting_from, collects_from, days_of
from curricula.errors import Refused
from curricula.models import Extension, Import, Period
from curricula.next_steps import next_step
from curricula.progress import progress
from curricula.submitting import problems, submit
from institutions.letters import worded
from institutions.models import Institution, Letter, User
from tests.at_once import at_once, beside, no_decision_ends
from tests.factories import (
    make_earlier_period,
    make_import,
    make_institution,
    make_member,
    make_period,
    make_programme,
    make_user,
    make_version,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]

WHY = "The server of the university burned down."


def in_days(number: int) -> date:
    return timezone.localdate() + timedelta(days=number)


@pytest.fixture
def past(db: None) -> Period:
    return make_earlier_period()


def grant(period: Period, institution: Institution, by: User, due: int = 10, closes: int = 20) -> Extension:
    return collecting.grant(
        period=period,
        institutions=[institution],
        due_on=in_days(due),
        closes_on=in_days(closes),
        reason=WHY,
        by=by,
    )[0]


class TestSteps:
    def test_all_get_more_time_and_those_with_work_left_are_told_why(
        self, institution: Institution, period: Period, editor: User, lead: User
    ) -> None:
        make_programme(institution)
        collecting.extend(period=period, due_on=in_days(40), closes_on=period.closes_on, reason=WHY, by=lead)
        period.refresh_from_db()
        assert period.due_on == in_days(40)
        letter = Letter.objects.get(user=editor)
        assert (letter.kind, WHY in worded(letter).text) == ("days", True)
        event = period.events.order_by("-pgh_id").first()  # type: ignore[attr-defined]
        assert (event.pgh_context.metadata["user"], event.pgh_context.metadata["reason"]) == (lead.pk, WHY)

    @pytest.mark.parametrize(
        ("due", "closes", "code"),
        [(20, 90, "earlier"), (30, 80, "earlier"), (30, 90, "same"), (95, 91, "days")],
    )
    def test_an_extension_is_later(
        self, period: Period, lead: User, due: int, closes: int, code: str
    ) -> None:
        with pytest.raises(Refused) as refusal:
            collecting.extend(
                period=period, due_on=in_days(due), closes_on=in_days(closes), reason=WHY, by=lead
            )
        assert refusal.value.code == code

    def test_a_period_closes_at_once_and_opens_again(
        self, institution: Institution, period: Period, lead: User
    ) -> None:
        collecting.close(period=period, last_day=in_days(-1), reason=WHY, by=lead)
        period.refresh_from_db()
        assert (period.is_collecting, period.due_on) == (False, in_days(-1))
        with pytest.raises(Refused, match="open it again"):
            collecting.extend(period=period, due_on=in_days(5), closes_on=in_days(5), reason=WHY, by=lead)
        collecting.reopen(period=period, due_on=in_days(5), closes_on=in_days(6), reason=WHY, by=lead)
        period.refresh_from_db()
        assert collects_from(institution, period)

    @pytest.mark.parametrize(("last", "code"), [(-2, "past"), (90, "later")])
    def test_what_was_taken_in_is_taken_in(self, period: Period, lead: User, last: int, code: str) -> None:
        with pytest.raises(Refused) as refusal:
            collecting.close(period=period, last_day=in_days(last), reason=WHY, by=lead)
        assert refusal.value.code == code

    def test_a_new_period_is_opened_once(self, period: Period, lead: User) -> None:
        def new() -> Period:
            return Period(
                code="2027", starts_on=in_days(300), ends_on=in_days(660), opens_on=in_days(300),
                due_on=in_days(360), closes_on=in_days(600),
            )  # fmt: skip

        collecting.open_period(period=new(), by=lead)
        with pytest.raises(Refused, match="already"):
            collecting.open_period(period=new(), by=lead)
        collecting.open_early(
            period=Period.objects.get(code="2027"), opens_on=in_days(0), reason=WHY, by=lead
        )
        assert Period.objects.current() == Period.objects.get(code="2027")

    @pytest.mark.django_db(transaction=True)
    def test_a_button_pressed_twice_opens_one_period(self) -> None:
        lead, opens = make_user(is_staff=True), in_days(30)
        days = {"starts_on": opens, "ends_on": in_days(300), "opens_on": opens, "due_on": in_days(60)}
        told = at_once(
            *2 * [
                lambda: collecting.open_period(
                    period=Period(code="2031", closes_on=in_days(90), **days), by=lead
                )
            ]
        )  # fmt: skip
        assert sorted(type(one).__name__ for one in told) == ["Period", "Refused"]

    @pytest.mark.django_db(transaction=True)
    def test_days_granted_twice_at_once_are_granted_once(
        self, past: Period, institution: Institution
    ) -> None:
        lead = make_user(is_staff=True)
        told = beside(*2 * [lambda: grant(past, institution, lead)], meanwhile=no_decision_ends())
        assert [type(one) for one in told] == [Extension, Extension]
        assert Extension.objects.count() == 1

    def test_no_step_without_a_reason_or_by_a_university(
        self, period: Period, lead: User, editor: User
    ) -> None:
        steps: list[Callable[..., Any]] = [
            lambda **who: collecting.close(period=period, last_day=in_days(1), **who),
            lambda **who: collecting.extend(period=period, due_on=in_days(99), closes_on=in_days(99), **who),
            lambda **who: collecting.reopen(period=period, due_on=in_days(99), closes_on=in_days(99), **who),
            lambda **who: collecting.open_early(period=period, opens_on=in_days(1), **who),
            lambda **who: collecting.grant(
                period=period, institutions=[], due_on=in_days(99), closes_on=in_days(99), **who
            ),
        ]
        for step in steps:
            with pytest.raises(Refused, match="Say why"):
                step(reason=" ", by=lead)
            with pytest.raises(Refused, match="Only the ministry"):
                step(reason=WHY, by=editor)


class TestOneUniversity:
    def test_it_alone_gets_more_time_in_a_period_that_has_closed(
        self, institution: Institution, past: Period, signatory: User, lead: User
    ) -> None:
        other = make_institution()
        grant(past, institution, lead)
        assert (collects_from(institution, past), collects_from(other, past)) == (True, False)
        assert list(collecting_from(institution)) == [past]
        assert not collecting_from(other).exists()
        assert days_of(institution, past).due_on == in_days(10)
        assert days_of(other, past).due_on == past.due_on
        letter = Letter.objects.get()
        assert (letter.user, letter.kind) == (signatory, "days")

    def test_it_begins_imports_carries_and_signs_and_no_other_does(
        self, institution: Institution, past: Period, signatory: User, editor: User, lead: User
    ) -> None:
        first, second = make_programme(institution), make_programme(institution)
        older = make_period(
            "2023", starts_on=in_days(-900), ends_on=in_days(-500), opens_on=in_days(-900), due_on=in_days(-800),
            closes_on=in_days(-700),
        )  # fmt: skip
        make_version(second, period=older, state="approved")
        mine: list[int] = []

        def attempts() -> list[Callable[[], Any]]:
            file = SimpleUploadedFile("lines.csv", b"programme_code\n6B06101\n")
            return [
                lambda: drafting.start_draft(programme=first, period=past, by=editor),
                lambda: carrying.carry(institution=institution, period=past, by=editor),
                lambda: importing.start_import(institution=institution, period=past, file=file, by=editor),
                lambda: submit(
                    institution=institution,
                    period=past,
                    by=signatory,
                    faculty_total=10,
                    faculty_trained=1,
                    version_ids=mine,
                ),
            ]

        for attempt in attempts():
            with pytest.raises(Refused) as refusal:
                attempt()
            assert refusal.value.code == "period_closed"
        extension = grant(past, institution, lead)
        for attempt in attempts()[:3]:
            attempt()
        Import.objects.all().delete()
        mine.append(make_version(make_programme(institution), period=past).pk)
        attempts()[3]()
        collecting.take_back(extension=extension, reason=WHY, by=lead)
        with pytest.raises(Refused) as refusal:
            attempts()[2]()
        assert refusal.value.code == "period_closed"

    def test_pages_and_the_next_step_tell_its_own_days(
        self, client: Client, institution: Institution, past: Period, editor: User, lead: User
    ) -> None:
        make_programme(institution)
        assert "closed on" in next_step(progress(institution, past), may_edit=True, may_sign=True).sentence
        assert "period_closed" in {fault.code for fault in problems(institution, past).faults}
        grant(past, institution, lead)
        assert next_step(progress(institution, past), may_edit=True, may_sign=True).kind == "edit"
        assert "period_closed" not in {fault.code for fault in problems(institution, past).faults}
        client.force_login(editor)
        page = reverse("workspace-institution", args=[institution.code])
        text = client.get(page, {"period": past.code}).content.decode()
        assert "10 days left" in text
        assert "granted you more time" in text
        upload = client.get(reverse("import-new", args=[institution.code])).content.decode()
        assert f'value="{past.pk}"' in upload

    def test_a_preview_of_its_import_waits_while_those_of_others_end(
        self, institution: Institution, past: Period, lead: User
    ) -> None:
        grant(past, institution, lead)
        now = timezone.now()
        mine, theirs = (
            make_import(one, period=past, state="ready", planned_at=now, fingerprint="f")
            for one in (institution, make_institution())
        )
        importing.confirming.expire_previews()
        mine.refresh_from_db()
        theirs.refresh_from_db()
        assert (mine.state, theirs.state) == ("ready", "expired")

    def test_closing_for_all_leaves_it_its_days_unless_told(
        self, institution: Institution, period: Period, lead: User
    ) -> None:
        grant(period, institution, lead, due=100, closes=120)
        collecting.close(period=period, last_day=in_days(-1), reason=WHY, by=lead)
        period.refresh_from_db()
        assert collects_from(institution, period)
        collecting.reopen(period=period, due_on=in_days(1), closes_on=in_days(2), reason=WHY, by=lead)
        collecting.close(period=period, last_day=in_days(-1), reason=WHY, by=lead, with_extensions=True)
        period.refresh_from_db()
        assert not collects_from(institution, period)

    def test_a_second_grant_takes_the_place_of_the_first(
        self, institution: Institution, past: Period, lead: User
    ) -> None:
        grant(past, institution, lead)
        grant(past, institution, lead, due=30, closes=30)
        assert Extension.objects.count() == 2
        assert days_of(institution, past).due_on == in_days(30)

    def test_sent_twice_it_is_granted_and_told_once(
        self, institution: Institution, signatory: User, past: Period, lead: User
    ) -> None:
        other = make_institution()
        first = grant(past, institution, lead)
        told = Letter.objects.count()
        assert told
        assert grant(past, institution, lead) == first
        assert Letter.objects.count() == told
        days: Any = {"due_on": in_days(10), "closes_on": in_days(20), "reason": WHY}
        both = collecting.grant(period=past, institutions=[institution, other], **days, by=lead)
        assert {one.institution for one in both} == {institution, other}
        assert list(Extension.objects.filter(institution=institution)) == [first]

    def test_the_database_keeps_what_was_granted(
        self, institution: Institution, past: Period, lead: User
    ) -> None:
        extension = grant(past, institution, lead)
        mine = Extension.objects.filter(pk=extension.pk)
        for change in (
            lambda: mine.update(closes_on=in_days(99)),
            lambda: mine.delete(),
            lambda: Extension.objects.create(
                institution=institution, period=past, due_on=in_days(1), closes_on=in_days(1), reason=WHY,
                granted_by=lead, granted_at=timezone.now(),
            ),
        ):  # fmt: skip
            with pytest.raises(IntegrityError), transaction.atomic():
                change()
        collecting.take_back(extension=extension, reason=WHY, by=lead)
        with pytest.raises(Refused, match="already"):
            collecting.take_back(extension=extension, reason=WHY, by=lead)

    def test_a_university_that_has_closed_hands_in_nothing_more(
        self, institution: Institution, period: Period
    ) -> None:
        institution.closed_on = in_days(0)
        assert not collects_from(institution, period)
        assert not days_of(institution, period).is_open
        assert not collecting_from(institution).exists()

    def test_a_university_that_closes_sooner_is_due_before_that(
        self, institution: Institution, period: Period
    ) -> None:
        institution.closed_on = in_days(3)
        days = days_of(institution, period)
        assert (days.due_on, days.closes_on) == (in_days(2), in_days(2))


def test_letters_of_the_deadline_go_by_its_own_days(
    institution: Institution, period: Period, editor: User, lead: User
) -> None:
    other = make_institution()
    theirs = make_member(other, "editor")
    for one in (institution, other):
        make_programme(one)
    grant(period, institution, lead, due=60, closes=90)
    Letter.objects.all().delete()

    def tell(day: date) -> list[User | None]:
        telling.tell_of_deadlines(now=datetime.combine(day, time(9), ZoneInfo("Asia/Almaty")))
        found = [letter.user for letter in Letter.objects.filter(kind="deadline")]
        Letter.objects.all().delete()
        return found

    assert tell(period.due_on - timedelta(days=3)) == [theirs]
    assert tell(in_days(57)) == [editor]
    assert tell(in_days(57)) == []
