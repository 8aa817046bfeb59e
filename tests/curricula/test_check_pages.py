"""The page of all checks: what it shows, what it saves, and whom it lets in."""

import re
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from curricula.models import CurriculumVersion, Period, WarningReason
from institutions.models import Institution, User
from tests.factories import make_earlier_period, make_programme, make_version

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]

WHY = "The standard is changed only next year."


@pytest.fixture
def drafts(institution: Institution, period: Period) -> list[CurriculumVersion]:
    """Three that have lost their AI; the third has an AI line without evidence too, in another discipline."""
    found = []
    for number in (1, 2, 3):
        last = make_version(
            make_programme(institution, code=f"6B0610{number}"), period=make_earlier_period(), state="approved",
            lines=[{"ai_category": "core"}, {"ai_category": "core"}],
        )  # fmt: skip
        lines = [{"ai_category": "core", "evidence_url": ""}] if number == 3 else [{}]
        found.append(make_version(last.programme, period=period, lines=lines))
    return found


@pytest.fixture
def address(client: Client, institution: Institution, period: Period, editor: User) -> str:
    client.force_login(editor)
    return reverse("checks", args=[institution.code, period.code])


def text(answer: Any) -> str:
    return " ".join(unescape(answer.content.decode()).split())


def typed(
    drafts: list[CurriculumVersion], *reasons: str, code: str = "ai_gone", **over: str
) -> dict[str, str]:
    data = {f"reason-{draft.pk}-{code}-0": reason for draft, reason in zip(drafts, reasons, strict=False)}
    return data | {name.replace("reason-", "was-"): "" for name in data} | over


def reasons() -> dict[str, str]:
    return {one.version.programme.code: one.reason for one in WarningReason.objects.all()}


def test_faults_and_warnings_stand_by_programme_with_remedy_and_source(
    client: Client, address: str, drafts: list[CurriculumVersion]
) -> None:
    page = text(client.get(address))
    assert "1 fault must be mended before signing. 3 warnings ask for a reason" in page
    assert "is marked as AI and has no evidence." in page
    assert "Add a link to the line, or a link or a PDF to the discipline" in page
    assert "There is no AI discipline; the last approved curriculum had 2, with 10 credits." in page
    assert "Source: Methodology, version 1: what counts as an AI discipline." in page
    for draft in drafts:
        assert reverse("draft-edit", args=["kaznu", draft.period.code, draft.programme.code]) in page


def test_each_reason_is_saved(client: Client, address: str, drafts: list[CurriculumVersion]) -> None:
    answer = client.post(address, typed(drafts[:2], WHY, "Another reason."), follow=True)
    assert "2 reasons are saved." in text(answer)
    assert reasons() == {"6B06101": WHY, "6B06102": "Another reason."}
    assert "1 warning asks for a reason" in text(answer)


def test_one_reason_goes_to_all_of_a_kind_that_have_none(
    client: Client, address: str, drafts: list[CurriculumVersion]
) -> None:
    assert "One reason for all of a kind" in text(client.get(address))
    own = typed(drafts[:2], "Its own reason.", "")
    client.post(address, own | {"all-ai_gone-0": WHY})
    assert reasons() == {"6B06101": "Its own reason.", "6B06102": WHY}


def test_what_is_wrong_comes_back_as_typed_and_saves_nothing(
    client: Client, address: str, drafts: list[CurriculumVersion]
) -> None:
    answer = client.post(address, typed(drafts[:2], "ok", WHY))
    assert answer.status_code == 422
    page = text(answer)
    assert "6B06101: Say it in a few words: the reviewer reads it." in page
    assert f'href="#reason-{drafts[0].pk}-ai_gone-0"' in page
    assert WHY in page
    assert not WarningReason.objects.exists()


def test_too_long_a_reason_is_told(client: Client, address: str, drafts: list[CurriculumVersion]) -> None:
    answer = client.post(address, typed(drafts[:1], "x" * 2001))
    assert "Shorten the reason to 2,000 characters; it has 2,001." in text(answer) or (
        "Shorten the reason to 2000 characters; it has 2001." in text(answer)
    )


def test_what_somebody_else_has_written_meanwhile_is_shown_beside(
    client: Client, address: str, drafts: list[CurriculumVersion], signatory: User
) -> None:
    WarningReason.objects.create(
        institution=drafts[0].institution, version=drafts[0], code="ai_gone", reason="Theirs, first.",
        given_by=signatory,
    )  # fmt: skip
    answer = client.post(address, typed(drafts[:2], WHY, WHY))
    assert answer.status_code == 409
    page = text(answer)
    assert "has written meanwhile: “Theirs, first.”. Save again to keep yours." in page
    assert reasons() == {"6B06101": "Theirs, first.", "6B06102": WHY}
    again = dict(re.findall(r'name="(was-[^"]+)" value="([^"]*)"', answer.content.decode()))
    client.post(address, typed(drafts[:2], WHY, WHY) | again)
    assert reasons() == {"6B06101": WHY, "6B06102": WHY}


def test_a_page_that_is_older_than_the_draft_is_told(
    client: Client, address: str, drafts: list[CurriculumVersion], editor: User
) -> None:
    data = typed(drafts[:1], WHY)
    drafts[0].delete()
    assert "1 reason was not saved" in text(client.post(address, data, follow=True))


def test_without_findings_it_says_so(
    client: Client, address: str, institution: Institution, period: Period
) -> None:
    make_version(make_programme(institution), period=period, lines=[{"credits": 30}] * 8)
    assert "The checks have found nothing" in text(client.get(address))


def test_the_signatory_reads_it_and_only_editors_answer(
    client: Client, address: str, drafts: list[CurriculumVersion], signatory: User, viewer: User,
    stranger: User, reviewer: User,
) -> None:  # fmt: skip
    for person in (signatory, viewer):
        client.force_login(person)
        page = client.get(address)
        assert page.status_code == 200
        assert "<textarea" not in page.content.decode()
        assert "No reason yet." in text(page)
        assert client.post(address, typed(drafts, WHY)).status_code == 403
    for person in (stranger, reviewer):
        client.force_login(person)
        assert client.get(address).status_code == client.post(address).status_code == 404
    client.logout()
    assert client.get(address).status_code == 302
    assert not WarningReason.objects.exists()


def test_the_editor_of_one_programme_sees_them_too(
    client: Client, address: str, drafts: list[CurriculumVersion], editor: User
) -> None:
    CurriculumVersion.objects.drafts().update(edit_number=1, edited_by=editor)
    page = text(client.get(reverse("draft-edit", args=["kaznu", drafts[0].period.code, "6B06101"])))
    assert "Asks for a reason:" in page
    assert f"{address}#reason-{drafts[0].pk}-ai_gone-0" in page
    page = text(client.get(reverse("draft-edit", args=["kaznu", drafts[0].period.code, "6B06103"])))
    assert "To be mended before signing:" in page
    assert page.count("is marked as AI and has no evidence.") == 2  # above, and beside its row
    client.post(address, typed(drafts[:1], WHY))
    page = text(client.get(reverse("draft-edit", args=["kaznu", drafts[0].period.code, "6B06101"])))
    assert f"Your reason: “{WHY}”." in page


def test_the_reviewer_reads_the_reason(
    client: Client, address: str, drafts: list[CurriculumVersion], signatory: User, reviewer: User
) -> None:
    from curricula.submitting import submit

    drafts[2].delete()
    client.post(address, typed(drafts[:2], WHY, WHY))
    signed = submit(
        institution=drafts[0].institution,
        period=drafts[0].period,
        by=signatory,
        faculty_total=9,
        faculty_trained=3,
    )
    client.force_login(reviewer)
    page = text(client.get(reverse("admin:curricula_submission_change", args=[signed.pk])))
    assert page.count(WHY) == 2
    assert "The university's reason" in page
    page = text(client.get(reverse("admin:curricula_curriculumversion_change", args=[drafts[0].pk])))
    assert WHY in page


def test_the_page_costs_the_same_for_one_and_for_many(
    client: Client, address: str, institution: Institution, period: Period, django_assert_max_num_queries: Any
) -> None:
    for number in range(1, 9):
        last = make_version(
            make_programme(institution, code=f"6B0610{number}"),
            period=make_earlier_period(),
            state="approved",
        )
        make_version(last.programme, period=period, lines=[{}])
        with django_assert_max_num_queries(17):
            client.get(address)
    data = typed(list(CurriculumVersion.objects.drafts()), *[WHY] * 8)
    with django_assert_max_num_queries(26):
        client.post(address, data)
    assert WarningReason.objects.count() == 8
