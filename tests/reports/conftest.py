"""A small country whose figures one works out by hand, released once for all tests of a module."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone

from curricula.models import (
    Assignment,
    EvidenceFile,
    Extension,
    Programme,
    ReturnReason,
    Sample,
    SentReminder,
    Submission,
)
from curricula.sampling import draw_sample
from institutions.models import Deployment, FormerName, Merger, TrailSeal
from reports.models import FieldOccupation, Occupation, ReferenceValue, Release, Requirement, Target
from tests.api_keys import make_api_key
from tests.factories import (
    make_import,
    make_institution,
    make_invitation,
    make_letter,
    make_region,
    make_reviewer,
    make_version,
)
from tests.reports.entries import make_effort_entry
from tests.reports.founding import Ground, make_ground
from tests.reports.releases import make_country, make_release
from tests.rules import make_exemption, make_requirement_draft
from tests.webhooks import make_webhook


@pytest.fixture(scope="module")
def released_once(django_db_setup: None, django_db_blocker: Any) -> Iterator[Release]:
    """Each test runs within this transaction and takes back what it did; the module takes back the rest."""
    with django_db_blocker.unblock(), transaction.atomic():
        kaznu = make_institution(code="kaznu", name_kk="әл-Фараби атындағы ҚазҰУ", kind="national")
        satbayev = make_institution(code="satbayev", region=make_region("KZ-75"), kind="private")
        FormerName.objects.create(institution=satbayev, name_ru="Политех")
        make_country(
            (kaznu, "6B06101", "met"),
            (kaznu, "6B06102", "not_met"),
            (kaznu, "7M06103", "no_data"),
            (satbayev, "8D10101", "met"),
        )
        excused = Programme.objects.get(code="8D10101")
        make_exemption(excused, requirement_code=Requirement.objects.get().code)
        yield make_release()
        transaction.set_rollback(True)


@pytest.fixture
def release(released_once: Release, db: None) -> Release:
    """KazNU: one programme meets the mandate, one does not, one is silent. Satbayev, elsewhere: one, excused."""
    return released_once


@pytest.fixture
def everything(release: Release) -> None:
    """A row of everything that has a page in the admin. A new register needs one, too."""
    version = make_version(state="submitted")
    FormerName.objects.create(institution=version.institution, name_ru="Прежнее имя")
    make_import(version.institution)
    make_api_key(version.institution)
    make_webhook(version.institution)
    make_letter(invitation=make_invitation(version.institution))
    make_exemption(version.programme)

    own = {"institution": version.institution, "period": version.period}
    days = {"due_on": "2030-01-01", "closes_on": "2030-02-01", "granted_at": timezone.now()}
    Extension.objects.create(**own, **days, reason="Flood", granted_by=make_reviewer())
    Merger.objects.create(
        institution=make_institution(closed_on="2026-01-01"), successor=version.institution, reason="Order 18",
        merged_on="2026-01-01", decided_by=make_reviewer(), decided_at=timezone.now(),
    )  # fmt: skip
    SentReminder.objects.create(**own, sent_by=make_reviewer(), people=1)

    TrailSeal.objects.create(
        number=1, table="x", after_id=0, upto_id=1, rows=1, columns=["pgh_id"], digest="0", previous="", hash="1",
        sealed_at=timezone.now(),
    )  # fmt: skip

    day = "2026-01-01"
    ReferenceValue.objects.get_or_create(code="x", defaults={"value": 1, "unit": "count", "stated_on": day})
    Occupation.objects.create(code="2512", title_en="Software developers", mean_score="0.53", sd="0.1")
    FieldOccupation.objects.create(code="061-25", field=version.programme.direction, group="25")
    Target.objects.create(requirement_code="ai-discipline", due_on=day, share="0.5")
    make_effort_entry()
    make_requirement_draft()
    Assignment.objects.create(reviewer=make_reviewer(), kind="state", assigned_by=make_reviewer())
    draw_sample(period=version.period, of=Sample.Of.WAITING, size=1, by=make_reviewer())
    titles = {f"{name}_{language}": "x" for name in ("title", "text") for language in ("kk", "ru", "en")}
    ReturnReason.objects.create(code="x", **titles)
    newest = Submission.objects.first()
    assert newest
    kept = EvidenceFile(pk=1, institution=newest.institution, file_name="s.pdf", size=1, sha256="x")
    kept.uploaded_by = make_reviewer()
    kept.file.save("", ContentFile(b"%PDF-1.7"), save=False)
    kept.save()


@pytest.fixture
def demonstration(db: None) -> None:
    """From now on, snapshots are of generated data."""
    Deployment.objects.update_or_create(pk=1, defaults={"demonstration": True})


@pytest.fixture
def ground(db: None) -> Ground:
    """What the worlds of a test are founded on."""
    return make_ground()
