"""The mandate is data, and its past stays."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from institutions.models import Institution
from reports.models import Exemption, Requirement
from tests.factories import make_programme
from tests.rules import make_exemption, make_requirement

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "change",
    [
        {"min_disciplines": 2},
        {"categories": ["core"]},
        {"levels": ["6B"]},
        {"effective_from": timezone.localdate() + timedelta(days=1)},
        {"effective_to": timezone.localdate() - timedelta(days=3)},
        {"adopted_at": timezone.now()},
    ],
)
def test_an_adopted_requirement_is_never_changed(change: dict[str, object]) -> None:
    requirement = make_requirement()
    with pytest.raises(IntegrityError), transaction.atomic():
        Requirement.objects.filter(pk=requirement.pk).update(**change)


def test_its_name_may_be_corrected_and_its_end_set() -> None:
    requirement = make_requirement()
    tomorrow = timezone.localdate() + timedelta(days=1)
    Requirement.objects.filter(pk=requirement.pk).update(name_en="Better words", effective_to=tomorrow)
    assert Requirement.objects.live_at(timezone.now()).get() == requirement
    assert not Requirement.objects.live_at(timezone.now() + timedelta(days=2))


def test_two_open_versions_of_one_requirement_are_refused() -> None:
    make_requirement()
    with pytest.raises(IntegrityError), transaction.atomic():
        make_requirement(number=2)


def test_an_exemption_is_revoked_once_and_never_changed_or_deleted(institution: Institution) -> None:
    exemption = make_exemption(make_programme(institution))
    rows = Exemption.objects.filter(pk=exemption.pk)
    for change in ({"ends_on": timezone.localdate() + timedelta(days=900)}, {"reason": "Another"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.update(**change)
    rows.update(revoked_at=timezone.now())
    with pytest.raises(IntegrityError), transaction.atomic():
        rows.update(revoked_at=None)
    with pytest.raises(IntegrityError), transaction.atomic():
        rows.delete()
    assert not Exemption.objects.live_at(timezone.now())
