"""Carrying forward: the step by which a new period starts from the curricula that were approved last.

Each programme that is taught in the new period and has nothing in it yet gets a draft with the lines of its newest
approved curriculum. How many students study by it is a new year's figure, so it is not carried. All in one transaction
and one at a time per institution: pressing the button twice carries once. A fixed number of queries for all.
"""

from dataclasses import dataclass, field

import pghistory
from django.db import connection, transaction
from django.db.models import Count, Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _

from curricula import undoing
from curricula.copying import copy_lines
from curricula.days import collects_from
from curricula.errors import Refused
from curricula.models import Batch, BatchDraft, CurriculumVersion, Period, Programme
from institutions.models import Institution, User

# A draft that somebody begins at this moment stays as it is. `edit_number` counts the carrying as a save, so that
# whoever has an empty form of the programme open is told instead of replacing what was carried.
ADD_DRAFTS = """
    INSERT INTO curricula_curriculumversion (institution_id, programme_id, period_id, number, state, carried_from_id,
        edit_number, edited_by_id, edited_at, reason, content_hash)
    SELECT institution_id, programme_id, %(period)s, 1, 'draft', id, 1, %(by)s, statement_timestamp(), '', ''
    FROM curricula_curriculumversion WHERE id = ANY(%(sources)s) ORDER BY programme_id
    ON CONFLICT DO NOTHING
    RETURNING id, programme_id, carried_from_id
"""


@dataclass(frozen=True)
class Preview:
    """What carrying forward would do, and what it would leave alone.

    `sources` are the versions to be carried, each with `line_count`; `closed` those of programmes that are not taught
    any more. `new` programmes are taught since this year, `without` had nothing approved before, `begun` have a
    curriculum in the period already.
    """

    sources: list[CurriculumVersion] = field(default_factory=list)
    closed: list[CurriculumVersion] = field(default_factory=list)
    new: list[Programme] = field(default_factory=list)
    without: list[Programme] = field(default_factory=list)
    begun: int = 0

    @property
    def line_count(self) -> int:
        return sum(source.line_count for source in self.sources)  # type: ignore[attr-defined]

    @property
    def period_names(self) -> list[str]:
        """The years that the curricula were approved for, newest first."""
        periods = {source.period.code: source.period.name for source in self.sources}
        return [periods[code] for code in sorted(periods, reverse=True)]


def approved_before(institution: Institution, period: Period) -> QuerySet[CurriculumVersion]:
    """The newest valid curriculum of each programme from the periods before, one a programme."""
    versions: QuerySet[CurriculumVersion] = (
        CurriculumVersion.objects.valid_now()
        .filter(institution=institution, period__code__lt=period.code)
        .order_by("programme_id", "-period__code")
        .distinct("programme_id")
    )
    return versions


def preview(institution: Institution, period: Period) -> Preview:
    """What there is to carry forward; four queries."""
    versions = CurriculumVersion.objects.filter(programme=OuterRef("pk"), period=period)
    taught = list(
        Programme.objects.filter(institution=institution)
        .active_in(period)
        .annotate(is_begun=Exists(versions))
        .order_by("code")
    )
    idle = {programme.pk: programme for programme in taught if not programme.is_begun}
    # Counted outside: an aggregate and DISTINCT ON do not go together.
    before = list(
        CurriculumVersion.objects.filter(pk__in=approved_before(institution, period).values("pk"))
        .select_related("programme", "period")
        .annotate(line_count=Count("lines"))
        .order_by("programme__code")
    )
    latest = max((source.period.code for source in before), default="")
    known = {source.programme_id for source in before}
    active = {programme.pk for programme in taught}
    others = [programme for programme in idle.values() if programme.pk not in known]
    last = Period.objects.filter(code__lt=period.code).order_by("-code").first()
    since = last.ends_on if last else None
    return Preview(
        sources=[source for source in before if source.programme_id in idle],
        closed=[
            source for source in before if source.programme_id not in active and source.period.code == latest
        ],
        new=[one for one in others if since and one.active_from > since],
        without=[one for one in others if not since or one.active_from <= since],
        begun=len(taught) - len(idle),
    )


def carry(*, institution: Institution, period: Period, by: User) -> Batch:
    """Begin a draft for every programme that has something to carry and nothing in the period yet.

    Refused where there is nothing left to carry: the second of two who press the button is told so.
    """
    if not collects_from(institution, period):
        raise Refused(
            _("Period %(period)s is not open, so no curriculum can be begun in it.")
            % {"period": period.name},
            code="period_closed",
        )
    with pghistory.context(user=by.pk, action="carry"), transaction.atomic():
        Institution.objects.select_for_update(no_key=True).get(pk=institution.pk)
        sources = _sources(institution, period)
        if not sources:
            raise Refused(
                _("There is nothing left to carry forward: every curriculum that could be is begun already."),
                code="nothing_to_carry",
            )
        batch = undoing.begin(institution=institution, period=period, action=Batch.Action.CARRY, by=by)
        undoing.remember(batch=batch, programmes=list(sources.values()))
        _add(batch, period, list(sources), by)
        undoing.seal(batch=batch)
    return batch


def _sources(institution: Institution, period: Period) -> dict[int, int]:
    """The versions to carry, and their programmes."""
    versions = CurriculumVersion.objects.filter(programme=OuterRef("programme"), period=period)
    taught = Programme.objects.filter(institution=institution).active_in(period)
    found = approved_before(institution, period).filter(
        ~Exists(versions), programme__in=taught.order_by().values("pk")
    )
    return dict(found.values_list("pk", "programme_id"))


def _add(batch: Batch, period: Period, sources: list[int], by: User) -> None:
    with connection.cursor() as cursor:
        cursor.execute(ADD_DRAFTS, {"period": period.pk, "by": by.pk, "sources": sources})
        added = cursor.fetchall()
    copy_lines({draft: source for draft, _programme, source in added})
    begun = [programme for _draft, programme, _source in added]
    # Drafts that others began meanwhile are theirs: undoing must not take them away.
    BatchDraft.objects.filter(batch=batch).exclude(programme__in=begun).delete()
