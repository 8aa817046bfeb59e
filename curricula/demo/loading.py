"""Loads generated programmes and curricula for institutions, all or nothing."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from curricula.demo.copying import Ids, Target, checked_at_the_end, write
from curricula.demo.planning import Wish, plan
from curricula.demo.programmes import Place
from curricula.demo.progress import STORY_ENDS
from curricula.errors import Refused
from curricula.models import Field, Period, Programme
from institutions import demo
from institutions.models import Deployment, Institution

TOGETHER = 60  # institutions whose plans are held and written together


@dataclass
class Loaded:
    """What was made, in rows."""

    institutions: int = 0
    programmes: int = 0
    versions: int = 0
    lines: int = 0


@transaction.atomic
def load(
    *,
    institutions: int | None,
    wish: Wish,
    now: datetime | None = None,
    say: Callable[[str], object] = lambda _text: None,
) -> Loaded:
    """Make that many institutions (None: all that are open) report, and mark the whole database as a demonstration.

    Refuses where programmes have been entered, generated ones or real, and in production.
    """
    demo.refuse_in_production()
    refuse_twice()
    chosen = demo.make_institutions(wanted=institutions, seed=wish.seed)
    Deployment.objects.update_or_create(pk=1, defaults={"demonstration": True})
    people = {user.email: user.pk for user in demo.make_people()}
    ids, loaded = known_ids(people), Loaded(institutions=len(chosen))
    until = min(now or timezone.now(), STORY_ENDS)
    with connection.cursor() as cursor:
        # Checked with each statement, not all at the end: millions of postponed checks would fill the memory.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        # The triggers' plans are made while the tables are empty, where reading them whole seems best.
        cursor.execute("SET LOCAL enable_seqscan = off")
    with checked_at_the_end("curricula_line"):
        for begin in range(0, len(chosen), TOGETHER):
            batch = chosen[begin : begin + TOGETHER]
            targets = [target(institution, people, wish, until) for institution in batch]
            write(targets, ids)
            count(loaded, targets)
            say(f"{begin + len(batch)} of {len(chosen)} institutions, {loaded.lines} lines")
    return loaded


def refuse_twice() -> None:
    if not Programme.objects.exists():
        return
    if Deployment.is_demonstration():
        raise Refused(
            _("Demonstration data is there already. To make it anew, start with an empty database."),
            code="loaded",
        )
    raise Refused(
        _("Programmes have been entered here. Demonstration data is never mixed with real data."),
        code="real_data",
    )


def known_ids(people: dict[str, int]) -> Ids:
    directions = dict(Field.objects.filter(kind=Field.Kind.DIRECTION).values_list("code", "pk"))
    periods = dict(Period.objects.values_list("code", "pk"))
    if not directions or not periods:
        raise Refused(_("The classifier is missing. Run load_reference_data first."), code="no_reference")
    return Ids(directions=directions, periods=periods, reviewer=people[demo.REVIEWER])


def target(institution: Institution, people: dict[str, int], wish: Wish, until: datetime) -> Target:
    place = Place(institution.code, institution.kind, institution.name_en)
    editor, signatory = (people[demo.address(role, institution.code)] for role in demo.ROLES)
    return Target(institution.pk, institution.code, editor, signatory, plan(place, wish).until(until))


def count(loaded: Loaded, targets: Iterable[Target]) -> None:
    for each in targets:
        loaded.programmes += len(each.plan.programmes)
        loaded.versions += len(each.plan.versions)
        loaded.lines += sum(len(version.lines) for version in each.plan.versions)
