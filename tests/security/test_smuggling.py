"""Members that no form has, sent along with each form as a browser sends it back: whose, in which state, by whom."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import pytest
from django.test import Client

from curricula.models import CurriculumVersion, Discipline, Programme, Submission
from institutions.models import Institution, Membership, User
from tests.browser.rich_world import make_world
from tests.browser.test_every_workspace_page import FOR_MEMBERS, address
from tests.curricula.university_programs import University
from tests.factories import (
    make_discipline,
    make_institution,
    make_member,
    make_period,
    make_programme,
    make_version,
)
from tests.reports.permissions import within
from tests.security.forms import Reader

pytestmark = pytest.mark.django_db


def smuggled(theirs: Institution) -> dict[str, Any]:
    """What somebody would like to say, and the program alone says."""
    return {
        "institution": theirs.pk, "institution_id": theirs.pk, "institution_code": theirs.code, "owner": theirs.code,
        "state": "approved", "status": "approved", "approved_by": 1, "decided_by": 1, "decided_at": "2020-01-01",
        "valid_from": "2020-01-01T00:00Z", "signed_by": 1, "submission": 1, "content_hash": "x",
        "sealed_at": "2020-01-01", "is_staff": "on", "is_superuser": "on", "groups": "1",
        "user_permissions": "1", "digest": "x", "expires_at": "2099-01-01", "uploaded_by": 1, "made_by": 1,
        "id": 1, "pk": 1,
    }  # fmt: skip


def of_others(theirs: Institution) -> list[Any]:
    """All that belongs to the other university."""
    return [
        list(model.objects.filter(institution=theirs).order_by("pk").values())
        for model in (CurriculumVersion, Discipline, Programme, Submission, Membership)
    ]


def powers() -> list[Any]:
    """What the ministry alone gives."""
    return [
        sorted(
            CurriculumVersion.objects.filter(state="approved").values_list("pk", "valid_from", "content_hash")
        ),
        sorted(CurriculumVersion.objects.exclude(decided_by=None).values_list("pk", "decided_by")),
        sorted(User.objects.values_list("pk", "is_staff", "is_superuser")),
        sorted(User.objects.exclude(groups=None).values_list("pk", "groups")),
        sorted(Programme.objects.values_list("pk", "institution", "code")),
    ]


def test_no_form_of_the_workspace_takes_what_it_does_not_ask_for(
    client: Client, settings: Any, tmp_path: Path
) -> None:
    settings.MEDIA_ROOT = tmp_path
    world = make_world()
    theirs = make_institution(code="satbayev")
    make_version(make_programme(theirs), lines=[{"discipline": make_discipline(theirs)}])
    make_member(theirs, "signatory")
    client.force_login(world.rector)
    before, extra = (of_others(theirs), powers()), smuggled(theirs)
    sent, taken = 0, 0
    for name, openings in FOR_MEMBERS.items():
        for opening in openings:
            if "first" in opening:
                continue
            where = address(name, opening, world, "en").partition("?")[0]
            for action, form in Reader(client.get(where).content.decode()).forms:
                if "sign-out" in action or "setlang" in action:
                    continue
                with within(client):
                    own = {member: value for member, value in extra.items() if member not in form}
                    answer = client.post(urljoin(where, action), {**form, **own})
                    assert answer.status_code < 500, (name, action)
                    assert (of_others(theirs), powers()) == before, (name, action)
                    sent, taken = sent + 1, taken + (answer.status_code in (200, 302))
    assert sent > 30
    assert taken > 20, "what is refused anyway proves little"


@pytest.mark.parametrize(
    "member", ["institution", "state", "approved_by", "decided_by", "valid_from", "content_hash"]
)
def test_no_body_of_a_program_takes_it(institution: Institution, member: str) -> None:
    period, theirs = make_period(), make_institution(code="satbayev")
    make_discipline(institution, code="AI101")
    programme = make_programme(institution, code="6B06101")
    make_version(programme, period=period)
    program, before = University(institution), (of_others(theirs), powers())
    value = smuggled(theirs)[member]
    for path in ("disciplines/AI101/", "programmes/6B06101/", f"curricula/{period.code}/6B06101/"):
        shown = program.get(path)
        body = json.loads(shown.content)
        known = member in body
        answer = program.put(path, {**body, member: value}, shown["ETag"])
        assert answer.status_code in (400, 409, 422) or known, (path, member, answer.status_code)
        inside = {**body, "lines": [{**line, member: value} for line in body.get("lines", ())]}
        if inside["lines"]:
            assert program.put(path, inside, shown["ETag"]).status_code in (400, 422), (path, member)
    assert (of_others(theirs), powers()) == before
    assert CurriculumVersion.objects.get(programme=programme).state == "draft"
