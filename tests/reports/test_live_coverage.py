"""Live coverage: stale at once when anything changes, true again after a refresh, nothing lost in between."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from curricula import reviewing
from curricula.models import Period, Programme
from institutions.models import Generation, Heartbeat, Institution, User
from reports import live, snapshots, tasks
from reports.models import Coverage, LiveAssessment, LiveCoverage
from tests.factories import make_earlier_period, make_institution, make_period, make_programme, make_version
from tests.rules import make_exemption, make_requirement

pytestmark = pytest.mark.django_db


def national(period: Period) -> tuple[int, int]:
    (row,) = live.coverage(period=period)
    return row["met"], row["in_scope"]


def test_an_approval_makes_its_institution_stale_and_a_refresh_mends_it(
    period: Period, institution: Institution
) -> None:
    make_requirement()
    programme = make_programme(institution)
    other = make_institution()
    make_programme(other)
    live.refresh()
    assert national(period) == (0, 2)
    make_version(programme, period=period, state="approved")
    assert [row.institution_id for row in Generation.objects.stale()] == [institution.pk]
    since = live.stale_since()
    assert since is not None
    assert since <= timezone.now()
    assert live.refresh() == 1
    assert national(period) == (1, 2)
    assert live.stale_since() is None


def test_a_worker_whose_clock_is_behind_counts_what_was_decided_all_the_same(
    period: Period, institution: Institution, reviewer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_requirement()
    version = make_version(make_programme(institution), period=period, state="submitted")
    reviewing.approve(version=version, by=reviewer)
    behind = timezone.now() - timedelta(minutes=1)
    monkeypatch.setattr(timezone, "now", lambda: behind)
    live.refresh()
    assert live.stale_since(institution.pk) is None
    assert national(period) == (1, 1)


def test_rules_exemptions_and_the_registry_make_it_stale_too(
    period: Period, institution: Institution
) -> None:
    programme = make_programme(institution)
    live.refresh()
    make_requirement()
    assert live.stale_since(institution.pk) is not None
    live.refresh()
    make_exemption(programme)
    assert live.stale_since(institution.pk) is not None
    live.refresh()
    Institution.objects.filter(pk=institution.pk).update(kind="private")
    assert live.stale_since(institution.pk) is not None


def test_typing_a_name_leaves_the_figures_alone(period: Period, institution: Institution) -> None:
    make_requirement()
    live.refresh()
    Institution.objects.filter(pk=institution.pk).update(name_en="Another name")
    assert live.stale_since(institution.pk) is None


def test_live_coverage_equals_a_snapshot_of_the_same_moment(period: Period) -> None:
    make_requirement()
    for number in range(3):
        own = make_institution(kind="private" if number else "state")
        for state in ("approved", "submitted"):
            make_version(make_programme(own), period=period, state=state)
    live.refresh()
    snapshot = snapshots.take(snapshots.request(period=period).pk)
    for dimension, column in (
        ("kind", "kind"),
        ("level", "level"),
        ("field", "field_code"),
        ("region", "region_code"),
    ):
        ours = {row[column]: (row["met"], row["in_scope"]) for row in live.coverage(period=period, by=column)}
        cells = Coverage.objects.filter(snapshot=snapshot, dimension=dimension)
        assert ours == {cell.key: (cell.met, cell.in_scope) for cell in cells}


def test_a_refresh_costs_the_same_number_of_queries_for_one_and_for_many(period: Period) -> None:
    from django.test.utils import CaptureQueriesContext

    make_requirement()
    counts = []
    for size in (1, 5):
        for _ in range(size):
            make_version(make_programme(make_institution()), period=period, state="approved")
        with CaptureQueriesContext(connection) as queries:
            assert live.refresh() == size
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_what_is_in_no_scope_any_more_is_kept_no_longer(period: Period, institution: Institution) -> None:
    make_requirement()
    ended, stays = make_programme(institution), make_programme(institution)
    live.refresh()
    Programme.objects.filter(pk=ended.pk).update(active_to=period.starts_on - timedelta(days=1))
    live.refresh()
    assert [row.programme_id for row in LiveAssessment.objects.all()] == [stays.pk]
    assert national(period) == (0, 1)
    assert live.disagreements() == []


def test_a_period_counts_from_the_day_on_which_it_opens(institution: Institution) -> None:
    make_earlier_period()
    period = make_period(opens_on=timezone.localdate())
    make_requirement()
    for programmes in (1, 2):  # the university as a whole at first, then a few of its programmes
        make_programme(institution)
        live.refresh()
        assert national(period) == (0, programmes)


def test_a_refresh_of_one_university_computes_no_other(period: Period, institution: Institution) -> None:
    make_requirement()
    programme, beside = make_programme(institution), make_programme(institution)
    elsewhere = make_programme(make_institution())
    live.refresh()
    others = LiveAssessment.objects.filter(programme=elsewhere)
    LiveAssessment.objects.filter(programme__in=[beside, elsewhere]).update(outcome="exempt")
    make_version(programme, period=period, state="approved")
    assert live.refresh() == 1
    assert LiveAssessment.objects.get(programme=beside).outcome == "exempt"
    Institution.objects.filter(pk=institution.pk).update(kind="private")
    assert live.refresh() == 1
    assert others.get().outcome == "exempt"


def test_the_daily_check_names_a_hundred_differences_at_most_on_either_side(
    period: Period, institution: Institution
) -> None:
    make_requirement()
    for one in [institution, make_institution()] * 51:
        make_programme(one)
    live.refresh()
    LiveAssessment.objects.update(outcome="exempt")
    outcomes = [text for text in live.disagreements() if text.startswith("outcome")]
    assert [sum(text.endswith(side) for text in outcomes) for side in ("not stored", "stored only")] == [
        100,
        100,
    ]


def test_the_daily_check_finds_a_wrong_cell_and_mends_it(period: Period, institution: Institution) -> None:
    make_requirement()
    make_version(make_programme(institution), period=period, state="approved")
    live.refresh()
    assert live.disagreements() == []
    LiveCoverage.objects.update(met=0, not_met=1)
    assert any("count" in text for text in live.disagreements())
    tasks.check_live()
    assert live.disagreements() == []
    assert national(period) == (1, 1)
    assert Heartbeat.objects.filter(name=live.DIFFERED).exists()


def test_the_daily_check_finds_a_wrong_outcome_too(period: Period, institution: Institution) -> None:
    make_requirement()
    make_version(make_programme(institution), period=period, state="approved")
    live.refresh()
    LiveAssessment.objects.update(outcome="exempt")
    assert any("outcome" in text for text in live.disagreements())
    live.rebuild()
    assert live.disagreements() == []


def test_what_is_stale_is_no_disagreement(period: Period, institution: Institution) -> None:
    make_requirement()
    live.refresh()
    make_version(make_programme(institution), period=period, state="approved")
    assert live.disagreements() == []


def test_the_first_sweep_of_a_day_recomputes_everything(period: Period, institution: Institution) -> None:
    """A requirement may come into effect today although nobody has changed anything since."""
    tasks.sweep()
    assert live.is_whole_today()
    make_requirement()
    make_version(make_programme(institution), period=period, state="approved")
    tasks.sweep()
    LiveAssessment.objects.update(outcome="not_met")
    LiveCoverage.objects.update(met=0, not_met=1)
    tasks.sweep()
    assert national(period) == (0, 1)
    Heartbeat.objects.filter(name=live.WHOLE).update(beat_at=timezone.now() - timedelta(days=1))
    tasks.sweep()
    assert national(period) == (1, 1)
