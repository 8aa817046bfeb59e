"""The lead says which regions and kinds a reviewer decides on; once each, and with its history."""

import pytest
from django.apps import apps
from django.db import IntegrityError

from curricula.assigning import assign, reviewers, unassign
from curricula.errors import Refused
from curricula.models import Assignment
from institutions.models import User
from tests.factories import make_region, make_reviewer

pytestmark = pytest.mark.django_db


def test_every_region_is_assigned_with_every_kind(reviewer: User, lead: User) -> None:
    regions = [make_region("KZ-71"), make_region("KZ-75")]
    assign(reviewer=lead, regions=regions, kinds=["state"], by=lead)
    made = assign(reviewer=reviewer, regions=regions, kinds=["state", "private"], by=lead)
    assert len(made) == 4
    assert {(one.region.code, one.kind) for one in made if one.region} == {
        ("KZ-71", "state"), ("KZ-71", "private"), ("KZ-75", "state"), ("KZ-75", "private"),
    }  # fmt: skip
    assert {one.assigned_by for one in made} == {lead}


def test_none_means_all(reviewer: User, lead: User) -> None:
    (by_region,) = assign(reviewer=reviewer, regions=[make_region()], kinds=[], by=lead)
    (by_kind,) = assign(reviewer=reviewer, regions=[], kinds=["national"], by=lead)
    assert (by_region.kind, by_kind.region) == ("", None)


def test_what_is_assigned_already_stays_as_it_is(reviewer: User, lead: User) -> None:
    assign(reviewer=reviewer, regions=[make_region()], kinds=[], by=lead)
    assign(reviewer=reviewer, regions=[make_region(), make_region("KZ-75")], kinds=[], by=lead)
    assert Assignment.objects.count() == 2
    with pytest.raises(IntegrityError):
        Assignment.objects.create(reviewer=reviewer, region=make_region(), assigned_by=lead)


def test_nothing_and_nobody_are_refused(reviewer: User, lead: User) -> None:
    with pytest.raises(Refused) as refused:
        assign(reviewer=reviewer, regions=[], kinds=[], by=lead)
    assert refused.value.field == "regions"
    with pytest.raises(Refused) as refused:
        assign(reviewer=make_reviewer(), regions=[make_region()], kinds=[], by=lead)
    assert refused.value.field == "reviewer"
    with pytest.raises(IntegrityError):
        Assignment.objects.create(reviewer=reviewer, assigned_by=lead)


def test_only_those_who_may_decide_are_reviewers(reviewer: User, lead: User) -> None:
    make_reviewer(is_active=False, is_superuser=True)
    make_reviewer()
    assert set(reviewers()) == {reviewer, lead}


def test_an_assignment_ends_and_its_history_stays(reviewer: User, lead: User) -> None:
    (made,) = assign(reviewer=reviewer, regions=[], kinds=["state"], by=lead)
    unassign(assignment=made, by=lead)
    assert not Assignment.objects.exists()
    events = apps.get_model("curricula", "AssignmentEvent").objects.order_by("pgh_id")
    assert list(events.values_list("pgh_label", "pgh_context__metadata__action")) == [
        ("insert", "assign"),
        ("delete", "unassign"),
    ]
