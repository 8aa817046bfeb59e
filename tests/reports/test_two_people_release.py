"""A release takes two people; until its time it can be taken back, and the trace stays."""

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.utils import timezone
from pghistory.models import Events

from curricula.models import Period
from institutions.locks import one_at_a_time
from institutions.models import Institution, User
from reports import releasing, snapshots, verifying
from reports.errors import Refused
from reports.models import Release, ReleaseFile, ReleaseProposal, Snapshot
from tests.at_once import beside, no_row_is_written
from tests.factories import make_period, make_programme, make_reviewer, make_version
from tests.rules import make_requirement

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]


@pytest.fixture
def snapshot(period: Period, institution: Institution) -> Snapshot:
    make_requirement()
    make_version(make_programme(institution), period=period, state="approved")
    return verified(period)


def verified(period: Period) -> Snapshot:
    return verifying.verify(snapshots.take(snapshots.request(period=period).pk).pk)


def in_hours(hours: float) -> Any:
    return timezone.now() + timedelta(hours=hours)


def test_what_one_person_proposes_is_no_release(snapshot: Snapshot, lead: User) -> None:
    releasing.propose(snapshot=snapshot, by=lead)
    assert not Release.objects.exists()


def test_the_second_person_makes_the_release(snapshot: Snapshot, lead: User, deputy: User) -> None:
    at = in_hours(2)
    notes = {"kk": "Алғашқы", "ru": "Первая", "en": "The first"}
    proposal = releasing.propose(snapshot=snapshot, by=lead, publish_at=at, notes=notes)
    release = releasing.confirm(proposal=proposal, by=deputy)
    assert (release.number, release.publish_at, release.notes_kk) == (1, at, "Алғашқы")
    assert (release.released_by, release.proposal) == (deputy, proposal)


def test_nobody_confirms_what_they_proposed(snapshot: Snapshot, lead: User) -> None:
    proposal = releasing.propose(snapshot=snapshot, by=lead)
    with pytest.raises(Refused) as refused:
        releasing.confirm(proposal=proposal, by=lead)
    assert refused.value.code == "same_person"
    assert not Release.objects.exists()


def test_the_database_too_wants_two_people(snapshot: Snapshot, lead: User) -> None:
    proposal = releasing.propose(snapshot=snapshot, by=lead)
    with pytest.raises(IntegrityError, match="two_people"), transaction.atomic():
        ReleaseProposal.objects.filter(pk=proposal.pk).update(
            confirmed_by=lead, confirmed_at=timezone.now(), number=1
        )


def test_the_database_makes_no_release_that_nobody_confirmed_or_another_than_was_confirmed(
    snapshot: Snapshot, lead: User, deputy: User
) -> None:
    now = timezone.now()
    row = {"number": 1, "snapshot": snapshot, "publish_at": now, "released_at": now, "released_by": lead}
    proposal = releasing.propose(snapshot=snapshot, by=lead, notes={"en": "As agreed"})
    for over in ({}, {"proposal": proposal}):
        with pytest.raises(IntegrityError, match="a second confirmed"), transaction.atomic():
            Release.objects.create(**row, **over)
    ReleaseProposal.objects.filter(pk=proposal.pk).update(confirmed_by=deputy, confirmed_at=now, number=1)
    with pytest.raises(IntegrityError, match="a second confirmed"), transaction.atomic():
        Release.objects.create(**row, proposal=proposal, notes_en="Something else")
    Release.objects.create(**row, proposal=proposal, notes_en="As agreed")


def test_what_was_proposed_stays_as_it_is(snapshot: Snapshot, lead: User) -> None:
    proposal = releasing.propose(snapshot=snapshot, by=lead)
    mine = ReleaseProposal.objects.filter(pk=proposal.pk)
    with pytest.raises(IntegrityError, match="stays as it is"), transaction.atomic():
        mine.update(notes_en="Other words")
    with pytest.raises(IntegrityError, match="never deleted"), transaction.atomic():
        mine._raw_delete("default")


def test_the_second_of_two_who_propose_a_snapshot_is_told(
    snapshot: Snapshot, lead: User, deputy: User
) -> None:
    releasing.propose(snapshot=snapshot, by=lead)
    with pytest.raises(Refused) as refused:
        releasing.propose(snapshot=snapshot, by=deputy)
    assert refused.value.code == "proposed"


def test_the_second_of_two_who_confirm_is_told(
    snapshot: Snapshot, lead: User, deputy: User, reviewer: User
) -> None:
    proposal = releasing.propose(snapshot=snapshot, by=lead)
    releasing.confirm(proposal=proposal, by=deputy)
    with pytest.raises(Refused) as refused:
        releasing.confirm(proposal=proposal, by=reviewer)
    assert refused.value.code == "confirmed"
    assert Release.objects.count() == 1


def test_confirmed_after_its_time_it_is_public_at_once(snapshot: Snapshot, lead: User, deputy: User) -> None:
    early = timezone.now() - timedelta(hours=3)
    proposal = releasing.propose(snapshot=snapshot, by=lead, at=early, publish_at=early + timedelta(hours=1))
    release = releasing.prepare(releasing.confirm(proposal=proposal, by=deputy).pk)
    assert release in Release.objects.published()
    assert timezone.now() - release.publish_at < timedelta(minutes=1)


def test_before_its_time_it_is_withdrawn_with_its_files_and_the_trace_stays(
    snapshot: Snapshot, lead: User, deputy: User
) -> None:
    proposal = releasing.propose(snapshot=snapshot, by=lead, publish_at=in_hours(2))
    release = releasing.prepare(releasing.confirm(proposal=proposal, by=deputy).pk)
    withdrawn = releasing.withdraw(proposal=proposal, by=lead, reason="A note names the wrong year.")
    assert not Release.objects.exists()
    assert not ReleaseFile.objects.exists()
    assert (withdrawn.withdrawn_by, withdrawn.confirmed_by, withdrawn.number) == (lead, deputy, 1)
    told = Events.objects.tracks(withdrawn).order_by("pgh_id").last()
    assert told.pgh_context["reason"] == "A note names the wrong year."
    assert [event.pgh_label for event in Events.objects.tracks(release)][-1] == "delete"


def test_what_was_withdrawn_can_be_proposed_anew_and_takes_its_number(
    snapshot: Snapshot, lead: User, deputy: User
) -> None:
    unconfirmed = releasing.propose(snapshot=snapshot, by=lead)
    releasing.withdraw(proposal=unconfirmed, by=lead, reason="Too early.")
    first = releasing.propose(snapshot=snapshot, by=lead, publish_at=in_hours(2))
    releasing.confirm(proposal=first, by=deputy)
    releasing.withdraw(proposal=first, by=deputy, reason="The notes.")
    again = releasing.propose(snapshot=snapshot, by=deputy, notes={"en": "Mended"})
    assert releasing.confirm(proposal=again, by=lead).number == 1
    for withdrawn, by in ((first, lead), (unconfirmed, deputy)):
        with pytest.raises(Refused) as refused:
            releasing.confirm(proposal=withdrawn, by=by)
        assert refused.value.code == "withdrawn"


@pytest.mark.parametrize("hours", [None, 0.01])
def test_what_is_public_or_about_to_be_is_not_withdrawn(
    snapshot: Snapshot, lead: User, deputy: User, hours: float | None
) -> None:
    at = in_hours(hours) if hours else None
    proposal = releasing.propose(snapshot=snapshot, by=lead, publish_at=at)
    release = releasing.prepare(releasing.confirm(proposal=proposal, by=deputy).pk)
    with pytest.raises(Refused) as refused:
        releasing.withdraw(proposal=proposal, by=lead, reason="Too late")
    assert refused.value.code == "too_late"
    with pytest.raises(IntegrityError, match="can't be withdrawn"), transaction.atomic():
        ReleaseProposal.objects.filter(pk=proposal.pk).update(
            withdrawn_by=lead, withdrawn_at=timezone.now(), withdrawal_reason="Too late"
        )
    for rows in (Release.objects.filter(pk=release.pk), release.files.all()):
        with pytest.raises(IntegrityError), transaction.atomic():
            rows._raw_delete("default")


def test_a_withdrawal_says_why(snapshot: Snapshot, lead: User) -> None:
    proposal = releasing.propose(snapshot=snapshot, by=lead)
    with pytest.raises(Refused) as refused:
        releasing.withdraw(proposal=proposal, by=lead, reason="  ")
    assert refused.value.field == "reason"


def test_what_nobody_has_read_is_withdrawn_not_corrected(
    snapshot: Snapshot, period: Period, lead: User, deputy: User
) -> None:
    proposal = releasing.propose(snapshot=snapshot, by=lead, publish_at=in_hours(2))
    later = releasing.confirm(proposal=proposal, by=deputy)
    with pytest.raises(Refused) as refused:
        releasing.propose(snapshot=verified(period), by=lead, corrects=later, correction_reason="Wrong")
    assert refused.value.code == "not_public"


def test_universities_neither_propose_nor_confirm_nor_withdraw(
    snapshot: Snapshot, lead: User, signatory: User
) -> None:
    with pytest.raises(Refused):
        releasing.propose(snapshot=snapshot, by=signatory)
    proposal = releasing.propose(snapshot=snapshot, by=lead)
    with pytest.raises(Refused):
        releasing.confirm(proposal=proposal, by=signatory)
    with pytest.raises(Refused):
        releasing.withdraw(proposal=proposal, by=signatory, reason="Mine")


def test_the_command_names_two_people(snapshot: Snapshot, lead: User, deputy: User) -> None:
    with pytest.raises(CommandError, match="--confirmed-by"):
        call_command("publish_release", by=lead.email)
    with pytest.raises(CommandError, match="second person"):
        call_command("publish_release", by=lead.email, confirmed_by=lead.email)
    assert not ReleaseProposal.objects.exists()
    call_command("publish_release", by=lead.email, confirmed_by=deputy.email, notes_en="By command")
    assert Release.objects.published().get().notes_en == "By command"


def test_the_command_confirms_what_was_proposed_in_the_admin(
    snapshot: Snapshot, lead: User, deputy: User, reviewer: User
) -> None:
    releasing.propose(snapshot=snapshot, by=lead, notes={"en": "Proposed"})
    with pytest.raises(CommandError, match="may not release"):
        call_command("publish_release", by=reviewer.email)
    with pytest.raises(CommandError, match="leave out --notes"):
        call_command("publish_release", by=deputy.email, notes_en="Others")
    call_command("publish_release", by=deputy.email)
    release = Release.objects.published().get()
    assert (release.notes_en, release.released_by) == ("Proposed", deputy)


@pytest.mark.django_db(transaction=True)
def test_a_withdrawal_waits_for_the_files_of_what_was_confirmed_just_before_it() -> None:
    """It had looked for the release before it waited for the confirmation, and deleted it under the files."""
    make_requirement()
    period = make_period()
    make_version(make_programme(), period=period, state="approved")
    people = [make_reviewer(), make_reviewer()]
    proposal = releasing.propose(snapshot=verified(period), by=people[0], publish_at=in_hours(2))

    @contextmanager
    def confirming() -> Iterator[None]:
        with ExitStack() as others_wait:
            others_wait.enter_context(one_at_a_time("release", 0))
            yield
            release = releasing.confirm(proposal=proposal, by=people[1])
            with one_at_a_time("release-files", release.pk), transaction.atomic():
                ReleaseFile.objects.create(release=release, name="a", media_type="b", content=b"", sha256="c")
                others_wait.close()
                time.sleep(0.4)

    told = beside(
        lambda: releasing.withdraw(proposal=proposal, by=people[0], reason="Wrong"), meanwhile=confirming()
    )
    assert [type(one).__name__ for one in told] == ["ReleaseProposal"]
    assert not Release.objects.exists()


def proposed_twice_at_once(period: Period, *people: User) -> list[str]:
    snapshot = verified(period)
    told = beside(
        *(lambda by=by: releasing.propose(snapshot=snapshot, by=by) for by in people),
        meanwhile=no_row_is_written("reports_releaseproposal"),
    )
    assert ReleaseProposal.objects.count() == 1
    return sorted(type(one).__name__ for one in told)


def confirmed_two_at_once(period: Period, *people: User) -> list[str]:
    proposals = [releasing.propose(snapshot=verified(period), by=people[0]) for _number in range(2)]
    told = beside(
        *(lambda one=one: releasing.confirm(proposal=one, by=people[1]) for one in proposals),
        meanwhile=no_row_is_written("reports_release"),
    )
    return sorted(type(one).__name__ for one in told)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("at_once", "outcomes"),
    [(proposed_twice_at_once, ["Refused", "ReleaseProposal"]), (confirmed_two_at_once, ["Release"] * 2)],
)
def test_of_two_at_once_each_is_done_or_told(
    period: Period, lead: User, deputy: User, at_once: Any, outcomes: list[str]
) -> None:
    make_requirement()
    assert at_once(period, lead, deputy) == outcomes


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("at_once", [proposed_twice_at_once, confirmed_two_at_once])
def test_without_the_lock_one_of_them_would_meet_an_error_of_the_database(
    period: Period, lead: User, deputy: User, monkeypatch: pytest.MonkeyPatch, at_once: Any
) -> None:
    """The negative control."""
    make_requirement()
    monkeypatch.setattr(releasing, "one_at_a_time", lambda *_subject: nullcontext())
    assert "IntegrityError" in at_once(period, lead, deputy)
