"""Samples for close reading: what is drawn can be drawn again, readings are kept, and the database keeps the rules."""

from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from curricula import reviewing
from curricula.errors import Refused
from curricula.models import CurriculumVersion, Period, Sample, SampledCurriculum
from curricula.sampling import draw_sample, drawn_again, findings_of, record_reading, take_back_reading
from institutions.models import Institution, User
from tests.at_once import at_once
from tests.factories import (
    make_earlier_period,
    make_institution,
    make_member,
    make_programme,
    make_region,
    make_reviewer,
    make_submission,
    make_version,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]


@pytest.fixture
def curricula(institution: Institution, period: Period) -> list[CurriculumVersion]:
    """Eight that wait at one university, four approved at another."""
    other = make_institution(region=make_region("KZ-75"))
    submission, decided = make_submission(institution), make_submission(other)
    waiting = [
        make_version(make_programme(institution), state="submitted", submission=submission)
        for _one in range(8)
    ]
    approved = [
        make_version(make_programme(other), state="approved", submission=decided) for _one in range(4)
    ]
    make_version(make_programme(institution))
    make_version(state="approved", period=make_earlier_period())
    return [*waiting, *approved]


def drawn(period: Period, by: User, **over: Any) -> Sample:
    return draw_sample(**{"period": period, "of": "waiting", "size": 3, "by": by, **over})


def keys(sample: Sample) -> list[int]:
    return list(sample.curricula.order_by("position").values_list("version", flat=True))


def test_only_curricula_of_the_period_in_that_state_are_drawn(
    curricula: list[CurriculumVersion], period: Period, reviewer: User
) -> None:
    waiting, approved = (
        drawn(period, reviewer, size=8),
        drawn(period, reviewer, of="approved", size=4),
    )
    assert set(keys(waiting)) == {one.pk for one in curricula[:8]}
    assert set(keys(approved)) == {one.pk for one in curricula[8:]}
    assert (waiting.population, approved.population) == (8, 4)


def test_of_a_submission_only_its_own_are_drawn(
    curricula: list[CurriculumVersion], period: Period, reviewer: User
) -> None:
    other = make_submission()
    mine = make_version(make_programme(other.institution), state="submitted", submission=other)
    sample = drawn(period, reviewer, submission=other, size=1)
    assert keys(sample) == [mine.pk]


def test_the_same_seed_at_the_same_state_draws_the_same(
    curricula: list[CurriculumVersion], period: Period, reviewer: User
) -> None:
    one, two = drawn(period, reviewer, seed="17 23 42"), drawn(period, reviewer, seed=" 17 23 42 ")
    assert keys(one) == keys(two)
    assert one.seed == two.seed == "17 23 42"


def test_without_a_seed_chance_makes_one(
    curricula: list[CurriculumVersion], period: Period, reviewer: User
) -> None:
    seeds = {drawn(period, reviewer).seed for _one in range(3)}
    assert len(seeds) == 3
    assert all(len(seed) == 16 for seed in seeds)


def test_a_sample_is_drawn_again_after_decisions_and_moves(
    curricula: list[CurriculumVersion], period: Period, reviewer: User, institution: Institution
) -> None:
    waiting = drawn(period, reviewer, strata="region")
    approved = drawn(period, reviewer, of="approved", strata="kind")
    for version in curricula[:4]:
        reviewing.approve(version=version, by=reviewer)
    make_version(state="submitted")
    institution.region, institution.kind = make_region("KZ-10"), Institution.Kind.PRIVATE
    institution.save(update_fields=["region", "kind"])
    assert drawn_again(waiting)
    assert drawn_again(approved)
    assert waiting.curricula.first().stratum == "KZ-71"  # type: ignore[union-attr]


def test_a_sample_that_somebody_has_made_up_is_not_drawn_again(
    curricula: list[CurriculumVersion], period: Period, reviewer: User
) -> None:
    sample = drawn(period, reviewer, size=2, seed="a")
    others = [one for one in curricula[:8] if one.pk not in keys(sample)]
    forged = Sample.objects.create(
        period=period, of="waiting", size=2, seed="a", as_at=sample.as_at, population=8, drawn_by=reviewer
    )
    for position, version in enumerate(others[:2], start=1):
        SampledCurriculum.objects.create(
            sample=forged, version=version, position=position, institution=version.institution
        )
    assert not drawn_again(forged)


@pytest.mark.parametrize(
    ("over", "code"),
    [({"size": 9}, "too_few"), ({"size": 0}, "size"), ({"size": 501}, "size")],
)
def test_impossible_sizes_are_refused_and_leave_nothing(
    curricula: list[CurriculumVersion], period: Period, reviewer: User, over: dict[str, Any], code: str
) -> None:
    with pytest.raises(Refused) as refused:
        drawn(period, reviewer, **over)
    assert (refused.value.code, refused.value.field) == (code, "size")
    assert not Sample.objects.exists()


def test_from_nothing_nothing_is_drawn(period: Period, reviewer: User) -> None:
    with pytest.raises(Refused, match="no such curriculum"):
        drawn(period, reviewer)


def test_universities_draw_and_read_nothing(
    curricula: list[CurriculumVersion], period: Period, reviewer: User, signatory: User
) -> None:
    with pytest.raises(Refused, match="Only the ministry"):
        drawn(period, signatory)
    one = drawn(period, reviewer).curricula.first()
    assert one
    with pytest.raises(Refused, match="Only the ministry"):
        record_reading(drawn=one, outcome="stood", by=signatory)
    assert not Sample.objects.for_user(signatory).exists()
    assert not SampledCurriculum.objects.for_user(signatory).exists()


def test_what_was_read_is_counted_and_told_of_all_once_all_are_read(
    curricula: list[CurriculumVersion], period: Period, reviewer: User
) -> None:
    sample = drawn(period, reviewer, size=4)
    first, *others = sample.curricula.all()
    record_reading(drawn=first, outcome="failed", note=" The link is dead.\x00 ", by=reviewer)
    for one in others[:2]:
        record_reading(drawn=one, outcome="stood", by=reviewer)
    found = findings_of(sample, sample.curricula.all())
    assert (found.read, found.stood, found.failed, found.left, found.interval) == (3, 2, 1, 1, None)
    record_reading(drawn=others[2], outcome="stood", by=reviewer)
    whole = findings_of(sample, sample.curricula.all()).interval
    assert whole
    assert (whole.low, whole.high, whole.of) == (3, 7, 8)
    first.refresh_from_db()
    assert first.note == "The link is dead."


def test_a_reader_may_think_again_and_nobody_else_may_write_over_it(
    curricula: list[CurriculumVersion], period: Period, reviewer: User, lead: User
) -> None:
    one = drawn(period, reviewer).curricula.get(position=1)
    record_reading(drawn=one, outcome="stood", by=reviewer)
    with pytest.raises(Refused, match="has read this curriculum already"):
        record_reading(drawn=one, outcome="failed", note="No.", by=lead)
    with pytest.raises(Refused, match="has read this curriculum already"):
        take_back_reading(drawn=one, by=lead)
    record_reading(drawn=one, outcome="failed", note="On a second look: no.", by=reviewer)
    take_back_reading(drawn=one, by=reviewer)
    record_reading(drawn=one, outcome="stood", by=lead)
    assert (one.outcome, one.read_by) == ("stood", lead)


def test_what_did_not_stand_says_why(
    curricula: list[CurriculumVersion], period: Period, reviewer: User
) -> None:
    one = drawn(period, reviewer).curricula.get(position=1)
    with pytest.raises(Refused, match="Say what did not stand"):
        record_reading(drawn=one, outcome="failed", note=" ", by=reviewer)
    with pytest.raises(Refused, match="Say whether it stood"):
        record_reading(drawn=one, outcome="", by=reviewer)


def test_nobody_reads_what_they_decided_on(
    curricula: list[CurriculumVersion], period: Period, reviewer: User, lead: User
) -> None:
    reviewing.approve(version=curricula[0], by=reviewer)
    sample = drawn(period, lead, of="approved", size=5)
    one = sample.curricula.get(version=curricula[0])
    with pytest.raises(Refused, match="another person must read it"):
        record_reading(drawn=one, outcome="stood", by=reviewer)
    record_reading(drawn=one, outcome="stood", by=lead)


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE curricula_sample SET seed = 'b'",
        "DELETE FROM curricula_sampledcurriculum",
        "DELETE FROM curricula_sample",
        "TRUNCATE curricula_sample CASCADE",
        "TRUNCATE curricula_sampledcurriculum",
        "UPDATE curricula_sampledcurriculum SET position = position + 100",
        "UPDATE curricula_sampledcurriculum SET outcome = 'stood'",
        "UPDATE curricula_sampledcurriculum SET outcome = 'failed', read_by_id = 0, read_at = now()",
    ],
)
def test_the_database_keeps_what_was_drawn(
    curricula: list[CurriculumVersion], period: Period, reviewer: User, sql: str
) -> None:
    drawn(period, reviewer)
    with connection.cursor() as cursor:
        cursor.execute(
            "SET CONSTRAINTS ALL IMMEDIATE"
        )  # nothing is pending that would forbid TRUNCATE by itself
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)


@pytest.mark.django_db(transaction=True)
def test_of_two_readers_at_once_one_is_told(period: Period, reviewer: User) -> None:
    institution = make_institution()
    make_version(make_programme(institution), state="submitted", submission=make_submission(institution))
    one = drawn(period, reviewer, size=1).curricula.get()
    people = [make_reviewer(), make_reviewer()]
    answers = at_once(
        *(
            lambda by=by: record_reading(
                drawn=SampledCurriculum.objects.get(pk=one.pk), outcome="stood", by=by
            )
            for by in people
        )
    )
    assert sorted(type(answer).__name__ for answer in answers) == ["Refused", "SampledCurriculum"]


def test_a_signer_of_the_ministry_does_not_read_the_own_submission(period: Period, lead: User) -> None:
    institution = make_institution()
    both = make_member(institution, "signatory", is_staff=True)
    submission = make_submission(institution, by=both)
    make_version(make_programme(institution), state="submitted", submission=submission)
    one = drawn(period, lead, size=1).curricula.get()
    with pytest.raises(Refused, match="signed it yourself"):
        record_reading(drawn=one, outcome="stood", by=both)
