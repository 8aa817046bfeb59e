"""A pace that releases show is told on the pages of the nation and of a university, with the days it is between."""

from datetime import timedelta
from decimal import Decimal

from django.test import Client
from django.utils import timezone

from reports.headway import expected
from reports.models import Requirement, Target
from reports.reference import load_mandate
from reports.wording import pace
from tests.factories import make_institution, make_programme, make_version
from tests.reports.releases import PLAIN, make_release


def test_a_pace_that_can_be_told_is_told(client: Client, db: None) -> None:
    university, now = make_institution(code="growing"), timezone.now()
    load_mandate()
    programmes = [make_programme(university, code=f"6B061{number:02}") for number in range(10)]
    for programme in programmes:
        make_version(programme, state="approved", at=now - timedelta(days=80), lines=PLAIN)
    rule = Requirement.objects.get()
    due = timezone.localdate() + timedelta(days=300)
    Target.objects.create(requirement_code=rule.code, due_on=due, share=Decimal("0.9"))
    for place, number in enumerate((1, 2, 2, 3)):
        moment = now - timedelta(days=75 - 20 * place)
        for programme in programmes[2 * place : 2 * place + number]:
            make_version(programme, state="approved", at=moment)
        release = make_release(as_at=moment + timedelta(days=1))
    shown = client.get("/en/")
    (phase,) = shown.context["phases"]
    told = phase.ahead
    assert shown.context["release"] == release
    assert told.earliest <= told.expected
    assert expected(phase) in shown.content.decode()
    at_university = client.get("/en/institutions/growing/")
    assert pace(told) in at_university.content.decode()
    assert at_university.context["ahead"] == told
