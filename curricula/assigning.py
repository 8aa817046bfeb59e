"""Assigning: the lead says which regions and kinds of universities a reviewer decides on."""

from collections.abc import Collection

import pghistory
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from curricula.errors import Refused
from curricula.models import Assignment
from institutions.models import Region, User


def reviewers() -> QuerySet[User]:
    """Whoever may decide on submissions."""
    right = {"content_type__app_label": "curricula", "codename": "change_submission"}
    by_group = {f"groups__permissions__{name}": value for name, value in right.items()}
    by_person = {f"user_permissions__{name}": value for name, value in right.items()}
    may = Q(is_superuser=True) | Q(**by_group) | Q(**by_person)
    return User.objects.filter(may, is_staff=True, is_active=True).order_by("first_name", "email").distinct()


def assign(
    *, reviewer: User, regions: Collection[Region], kinds: Collection[str], by: User
) -> list[Assignment]:
    """Every one of these regions with every one of these kinds; none of one means all. What is assigned stays."""
    if not regions and not kinds:
        raise Refused(_("Choose a region or a kind of university."), field="regions", code="nothing_chosen")
    if not reviewers().filter(pk=reviewer.pk).exists():
        raise Refused(
            _("%(person)s may not decide on submissions. Give them the role of a reviewer first.")
            % {"person": reviewer},
            field="reviewer",
            code="not_reviewer",
        )
    places: list[Region | None] = [*regions] or [None]
    wanted = [(region, kind) for region in places for kind in kinds or [""]]
    with pghistory.context(user=by.pk, action="assign"), transaction.atomic():
        Assignment.objects.bulk_create(
            [
                Assignment(reviewer=reviewer, region=region, kind=kind, assigned_by=by)
                for region, kind in wanted
            ],
            ignore_conflicts=True,
        )
        found = list(Assignment.objects.select_related("region").filter(reviewer=reviewer))
    return [one for one in found if (one.region, one.kind) in wanted]


def unassign(*, assignment: Assignment, by: User) -> None:
    """What they have taken up already they keep."""
    with pghistory.context(user=by.pk, action="unassign"), transaction.atomic():
        Assignment.objects.filter(pk=assignment.pk).delete()
