"""Telling: which letters the flow of curricula causes, to whom, and how few of them.

Editors and signatories of the institution are told, each in their language, unless they have quieted the kind:

- *returned*: when the ministry has returned a curriculum or the staff figures. Of a reviewer who returns twenty in a
  row there is one letter at the first, that day, and one when no curriculum of the submission is left to decide.
- *approved*: when no curriculum of the submission is left to decide and none was returned: one letter for all of them.
- *deadline*: 14, 3 and 1 days before a period is due, in the morning, where anything is left to do. It is due on
  another day for whom the ministry has granted more time.
- *import*: to whoever handed in a spreadsheet and did not look at the result within two minutes of its end.

The first two are written in the transaction of the decision. The others are looked for by a task, which finds the same
however often it runs. `once` of a letter is what makes it the only one about its subject.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from functools import partial
from itertools import chain
from typing import Any

from django.db import transaction
from django.db.models import Count, Exists, F, OuterRef, Q, Subquery, Value
from django.db.models.fields import CharField
from django.db.models.functions import Cast, Coalesce, Concat
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import Truncator

from curricula.models import CurriculumVersion, Extension, Import, Period, Programme, Reminder, Submission
from institutions.access import EDITOR, SIGNATORY
from institutions.letters import Composed, drafted, post
from institutions.models import Institution, Letter, Membership, User
from institutions.moments import database_now

DAYS_BEFORE = (14, 3, 1)
FROM = time(8)  # nobody wants a letter at midnight
REASONS = 5
LEFT_AFTER = timedelta(minutes=2)
NEWS_FOR = timedelta(days=1)
AT_ONCE = 200

# Of an import: whom its result is for, and since when there has been one; it is compared first and saved after a yes.
PERSON = Coalesce("confirmed_by", "uploaded_by")
ENDED = Coalesce("finished_at", "planned_at")
UNSEEN = Q(seen_at=None) | Q(seen_at__lt=F("ended_at"))


def tell_of_decision(*, submission: Submission, returned: bool) -> None:
    """After a decision on curricula of the submission; `returned` if the decision was a return.

    The decision has locked the submission (`claiming.refuse_if_held`): of two reviewers who decide on the last two
    curricula at the same moment, the second sees that nothing is left.
    """
    submission = _as_it_is(submission)
    states = submission.versions.order_by().values_list("state").annotate(n=Count("pk"))
    counts = {"submitted": 0, "approved": 0, "returned": 0, **dict(states)}
    if counts["submitted"] and not returned:
        return
    about = {
        "approved": counts["approved"],
        "returned": counts["returned"],
        "waiting": counts["submitted"],
        "settled": not counts["submitted"],
    }
    if counts["returned"]:
        once = (
            f"returned:{submission.pk}:{timezone.localdate()}"
            if counts["submitted"]
            else f"decided:{submission.pk}"
        )
        _tell(Letter.Kind.RETURNED, submission, once, {**about, **_reasons(submission)})
    else:
        _tell(Letter.Kind.APPROVED, submission, f"decided:{submission.pk}", about)


def tell_of_staff_figures(*, submission: Submission) -> None:
    """After a decision on the staff figures. Approved ones are news only where nothing else was handed in."""
    submission = _as_it_is(submission)
    if submission.state == Submission.State.RETURNED:
        staff = {"staff": Truncator(submission.reason).chars(600), "settled": False}
        _tell(Letter.Kind.RETURNED, submission, f"returned-staff:{submission.pk}", staff)
    elif not submission.versions.exists():
        _tell(Letter.Kind.APPROVED, submission, f"decided:{submission.pk}", {"approved": 0})


def tell_of_deadlines(*, now: datetime | None = None) -> None:
    """Once for each period and number of days, however often it is asked, by days as they are counted in Almaty."""
    moment = timezone.localtime(now or database_now())
    if moment.time() < FROM:
        return
    today = moment.date()
    days = {today + timedelta(days=before): before for before in DAYS_BEFORE}
    for period, due_on, only, but in _due(today, list(days)):
        _remind(period, due_on, days[due_on], only, but)


def _due(today: date, days: list[date]) -> Iterator[tuple[Period, date, frozenset[int], frozenset[int]]]:
    """Periods with a day that they are due on, for all institutions `but` some, or for `only` some."""
    granted: dict[Period, dict[date, set[int]]] = defaultdict(lambda: defaultdict(set))
    live = Extension.objects.live().filter(closes_on__gte=today, period__opens_on__lte=today)
    for own in live.filter(due_on__gt=F("period__due_on")).select_related("period"):
        granted[own.period][own.due_on].add(own.institution_id)
    for period in Period.objects.collecting(today).filter(due_on__in=days):
        later = frozenset(chain.from_iterable(granted[period].values()))
        yield period, period.due_on, frozenset(), later
    for period, by_day in granted.items():
        for due_on in set(days) & set(by_day):
            yield period, due_on, frozenset(by_day[due_on]), frozenset()


def tell_of_imports() -> None:
    """Spreadsheets that wait for a yes or have ended while whoever handed them in had gone."""
    now = database_now()
    parts: list[Any] = ["import:", Cast("pk", CharField()), ":", F("state"), ":", Cast("person", CharField())]
    unseen = (
        Import.objects.filter(state__in=["ready", "done", "refused", "failed"])
        .exclude(state="done", key__isnull=False)  # a program that has what it wanted
        .annotate(person=PERSON, ended_at=ENDED)
        .filter(UNSEEN, ended_at__gt=now - NEWS_FOR, ended_at__lte=now - LEFT_AFTER)
        .annotate(once=Concat(*(Value(part) if isinstance(part, str) else part for part in parts)))
        .filter(
            ~Exists(Letter.objects.filter(once=OuterRef("once"))),
            Exists(Membership.objects.filter(user=OuterRef("person"), institution=OuterRef("institution"))),
        )
        .select_related("institution", "period", "uploaded_by", "confirmed_by")
        .order_by("ended_at")[:AT_ONCE]
    )
    letters: list[Letter] = []
    for ended in unseen:
        letters += drafted(
            kind=Letter.Kind.IMPORT,
            to=[ended.confirmed_by or ended.uploaded_by],
            once=f"import:{ended.pk}:{ended.state}",
            compose=partial(_of_import, ended),
        )
    with transaction.atomic():
        post(letters)


def saw(*, ended: Import, by: User) -> None:
    """Whoever handed it in, or confirmed it, has looked at what came of it: nothing needs to be told."""
    if by.pk == (ended.confirmed_by_id or ended.uploaded_by_id):
        Import.objects.annotate(ended_at=ENDED).filter(UNSEEN, pk=ended.pk).update(seen_at=timezone.now())


def left_to_do(period: Period) -> dict[int, int]:
    """How many programmes have nothing handed in, by institution; 0 where only the staff figures were returned."""
    newest = CurriculumVersion.objects.filter(programme=OuterRef("pk"), period=period).order_by("-number")
    open_now = Institution.objects.open_now()
    programmes = (
        Programme.objects.active_in(period)
        .filter(institution__in=open_now)
        .annotate(newest=Subquery(newest.values("state")[:1]))
        .filter(Q(newest=None) | Q(newest__in=["draft", "returned"]))
        .order_by()
        .values_list("institution")
        .annotate(n=Count("pk"))
    )
    last = Submission.objects.filter(period=period, institution__in=open_now).order_by(
        "institution", "-number"
    )
    figures = last.distinct("institution").values_list("institution", "state")
    returned = {institution: 0 for institution, state in figures if state == Submission.State.RETURNED}
    return {**returned, **dict(programmes)}


def _remind(period: Period, due_on: date, days: int, only: frozenset[int], but: frozenset[int]) -> None:
    with transaction.atomic():
        _reminder, is_new = Reminder.objects.get_or_create(period=period, due_on=due_on, days_left=days)
        if not is_new:
            return
        left = {
            institution: programmes
            for institution, programmes in left_to_do(period).items()
            if institution not in but and (not only or institution in only)
        }
        people = people_of(left)
        letters: list[Letter] = []
        for institution in Institution.objects.filter(pk__in=left):
            letters += drafted(
                kind=Letter.Kind.DEADLINE,
                to=people.get(institution.pk, []),
                once=f"deadline:{period.code}:{due_on}:{days}:{institution.pk}",
                compose=partial(_of_deadline, institution, period, due_on, days, left[institution.pk]),
            )
        post(letters)


def _tell(kind: str, submission: Submission, once: str, about: dict[str, Any]) -> None:
    people = people_of([submission.institution_id]).get(submission.institution_id, [])
    post(drafted(kind=kind, to=people, once=once, compose=partial(_of_submission, kind, submission, about)))


def people_of(institutions: Iterable[int]) -> dict[int, list[User]]:
    """Those who have something to do there, by institution, each once."""
    found: dict[int, dict[int, User]] = {}
    memberships = Membership.objects.filter(
        institution__in=list(institutions), role__in=[EDITOR, SIGNATORY], user__is_active=True
    ).select_related("user")
    for membership in memberships:
        found.setdefault(membership.institution_id, {})[membership.user_id] = membership.user
    return {institution: list(people.values()) for institution, people in found.items()}


def _as_it_is(submission: Submission) -> Submission:
    return Submission.objects.select_related("institution", "period").get(pk=submission.pk)


def _reasons(submission: Submission) -> dict[str, Any]:
    """The first few that were returned, with the reason; how many more there are."""
    returned = submission.versions.filter(state="returned").order_by("-decided_at", "programme__code")
    pairs = list(returned.values_list("programme__code", "reason"))
    shown = [
        {"programme": programme, "reason": Truncator(reason).chars(300)}
        for programme, reason in pairs[:REASONS]
    ]
    return {"reasons": shown, "more": max(0, len(pairs) - REASONS)}


def _of_submission(kind: str, submission: Submission, about: dict[str, Any]) -> Composed:
    institution, period = submission.institution, submission.period
    words = {"institution": institution.name, "period": period.name, "number": submission.number, **about}
    if kind == Letter.Kind.APPROVED:
        return words, reverse("submission", args=[institution.code, period.code, submission.number])
    return words, f"{tasks_address(institution, period)}{'#returned' if about.get('returned') else ''}"


def _of_deadline(
    institution: Institution, period: Period, due_on: date, days: int, programmes: int
) -> Composed:
    words = {
        "institution": institution.name,
        "period": period.name,
        "days": days,
        "due": day_in_words(due_on),
        "programmes": programmes,
    }
    return words, tasks_address(institution, period)


def _of_import(ended: Import) -> Composed:
    words = {
        "institution": ended.institution.name,
        "period": ended.period.name,
        "file": ended.file_name,
        "state": ended.state,
        "accepted": ended.rows_accepted,
        "faults": len(ended.faults),
    }
    return words, reverse("import-detail", args=[ended.institution.code, ended.pk])


def tasks_address(institution: Institution, period: Period) -> str:
    return f"{reverse('workspace-institution', args=[institution.code])}?period={period.code}"


def day_in_words(day: date) -> str:
    return date_format(day, "DATE_FORMAT")
