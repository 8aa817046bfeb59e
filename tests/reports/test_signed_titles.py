"""The public reads disciplines by the titles that were signed, whatever they are called since."""

import pytest
from django.test import Client

from curricula.models import Discipline, Period
from institutions.models import Institution, User
from reports import releasing, snapshots, verifying
from tests.factories import make_discipline, make_programme, make_version
from tests.rules import make_requirement

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("path", ["/en/disciplines/", "/en/institutions/kaznu/"])
def test_a_title_that_nobody_has_signed_yet_is_not_public(
    client: Client, period: Period, institution: Institution, lead: User, deputy: User, path: str
) -> None:
    make_requirement()
    discipline = make_discipline(institution, title_en="Introduction to AI")
    make_version(
        make_programme(institution),
        period=period,
        state="approved",
        lines=[{"ai_category": "foundations", "discipline": discipline}],
    )
    taken = snapshots.take(snapshots.request(period=period).pk)
    releasing.prepare(releasing.release(snapshot=verifying.verify(taken.pk), by=lead, confirmed_by=deputy).pk)
    Discipline.objects.filter(pk=discipline.pk).update(title_en="Typed in a draft")
    page = client.get(path).content.decode()
    assert "Introduction to AI" in page
    assert "Typed in a draft" not in page
