"""The pages of the workspace: who may open which, what they say, and that they cost the same for one and for many."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from curricula.models import Period
from institutions.models import Institution, User
from tests.factories import (
    make_member,
    make_programme,
    make_reviewer,
    make_user,
    make_version,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]


def everything(institution: Institution, period: Period, *, programmes: int = 1) -> str:
    """One programme in each state, and as many again as wanted; the code of the one that is a draft."""
    for _number in range(programmes):
        for state in ("submitted", "approved", "returned"):
            make_version(make_programme(institution), period=period, state=state)
        make_programme(institution)
        draft = make_version(make_programme(institution), period=period)
    return draft.programme.code


def addresses(institution: Institution, period: Period, programme: str) -> dict[str, str]:
    code, year = institution.code, period.code
    return {
        "workspace-institution": reverse("workspace-institution", args=[code]),
        "draft-edit": reverse("draft-edit", args=[code, year, programme]),
        "draft-discard": reverse("draft-discard", args=[code, year, programme]),
        "programme-history": reverse("programme-history", args=[code, year, programme]),
        "enrolment": reverse("enrolment", args=[code, year]),
        "sign": reverse("sign", args=[code, year]),
        "submission": reverse("submission", args=[code, year, 1]),
        "receipt": reverse("receipt", args=[code, year, 1]),
    }


ANSWERS = {
    # page: viewer, editor, signatory
    "workspace-institution": (200, 200, 200),
    "draft-edit": (403, 200, 403),
    "draft-discard": (403, 200, 403),
    "programme-history": (200, 200, 200),
    "enrolment": (403, 200, 403),
    "sign": (403, 403, 200),
    "submission": (200, 200, 200),
    "receipt": (200, 200, 200),
}


@pytest.mark.parametrize("page", ANSWERS)
def test_each_role_opens_what_is_its_work(
    client: Client,
    institution: Institution,
    period: Period,
    viewer: User,
    editor: User,
    signatory: User,
    page: str,
) -> None:
    address = addresses(institution, period, everything(institution, period))[page]
    for user, expected in zip((viewer, editor, signatory), ANSWERS[page], strict=True):
        client.force_login(user)
        assert client.get(address).status_code == expected, user


@pytest.mark.parametrize("page", ANSWERS)
def test_visitors_are_asked_to_sign_in(
    client: Client, institution: Institution, period: Period, page: str
) -> None:
    address = addresses(institution, period, everything(institution, period))[page]
    answer = client.get(address)
    assert answer.status_code == 302
    assert answer["Location"] == f"{reverse('sign-in')}?next={address}"


@pytest.mark.parametrize("page", ANSWERS)
def test_strangers_and_the_ministry_find_nothing(
    client: Client, institution: Institution, period: Period, stranger: User, page: str
) -> None:
    address = addresses(institution, period, everything(institution, period))[page]
    for user in (stranger, make_user(), make_reviewer()):
        client.force_login(user)
        assert client.get(address).status_code == 404, user
        assert client.post(address).status_code in (404, 405), user


def test_whoever_lacks_the_role_reads_whose_work_it_is(
    client: Client, institution: Institution, period: Period, viewer: User
) -> None:
    client.force_login(viewer)
    page = client.get(reverse("sign", args=[institution.code, period.code]))
    assert page.status_code == 403
    assert "needs the role “signatory”" in page.content.decode()


@pytest.mark.parametrize("page", ANSWERS)
def test_a_page_costs_the_same_for_one_programme_and_for_many(
    client: Client, institution: Institution, period: Period, page: str
) -> None:
    client.force_login(make_member(institution, "editor", "signatory"))
    programme = everything(institution, period)

    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            assert client.get(addresses(institution, period, programme)[page]).status_code == 200
        return len(captured)

    one = queries()
    everything(institution, period, programmes=4)
    many = queries()
    assert many == one
    assert one <= 25


def test_the_history_of_a_programme_without_a_curriculum_says_so(
    client: Client, institution: Institution, period: Period, editor: User
) -> None:
    make_programme(institution, code="6B06199")
    client.force_login(editor)
    answer = client.get(reverse("programme-history", args=["kaznu", period.code, "6B06199"]))
    assert answer.status_code == 200
    assert "This programme has no curriculum yet." in answer.content.decode()
