"""Reminding: what the ministry itself has written to universities about a period, seen by the sender before it goes.

Letters of its own come besides those of `telling`, which need nobody: a reminder to those who have handed in nothing or
not all, at most once a day for each university; and word of it when the days of a period have been moved.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial

import pghistory
from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from curricula.days import Days, periods_days
from curricula.errors import Refused
from curricula.models import Period, SentReminder
from curricula.standing import with_state
from curricula.telling import day_in_words, left_to_do, people_of, tasks_address
from institutions.letters import Composed, drafted, post
from institutions.models import Institution, Letter, User

SILENT = "silent"
UNFINISHED = "unfinished"


@dataclass(frozen=True)
class Addressee:
    """A university that has something left to do: how many programmes, who would be written to, when it last was."""

    institution: Institution
    programmes: int
    people: list[User]
    days: Days
    reminded_on: date | None

    @property
    def reminded_today(self) -> bool:
        return self.reminded_on == timezone.localdate()

    @property
    def can_be_reminded(self) -> bool:
        return bool(self.people) and not self.reminded_today


def addressees(period: Period, which: str | None = SILENT) -> list[Addressee]:
    """Those who have handed in nothing (silent), or something and not all (unfinished), or both, by name; seven queries
    at most.
    """
    left = left_to_do(period)
    if which:
        silent = set(with_state(period).filter(collection_state="silent").values_list("pk", flat=True))
        left = {key: n for key, n in left.items() if (key in silent) == (which == SILENT)}
    people = people_of(left)
    last = dict(
        SentReminder.objects.filter(period=period, institution__in=left)
        .order_by()
        .values_list("institution")
        .annotate(day=Max("sent_on"))
    )
    institutions = list(Institution.objects.filter(pk__in=left).select_related("region").order_by("order_kk"))
    days = periods_days(period, institutions)
    return [
        Addressee(one, left[one.pk], people.get(one.pk, []), days[one.pk], last.get(one.pk))
        for one in institutions
    ]


def remind(*, period: Period, institutions: Collection[int], words: str, by: User) -> list[SentReminder]:
    """Write to the people of the institutions (by id). Who has handed in all meanwhile, or was reminded today, is left
    out; so the second of two who press the button writes to nobody twice.
    """
    if not by.is_staff:
        raise Refused(_("Only the ministry reminds universities."), code="not_ministry")
    words = words.strip()
    with pghistory.context(user=by.pk, action="remind", reason=words), transaction.atomic():
        Period.objects.select_for_update(no_key=True).get(pk=period.pk)
        chosen = [
            one
            for one in addressees(period, which=None)
            if one.institution.pk in institutions and one.can_be_reminded
        ]
        if not chosen:
            raise Refused(
                _("Nobody was written to: choose a university that has not been reminded today."),
                field="institutions",
                code="nobody",
            )
        today = timezone.localdate()
        letters: list[Letter] = []
        for one in chosen:
            letters += drafted(
                kind=Letter.Kind.REMINDER,
                to=one.people,
                once=f"reminder:{period.pk}:{today}:{one.institution.pk}",
                compose=partial(_of_reminder, one, period, words),
            )
        post(letters)
        return SentReminder.objects.bulk_create(
            SentReminder(
                institution=one.institution, period=period, sent_on=today, sent_by=by, words=words,
                people=len(one.people),
            )
            for one in chosen
        )  # fmt: skip


def tell_of_days(
    *, period: Period, reason: str, once: str, institutions: Sequence[Institution] | None = None
) -> None:
    """Word of new days, to the institutions or to all that have something left to do; in the running transaction."""
    if institutions is None:
        institutions = list(Institution.objects.filter(pk__in=left_to_do(period)))
    people = people_of(one.pk for one in institutions)
    days = periods_days(period, institutions)
    letters: list[Letter] = []
    for one in institutions:
        letters += drafted(
            kind=Letter.Kind.DAYS,
            to=people.get(one.pk, []),
            once=f"days:{period.pk}:{once}:{one.pk}",
            compose=partial(_of_days, one, period, days[one.pk], reason.strip()),
        )
    post(letters)


def _of_reminder(one: Addressee, period: Period, words: str) -> Composed:
    about = {
        "institution": one.institution.name,
        "period": period.name,
        "due": day_in_words(one.days.due_on),
        "closes": day_in_words(one.days.closes_on),
        "overdue": one.days.due_on < timezone.localdate(),
        "programmes": one.programmes,
        "words": words,
    }
    return about, tasks_address(one.institution, period)


def _of_days(institution: Institution, period: Period, days: Days, reason: str) -> Composed:
    about = {
        "institution": institution.name,
        "period": period.name,
        "due": day_in_words(days.due_on),
        "closes": day_in_words(days.closes_on),
        "over": days.is_over,
        "reason": reason,
    }
    return about, tasks_address(institution, period)
