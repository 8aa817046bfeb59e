"""The task list tells what is true: the state of each programme, what is left, and the one thing to do next."""

from datetime import timedelta
from html import unescape

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from curricula import drafting, reviewing
from curricula.models import Period, Programme
from curricula.next_steps import next_step
from curricula.progress import programmes_of, progress
from institutions.access import members
from institutions.models import Institution, User
from tests.curricula.test_drafting import CORE
from tests.factories import make_earlier_period, make_import, make_programme, make_submission, make_version

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]


def status(programme: Programme, period: Period) -> str:
    found: str = programmes_of(programme.institution, period).get(pk=programme.pk).status
    return found


def test_each_programme_has_the_state_of_its_newest_version(institution: Institution, period: Period) -> None:
    assert status(make_programme(institution), period) == "none"
    for state in ("draft", "submitted", "approved", "returned"):
        programme = make_programme(institution)
        make_version(programme, period=make_earlier_period(), state="approved")
        make_version(programme, period=period, state=state)
        assert status(programme, period) == state


def test_a_returned_curriculum_stays_so_until_its_draft_is_saved(
    institution: Institution, period: Period, editor: User
) -> None:
    returned = make_version(make_programme(institution), period=period, state="returned")
    draft = drafting.copy_as_draft(version=returned, by=editor)
    assert status(returned.programme, period) == "returned"
    drafting.save_draft(version=draft, lines=[CORE], students=1, edit_number=0, by=editor)
    assert status(returned.programme, period) == "draft"


def test_programmes_that_are_not_taught_any_more_are_not_asked_for(
    institution: Institution, period: Period
) -> None:
    ended = period.starts_on - timedelta(days=1)
    make_programme(institution, active_to=ended)
    reported = make_version(make_programme(institution, active_to=ended), period=period).programme
    assert list(programmes_of(institution, period)) == [reported]


def test_the_numbers_add_up(institution: Institution, period: Period) -> None:
    for state in ("draft", "draft", "submitted", "approved", "returned"):
        make_version(make_programme(institution), period=period, state=state)
    make_version(make_programme(institution), period=period, lines=[])
    make_programme(institution)
    now = progress(institution, period)
    assert (now.total, now.filled, now.missing, now.ready, now.empty, now.handed_in) == (7, 5, 2, 2, 1, 2)


class TestTheNextStep:
    """What an editor, a signatory and somebody with both roles is told."""

    def kinds(self, institution: Institution, period: Period) -> tuple[str, str, str]:
        now = progress(institution, period)
        signatories = members(institution, "signatory")
        roles = ((True, False), (False, True), (True, True))
        editor, signatory, both = (
            next_step(now, may_edit=edit, may_sign=sign, signatories=signatories).kind for edit, sign in roles
        )
        return editor, signatory, both

    def test_a_return_comes_first(self, institution: Institution, period: Period) -> None:
        make_version(make_programme(institution), period=period, state="returned")
        make_version(make_programme(institution), period=period)
        make_programme(institution)
        assert self.kinds(institution, period) == ("edit", "sign", "edit")

    def test_few_are_filled_in_by_hand_and_many_at_once(
        self, institution: Institution, period: Period
    ) -> None:
        make_programme(institution)
        assert self.kinds(institution, period) == ("edit", "", "edit")
        for _number in range(5):
            make_programme(institution)
        assert self.kinds(institution, period) == ("disciplines", "", "disciplines")

    def test_what_was_approved_before_is_carried_forward(
        self, institution: Institution, period: Period
    ) -> None:
        make_version(make_programme(institution), period=make_earlier_period(), state="approved")
        make_programme(institution)
        assert progress(institution, period).carryable == 1
        assert self.kinds(institution, period) == ("carry", "", "carry")

    def test_then_come_the_students(self, institution: Institution, period: Period) -> None:
        make_version(make_programme(institution), period=period, students=None)
        assert self.kinds(institution, period) == ("enrolment", "sign", "enrolment")

    def test_then_what_the_checks_found_is_mended_or_answered(
        self, institution: Institution, period: Period
    ) -> None:
        unproven = {"ai_category": "core", "evidence_url": ""}
        make_version(make_programme(institution), period=period, lines=[unproven])
        now = progress(institution, period)
        assert (now.faults, len(now.unsettled)) == (1, 1)
        assert self.kinds(institution, period) == ("checks", "checks", "checks")
        step = next_step(now, may_edit=False, may_sign=True)
        assert "That is the work of an editor." in step.sentence

    def test_what_is_filled_in_is_signed_or_a_signatory_asked(
        self, institution: Institution, period: Period, signatory: User
    ) -> None:
        make_version(make_programme(institution), period=period)
        assert self.kinds(institution, period) == ("ask", "sign", "sign")

    def test_nobody_is_asked_where_there_is_no_signatory(
        self, institution: Institution, period: Period
    ) -> None:
        make_version(make_programme(institution), period=period)
        step = next_step(progress(institution, period), may_edit=True, may_sign=False)
        assert (step.kind, "no signatory yet" in step.sentence) == ("", True)

    def test_staff_figures_that_were_returned_are_signed_again(
        self, institution: Institution, period: Period, reviewer: User, signatory: User
    ) -> None:
        submission = make_submission(
            institution, period=period, versions=[make_version(make_programme(institution))]
        )
        reviewing.approve_all(
            submission=submission,
            by=reviewer,
            seen_version_ids=list(submission.versions.values_list("pk", flat=True)),
        )
        reviewing.return_staff_figures(submission=submission, by=reviewer, reason="Count again.")
        assert self.kinds(institution, period) == ("ask", "sign", "sign")

    def test_what_is_handed_in_is_waited_for(self, institution: Institution, period: Period) -> None:
        make_version(make_programme(institution), period=period, state="submitted")
        assert self.kinds(institution, period) == ("", "", "")

    def test_a_running_import_is_watched(self, institution: Institution, period: Period) -> None:
        make_programme(institution)
        make_import(institution, period=period)
        assert self.kinds(institution, period) == ("imports", "imports", "imports")

    def test_in_a_closed_period_there_is_nothing_to_do(self, institution: Institution) -> None:
        past = make_earlier_period()
        make_version(make_programme(institution), period=past, state="approved")
        assert self.kinds(institution, past) == ("", "", "")

    def test_what_was_returned_after_the_period_closed_is_mended_and_not_signed(
        self, institution: Institution, reviewer: User
    ) -> None:
        past = make_earlier_period()
        version = make_version(make_programme(institution), period=past, state="submitted")
        reviewing.return_for_correction(version=version, by=reviewer, reason="Name the topics.")
        assert self.kinds(institution, past) == ("edit", "", "edit")
        step = next_step(progress(institution, past), may_edit=True, may_sign=True)
        assert "can be mended, but not signed" in step.sentence


class TestThePage:
    @pytest.fixture
    def address(self, client: Client, institution: Institution, period: Period, editor: User) -> str:
        client.force_login(editor)
        return reverse("workspace-institution", args=[institution.code])

    def text(self, client: Client, address: str) -> str:
        return unescape(client.get(address).content.decode())

    def test_it_says_why_something_was_returned_and_leads_there(
        self, client: Client, institution: Institution, period: Period, address: str
    ) -> None:
        programme = make_programme(institution)
        make_version(programme, period=period, state="returned", reason="Name the topics.")
        page = self.text(client, address)
        assert "Name the topics." in page
        assert reverse("draft-edit", args=[institution.code, period.code, programme.code]) in page

    def test_filter_search_and_order_live_in_the_address(
        self, client: Client, institution: Institution, period: Period, address: str
    ) -> None:
        make_programme(institution, code="6B06102", title_kk="Ғылым негіздері")
        make_programme(institution, code="7M06103")
        make_version(make_programme(institution, code="8D06104"), period=period)
        listed = {
            "": {"6B06102", "7M06103", "8D06104"},
            "status=draft": {"8D06104"},
            "status=none&level=7M": {"7M06103"},
            "q=ҒЫЛЫМ": {"6B06102"},
            "q=6104&sort=saved": {"8D06104"},
            "lacks=lines": {"6B06102", "7M06103"},
            "lacks=students": set(),
            "lacks=answers": set(),
            "field=06&sort=ai&page=all": {"6B06102", "7M06103", "8D06104"},
            "field=01": {"6B06102", "7M06103", "8D06104"},  # not a field of theirs
            "status=bogus&level=bogus&sort=bogus&page=bogus": {"6B06102", "7M06103", "8D06104"},
            "q=nothing+of+the+kind": set(),
        }
        for query, expected in listed.items():
            table = self.text(client, f"{address}?{query}").partition('id="programmes"')[2]
            found = {code for code in ("6B06102", "7M06103", "8D06104") if f'">{code}</a>' in table}
            assert found == expected, query

    def test_fifty_programmes_make_a_page(
        self, client: Client, institution: Institution, address: str
    ) -> None:
        for number in range(51):
            make_programme(institution, code=f"6B061{number:02}")
        assert "1–50 of 51, page 1 of 2" in self.text(client, address)
        assert "6B06150" in self.text(client, f"{address}?page=2").partition('id="programmes"')[2]

    def test_all_programmes_make_one_page_if_wanted(
        self, client: Client, institution: Institution, address: str
    ) -> None:
        for number in range(51):
            make_programme(institution, code=f"6B061{number:02}")
        page = self.text(client, f"{address}?page=all").partition('id="programmes"')[2]
        assert all(f">6B061{number:02}</a>" in page for number in range(51))

    def test_what_the_checks_found_stands_there_until_it_is_mended(
        self, client: Client, institution: Institution, period: Period, address: str
    ) -> None:
        unproven = {"ai_category": "core", "evidence_url": ""}
        draft = make_version(make_programme(institution, code="6B06101"), period=period, lines=[unproven])
        make_version(make_programme(institution, code="6B06102"), period=period)
        link = f"{address}{period.code}/checks/#programme-6B06101"
        page = self.text(client, f"{address}?lacks=answers")
        assert "The checks found 1 fault." in page
        assert link in page
        assert ">6B06102</a>" not in page.partition('id="programmes"')[2]
        draft.lines.update(evidence_url="https://kaznu.kz/syllabus.pdf")
        page = self.text(client, address)
        assert link not in page
        assert "Nothing stands against signing" in page

    def test_without_programmes_it_says_whom_to_ask(self, client: Client, address: str) -> None:
        page = self.text(client, address)
        assert "Ask the ministry to enter them" in page
        assert 'id="programmes"' not in page

    def test_staff_figures_that_were_returned_stand_there_with_the_reason(
        self, client: Client, institution: Institution, period: Period, address: str, reviewer: User
    ) -> None:
        make_programme(institution)
        submission = make_submission(institution, period=period)
        reviewing.return_staff_figures(submission=submission, by=reviewer, reason="Count the part-timers.")
        assert "Count the part-timers." in self.text(client, address)

    def test_in_a_closed_period_what_was_returned_can_be_mended_and_not_signed(
        self, client: Client, institution: Institution, address: str, reviewer: User, editor: User
    ) -> None:
        past = make_earlier_period()
        version = make_version(make_programme(institution), period=past, state="submitted")
        reviewing.return_for_correction(version=version, by=reviewer, reason="Name the topics.")
        page = self.text(client, f"{address}?period={past.code}")
        assert "can be mended, but not signed" in page
        edit = reverse("draft-edit", args=[institution.code, past.code, version.programme.code])
        assert edit in page
        assert client.get(edit).status_code == 200

    def test_an_editor_is_led_to_a_signatory_by_letter(
        self, client: Client, institution: Institution, period: Period, address: str, signatory: User
    ) -> None:
        make_version(make_programme(institution), period=period)
        page = self.text(client, address)
        assert f"mailto:{signatory.email}?subject=To%20sign" in page
        assert "Ask Serik to sign" in page

    def test_it_is_true_at_once_after_each_save(
        self, client: Client, institution: Institution, period: Period, address: str, editor: User
    ) -> None:
        draft = make_version(make_programme(institution), period=period, lines=[], students=None)
        assert "1 programme has no curriculum yet." in self.text(client, address)
        drafting.save_draft(version=draft, lines=[CORE], students=None, edit_number=0, by=editor)
        assert "does not say how many students" in self.text(client, address)
        client.post(
            f"{address}{period.code}/enrolment/", {f"students-{draft.pk}": "25", f"was-{draft.pk}": ""}
        )
        assert "waits for a signature" in self.text(client, address)

    @pytest.mark.parametrize(
        ("days", "words"), [(30, "30 days left"), (1, "1 day left"), (0, "Due today"), (-3, "3 days ago")]
    )
    def test_it_tells_the_days_until_due(
        self, client: Client, period: Period, address: str, days: int, words: str
    ) -> None:
        Period.objects.filter(pk=period.pk).update(due_on=timezone.localdate() + timedelta(days=days))
        assert words in self.text(client, address)

    @pytest.mark.parametrize("query", ["period=1999", "period=x", "period=" + "9" * 50])
    def test_a_period_that_does_not_exist_is_not_found(
        self, client: Client, address: str, query: str
    ) -> None:
        assert client.get(f"{address}?{query}").status_code == 404

    def test_numbers_beyond_all_columns_are_not_found(self, client: Client, address: str) -> None:
        assert client.get(f"{address}2025/submissions/{'9' * 40}/").status_code == 404
        assert client.get(f"{address}{'9' * 40}/sign/").status_code in (403, 404)
