"""Telling: who is written to of what, and how few letters that takes."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from curricula import reviewing, telling
from curricula.errors import Refused
from curricula.models import CurriculumVersion, Period, Reminder, Submission
from institutions.letters import worded
from institutions.models import Institution, Letter, User
from tests.at_once import at_once, beside, not_yet_committed
from tests.factories import (
    make_import,
    make_institution,
    make_member,
    make_period,
    make_programme,
    make_reviewer,
    make_submission,
    make_version,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]

REASON = "The evidence can't be opened."


@pytest.fixture
def cast(institution: Institution, editor: User, signatory: User, viewer: User) -> Institution:
    """A university with an editor who reads Russian, a signatory who reads English, and a viewer."""
    User.objects.filter(pk=editor.pk).update(language="ru")
    User.objects.filter(pk=signatory.pk).update(language="en")
    make_member(institution, "editor", is_active=False)
    return institution


def handed_in(institution: Institution, number: int, by: User) -> tuple[Submission, list[CurriculumVersion]]:
    submission = make_submission(institution, by=by)
    programmes = [make_programme(institution) for _number in range(number)]
    return submission, [
        make_version(programme, state="submitted", submission=submission) for programme in programmes
    ]


def give_back(version: CurriculumVersion, by: User) -> None:
    reviewing.return_for_correction(version=version, by=by, reason=REASON)


def kinds() -> list[str]:
    return list(Letter.objects.order_by("pk").values_list("kind", flat=True))


def test_editors_and_signatories_are_told_each_in_their_language(
    cast: Institution, signatory: User, editor: User, reviewer: User, stranger: User
) -> None:
    _submission, (version,) = handed_in(cast, 1, signatory)
    give_back(version, reviewer)
    letters = {letter.user: letter for letter in Letter.objects.all()}
    assert set(letters) == {editor, signatory}
    assert (letters[editor].language, letters[signatory].language) == ("ru", "en")
    assert letters[editor].path.startswith("/ru/workspace/kaznu/?period=2025")
    assert cast.name_ru in letters[editor].parameters["institution"]
    text = worded(letters[signatory]).text
    assert f"{version.programme.code}: {REASON}" in text
    assert "#returned" in text


def test_approving_one_by_one_tells_once_when_all_are_decided(
    cast: Institution, signatory: User, reviewer: User
) -> None:
    submission, versions = handed_in(cast, 4, signatory)
    for version in versions[:-1]:
        reviewing.approve(version=version, by=reviewer)
    assert kinds() == []
    reviewing.approve(version=versions[-1], by=reviewer)
    assert kinds() == ["approved"] * 2
    letter = Letter.objects.get(user=signatory)
    assert letter.parameters["approved"] == 4
    assert letter.path == reverse("submission", args=["kaznu", "2025", submission.number])
    assert "all 4 curricula" in worded(letter).text


def test_approving_all_tells_once(cast: Institution, signatory: User, reviewer: User) -> None:
    submission, versions = handed_in(cast, 3, signatory)
    seen = [version.pk for version in versions]
    reviewing.approve_all(submission=submission, by=reviewer, seen_version_ids=seen)
    assert kinds() == ["approved"] * 2


def test_many_returns_make_two_letters(cast: Institution, signatory: User, reviewer: User) -> None:
    """One at the first, one when all is decided."""
    _submission, versions = handed_in(cast, 9, signatory)
    for version in versions[:7]:
        give_back(version, reviewer)
    assert kinds() == ["returned"] * 2
    first = worded(Letter.objects.get(user=signatory)).text
    assert "1 curriculum of submission 1" in first
    assert "8 more are still being reviewed" in first
    reviewing.approve(version=versions[7], by=reviewer)
    assert len(kinds()) == 2
    reviewing.approve(version=versions[8], by=reviewer)
    assert kinds() == ["returned"] * 4
    last = worded(Letter.objects.filter(user=signatory).order_by("-pk")[0]).text
    assert "2 approved, 7 returned" in last
    assert last.count(REASON) == 5
    assert "The reasons for 2 more stand on the page" in last


def test_a_return_of_the_next_day_is_told_again(
    cast: Institution, signatory: User, reviewer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    _submission, versions = handed_in(cast, 3, signatory)
    give_back(versions[0], reviewer)
    tomorrow = timezone.localdate() + timedelta(days=1)
    monkeypatch.setattr(timezone, "localdate", lambda: tomorrow)
    give_back(versions[1], reviewer)
    assert kinds() == ["returned"] * 4


def test_staff_figures_are_told_of_when_they_come_back(
    cast: Institution, signatory: User, reviewer: User
) -> None:
    submission, _versions = handed_in(cast, 1, signatory)
    reviewing.return_staff_figures(submission=submission, by=reviewer, reason="100 is too few.")
    assert kinds() == ["returned"] * 2
    assert "100 is too few." in worded(Letter.objects.all()[0]).text


def test_approved_staff_figures_are_news_only_by_themselves(
    cast: Institution, signatory: User, reviewer: User
) -> None:
    submission, _versions = handed_in(cast, 1, signatory)
    reviewing.approve_staff_figures(submission=submission, by=reviewer)
    assert kinds() == []
    alone = make_submission(cast, by=signatory)
    reviewing.approve_staff_figures(submission=alone, by=reviewer)
    assert kinds() == ["approved"] * 2


def test_a_decision_that_is_refused_tells_nothing(cast: Institution, signatory: User) -> None:
    _submission, (version,) = handed_in(cast, 1, signatory)
    with pytest.raises(Refused):
        reviewing.approve(version=version, by=signatory)
    assert kinds() == []


def test_the_made_up_past_of_a_demonstration_tells_nothing(
    cast: Institution, signatory: User, reviewer: User
) -> None:
    _submission, (version,) = handed_in(cast, 1, signatory)
    reviewing.approve(version=version, by=reviewer, at=timezone.now())
    assert kinds() == []


@pytest.mark.django_db(transaction=True)
def test_of_two_who_decide_on_the_last_at_once_one_tells(cast: Institution, signatory: User) -> None:
    _submission, (one, other) = handed_in(cast, 2, signatory)
    people = make_reviewer(), make_reviewer()
    told = beside(
        lambda: reviewing.approve(version=other, by=people[1]),
        meanwhile=not_yet_committed(lambda: reviewing.approve(version=one, by=people[0])),
    )
    assert told == [other]
    assert kinds() == ["approved"] * 2


def test_who_has_quieted_it_is_not_told(
    cast: Institution, signatory: User, editor: User, reviewer: User
) -> None:
    User.objects.filter(pk=editor.pk).update(quiet=["returned"])
    _submission, (version,) = handed_in(cast, 1, signatory)
    give_back(version, reviewer)
    assert [letter.user for letter in Letter.objects.all()] == [signatory]


# Deadlines


def morning(day: Any, hour: int = 9) -> datetime:
    return datetime.combine(day, datetime.min.time(), ZoneInfo("Asia/Almaty")) + timedelta(hours=hour)


@pytest.fixture
def due(db: None) -> Period:
    return make_period(due_on=timezone.localdate() + timedelta(days=20))


@pytest.mark.parametrize(
    ("days", "told"), [(15, 0), (14, 2), (13, 0), (4, 0), (3, 2), (2, 0), (1, 2), (0, 0), (-1, 0)]
)
def test_before_a_period_is_due_those_are_told_who_have_something_to_do(
    cast: Institution, due: Period, days: int, told: int
) -> None:
    make_programme(cast)
    for _time in range(3):
        telling.tell_of_deadlines(now=morning(due.due_on - timedelta(days=days)))
    assert kinds() == ["deadline"] * told
    if told:
        assert Letter.objects.all()[0].parameters["days"] == days


def test_days_are_those_of_almaty(cast: Institution, due: Period) -> None:
    make_programme(cast)
    day = due.due_on - timedelta(days=3)
    late = morning(day, 23).astimezone(ZoneInfo("UTC"))
    assert late.date() == day
    telling.tell_of_deadlines(now=morning(day, 7))
    assert kinds() == []
    telling.tell_of_deadlines(now=late)
    assert len(kinds()) == 2
    before = morning(day + timedelta(days=1), 1).astimezone(ZoneInfo("UTC"))
    assert before.date() == day  # in Greenwich it is still the day before
    telling.tell_of_deadlines(now=before)
    assert len(kinds()) == 2


def done(cast: Institution, due: Period, signatory: User) -> None:
    make_version(make_programme(cast), period=due, state="approved")
    make_version(make_programme(cast), period=due, state="submitted")


def unfinished(cast: Institution, due: Period, signatory: User) -> None:
    make_version(make_programme(cast), period=due, state="draft")


def sent_back(cast: Institution, due: Period, signatory: User) -> None:
    make_version(make_programme(cast), period=due, state="returned")


def figures_sent_back(cast: Institution, due: Period, signatory: User) -> None:
    done(cast, due, signatory)
    submission = make_submission(cast, period=due, by=signatory)
    Submission.objects.filter(pk=submission.pk).update(
        state="returned", reason="x", decided_at=timezone.now(), decided_by=make_member(cast, "viewer")
    )


@pytest.mark.parametrize(
    ("has", "left"), [(done, None), (unfinished, 1), (sent_back, 1), (figures_sent_back, 0)]
)
def test_what_is_left_to_do(
    cast: Institution, due: Period, signatory: User, has: Callable[..., None], left: int | None
) -> None:
    has(cast, due, signatory)
    assert telling.left_to_do(due).get(cast.pk) == left


def test_closed_universities_and_closed_programmes_are_left_alone(cast: Institution, due: Period) -> None:
    make_programme(cast, active_to=due.starts_on - timedelta(days=1))
    make_programme(make_institution(kind="planned"))
    make_programme(make_institution(closed_on=timezone.localdate() - timedelta(days=1)))
    assert telling.left_to_do(due) == {}


def test_a_deadline_that_is_moved_is_told_of_again(cast: Institution, due: Period) -> None:
    make_programme(cast)
    today = timezone.localdate()
    telling.tell_of_deadlines(now=morning(due.due_on - timedelta(days=3)))
    Period.objects.filter(pk=due.pk).update(due_on=today + timedelta(days=40))
    telling.tell_of_deadlines(now=morning(today + timedelta(days=37)))
    assert len(kinds()) == 4


def test_many_universities_cost_little_more_than_one(due: Period, django_assert_max_num_queries: Any) -> None:
    for _number in range(6):
        place = make_institution()
        make_programme(place)
        make_member(place, "editor", "signatory")
    with django_assert_max_num_queries(13):
        telling.tell_of_deadlines(now=morning(due.due_on - timedelta(days=14)))
    assert len(kinds()) == 6  # each once, though in two roles


@pytest.mark.django_db(transaction=True)
def test_several_workers_remind_once(cast: Institution, due: Period) -> None:
    make_programme(cast)
    moment = morning(due.due_on - timedelta(days=1))
    outcomes = at_once(*[lambda: telling.tell_of_deadlines(now=moment)] * 4)
    assert [outcome for outcome in outcomes if outcome is not None] == []
    assert len(kinds()) == 2
    assert Reminder.objects.count() == 1


# Spreadsheets


def ended(institution: Institution, by: User, *, ago: int = 180, **over: Any) -> Any:
    moment = timezone.now() - timedelta(seconds=ago)
    return make_import(institution, by=by, **{"state": "done", "finished_at": moment, **over})


def test_who_left_is_told_once_what_came_of_the_file(cast: Institution, editor: User) -> None:
    uploaded = ended(cast, editor, rows_read=7, rows_accepted=7)
    for _time in range(3):
        telling.tell_of_imports()
    letter = Letter.objects.get()
    assert (letter.kind, letter.user) == ("import", editor)
    assert letter.path == f"/ru/workspace/kaznu/imports/{uploaded.pk}/"


@pytest.mark.parametrize("state", ["done", "refused", "failed"])
def test_the_letter_says_whether_it_is_saved(cast: Institution, signatory: User, state: str) -> None:
    ended(cast, signatory, state=state)
    telling.tell_of_imports()
    subject = worded(Letter.objects.get()).subject
    assert ("is saved" in subject) == (state == "done")


def test_a_comparison_that_waits_for_a_yes_is_told_of(cast: Institution, signatory: User) -> None:
    moment = timezone.now() - timedelta(minutes=3)
    make_import(cast, by=signatory, state="ready", planned_at=moment, fingerprint="f")
    telling.tell_of_imports()
    assert "waits for your yes" in worded(Letter.objects.get()).subject


def test_who_has_looked_is_not_told(client: Client, cast: Institution, editor: User, signatory: User) -> None:
    uploaded = ended(cast, editor)
    client.force_login(signatory)
    client.get(reverse("import-detail", args=["kaznu", uploaded.pk]))  # another's look does not count
    uploaded.refresh_from_db()
    assert uploaded.seen_at is None
    client.force_login(editor)
    client.get(reverse("import-detail", args=["kaznu", uploaded.pk]))
    telling.tell_of_imports()
    assert kinds() == []


@pytest.mark.parametrize(
    "over",
    [
        {"ago": 60},
        {"ago": 25 * 3600},
        {"state": "cancelled"},
        {"state": "running", "finished_at": None},
    ],
)
def test_nothing_is_told_too_early_too_late_or_of_what_one_did_oneself(
    cast: Institution, editor: User, over: dict[str, Any]
) -> None:
    ended(cast, editor, **over)
    telling.tell_of_imports()
    assert kinds() == []


def test_who_works_there_no_more_or_wants_no_letter_is_not_told(cast: Institution, editor: User) -> None:
    ended(cast, make_member(make_institution(), "editor"))
    User.objects.filter(pk=editor.pk).update(quiet=["import"])
    ended(cast, editor)
    telling.tell_of_imports()
    assert kinds() == []
