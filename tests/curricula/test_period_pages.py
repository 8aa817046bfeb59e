"""The ministry's pages of a period: its days are moved, and the silent are reminded, by the lead alone."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from curricula import collecting
from curricula.days import days_of
from curricula.errors import Refused
from curricula.models import Extension, Period, SentReminder
from curricula.reminding import addressees, remind
from institutions.letters import worded
from institutions.models import Institution, Letter, User
from tests.at_once import at_once
from tests.factories import (
    make_earlier_period,
    make_institution,
    make_member,
    make_programme,
    make_submission,
    make_version,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]

PAGES = ["extend", "grant", "close", "reopen", "open_early", "remind"]


def in_days(number: int) -> str:
    return (timezone.localdate() + timedelta(days=number)).isoformat()


def address(name: str, *args: Any) -> str:
    return reverse(f"admin:curricula_{name}", args=args)


@pytest.fixture
def leading(client: Client, lead: User) -> Client:
    client.force_login(lead)
    return client


@pytest.mark.parametrize("name", PAGES)
def test_only_the_lead_moves_days_and_reminds(
    client: Client, period: Period, lead: User, reviewer: User, editor: User, name: str
) -> None:
    page = address(f"period_{name}", period.pk)
    for user, status in ((lead, 200), (reviewer, 403), (editor, 302)):
        client.force_login(user)
        assert client.get(page).status_code == status
        if user != lead:
            assert client.post(page, {"reason": "Why"}).status_code == status
    client.force_login(lead)
    assert client.get(address(f"period_{name}", 999_999)).status_code == 404


def test_a_period_is_opened_extended_closed_and_opened_again(leading: Client) -> None:
    days = {"starts_on": in_days(-1), "ends_on": in_days(360), "opens_on": in_days(-1), "due_on": in_days(30)}
    opened = leading.post(
        address("period_add"), {"code": "2031", **days, "closes_on": in_days(60)}, follow=True
    )
    assert "2031/32: opens on" in opened.content.decode()
    period = Period.objects.get(code="2031")
    assert "Give all more time…" in opened.content.decode()
    sent = {"due_on": in_days(40), "closes_on": in_days(70), "reason": "Snow."}
    answer = leading.post(address("period_extend", period.pk), sent, follow=True)
    assert answer.redirect_chain
    closed = leading.post(
        address("period_close", period.pk), {"last_day": in_days(-1), "reason": "Done."}, follow=True
    )
    assert "Open again…" in closed.content.decode()
    leading.post(address("period_reopen", period.pk), sent)
    period.refresh_from_db()
    assert period.is_collecting
    history = leading.get(address("period_history", period.pk)).content.decode()
    assert "Snow." in history
    assert "Done." in history


def test_what_was_typed_stays_when_a_day_is_refused(leading: Client, period: Period) -> None:
    sent = {"due_on": in_days(1), "closes_on": in_days(2), "reason": "Snow in the passes."}
    answer = leading.post(address("period_extend", period.pk), sent)
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "an extension can only make that later" in text
    assert "Snow in the passes." in text


def test_one_university_is_given_time_and_it_is_taken_back(
    client: Client, leading: Client, institution: Institution, reviewer: User
) -> None:
    past = make_earlier_period()
    sent = {
        "institutions": [institution.pk], "due_on": in_days(5), "closes_on": in_days(9), "reason": "Flood.",
    }  # fmt: skip
    page = leading.post(address("period_grant", past.pk), sent, follow=True).content.decode()
    assert "More time until" in page
    extension = Extension.objects.get()
    assert address("extension_change", extension.pk) in page
    back = address("extension_take_back", extension.pk)
    assert back in leading.get(address("extension_change", extension.pk)).content.decode()
    other = Client()
    other.force_login(reviewer)
    assert other.get(back).status_code == 403
    assert other.get(address("extension_changelist")).status_code == 200
    leading.post(back, {"reason": "It was the wrong one."})
    assert not days_of(institution, past).is_open
    text = leading.post(back, {"reason": "Again."}).content.decode()
    assert "has ended already" in text


class TestReminding:
    @pytest.fixture
    def silent(self, institution: Institution, period: Period, editor: User, viewer: User) -> Institution:
        make_programme(institution)
        return institution

    def test_the_silent_and_those_who_have_begun_are_told_apart(
        self, silent: Institution, period: Period
    ) -> None:
        begun = make_institution()
        version = make_version(make_programme(begun), period=period)
        make_submission(begun, period=period, versions=[version])
        make_programme(begun)
        done = make_institution()
        make_submission(done, period=period, versions=[make_version(make_programme(done), period=period)])
        assert [one.institution for one in addressees(period)] == [silent]
        assert [one.institution for one in addressees(period, "unfinished")] == [begun]

    def test_who_gets_it_is_shown_first_and_gets_it_once(
        self, leading: Client, silent: Institution, period: Period, editor: User, viewer: User
    ) -> None:
        page = address("period_remind", period.pk)
        text = leading.get(page).content.decode()
        assert editor.email in text
        assert viewer.email not in text
        sent = {"institutions": [silent.pk], "words": "Call Aigul,\nshe helps."}
        answer = leading.post(page, sent, follow=True).content.decode()
        assert "The letter is on its way to 1 person" in answer
        letter = Letter.objects.get()
        assert (letter.user, letter.kind) == (editor, "reminder")
        assert "Call Aigul, she helps." in worded(letter).text
        assert SentReminder.objects.get().people == 1
        assert leading.post(page, sent).status_code == 422
        assert Letter.objects.count() == 1
        assert "today" in leading.get(page).content.decode()

    def test_nobody_is_written_to_without_a_tick_or_an_account(
        self, leading: Client, silent: Institution, period: Period
    ) -> None:
        alone = make_institution()
        make_programme(alone)
        page = address("period_remind", period.pk)
        assert "Nobody has an account there." in leading.get(page).content.decode()
        for chosen in ([], [alone.pk]):
            answer = leading.post(page, {"institutions": chosen, "words": "Please."})
            assert answer.status_code == 422
            assert "Please." in answer.content.decode()
        assert not Letter.objects.exists()

    def test_only_the_ministry_reminds(self, silent: Institution, period: Period, editor: User) -> None:
        with pytest.raises(Refused, match="Only the ministry"):
            remind(period=period, institutions=[silent.pk], words="", by=editor)

    def test_many_universities_cost_as_many_queries_as_one(
        self, silent: Institution, period: Period, django_assert_max_num_queries: Any
    ) -> None:
        for _number in range(10):
            one = make_institution()
            make_member(one, "editor")
            make_programme(one)
        with django_assert_max_num_queries(8):
            assert len(addressees(period)) == 11


@pytest.mark.django_db(transaction=True)
def test_of_two_who_remind_at_once_one_writes(
    institution: Institution, period: Period, editor: User, lead: User
) -> None:
    make_programme(institution)
    step = lambda: remind(period=period, institutions=[institution.pk], words="", by=lead)  # noqa: E731
    outcomes = at_once(step, step)
    assert sum(isinstance(outcome, Refused) for outcome in outcomes) == 1
    assert SentReminder.objects.count() == 1


def test_the_days_of_a_new_letter_are_those_of_the_university(
    institution: Institution, period: Period, editor: User, lead: User
) -> None:
    make_programme(institution)
    until: date = timezone.localdate() + timedelta(days=100)
    collecting.grant(
        period=period, institutions=[institution], due_on=until, closes_on=until, reason="Flood.", by=lead
    )
    remind(period=period, institutions=[institution.pk], words="", by=lead)
    reminder = Letter.objects.get(kind="reminder")
    assert str(until.year) in reminder.parameters["due"]
    assert reminder.parameters["due"] == Letter.objects.get(kind="days").parameters["due"]
