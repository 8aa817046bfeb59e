"""What the checks find in drafts: faults, warnings that ask for a reason, and notes."""

from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from curricula import drafting
from curricula.checking import RULES, Finding, Kind, findings
from curricula.checking.finding import programme_fits
from curricula.checking.rows import codes_of, typed_findings
from curricula.drafting import DraftLine
from curricula.errors import Refused
from curricula.models import CurriculumVersion, EvidenceFile, Period, Programme, WarningReason
from curricula.spreadsheets.columns import Wrong, parse_column
from institutions.models import Institution, User
from tests.factories import (
    make_discipline,
    make_earlier_period,
    make_field,
    make_institution,
    make_lines,
    make_member,
    make_programme,
    make_version,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]

NOTES = {code for code, rule in RULES.items() if rule.kind is Kind.NOTE}


def found_in(version: CurriculumVersion) -> list[Finding]:
    return findings(CurriculumVersion.objects.filter(pk=version.pk)).get(version.pk, [])


def codes(version: CurriculumVersion) -> set[str]:
    return {one.code for one in found_in(version)} - NOTES


def again(last: CurriculumVersion, *lines: dict[str, Any], **over: Any) -> CurriculumVersion:
    """A draft of this year for the programme, with the lines of last year's and more."""
    same = [
        {
            name: getattr(line, name)
            for name in (
                "discipline",
                "credits",
                "semester",
                "ai_category",
                "evidence_url",
                "cycle",
                "component",
            )
        }
        for line in last.lines.order_by("position")
    ]
    return make_version(last.programme, lines=[*same, *lines], **over)


@pytest.fixture
def last(institution: Institution, period: Period) -> CurriculumVersion:
    return make_version(make_programme(institution), period=make_earlier_period(), state="approved")


class TestFaults:
    def test_a_usual_draft_has_none(self, period: Period) -> None:
        assert codes(make_version(period=period)) == set()

    @pytest.mark.parametrize(
        ("number", "wrong"), [("0.5", True), ("1", False), ("30", False), ("30.5", True)]
    )
    def test_credits_are_from_1_to_30(self, period: Period, number: str, wrong: bool) -> None:
        draft = make_version(period=period, lines=[{"credits": Decimal(number)}])
        assert codes(draft) == ({"credits_range"} if wrong else set())

    @pytest.mark.parametrize("number", ["0.5", "30.5", "60"])
    def test_forms_spreadsheets_and_steps_refuse_the_same_credits(
        self, period: Period, editor: User, number: str
    ) -> None:
        (cell,) = parse_column("credits", [number])
        assert isinstance(cell, Wrong)
        line = DraftLine("X1", Decimal(number), "basic", "mandatory", 1, discipline_title="X")
        with pytest.raises(Refused) as refused:
            drafting.save_draft(
                version=make_version(period=period), lines=[line], students=1, edit_number=0, by=editor
            )
        assert refused.value.code == cell.code == "credits_range"
        assert "from 1 to 30" in str(refused.value)

    def test_ai_needs_evidence(self, institution: Institution, period: Period) -> None:
        draft = make_version(
            make_programme(institution),
            lines=[{"ai_category": "core", "evidence_url": ""}, {}],
            period=period,
        )
        (fault,) = [one for one in found_in(draft) if one.is_fault]
        title = draft.lines.first().discipline.title  # type: ignore[union-attr]
        assert str(fault) == f"“{title}” is marked as AI and has no evidence."
        assert fault.discipline == draft.lines.first().discipline_id  # type: ignore[union-attr]

    def test_evidence_of_the_discipline_serves_every_line(
        self, institution: Institution, period: Period
    ) -> None:
        pdf = EvidenceFile.objects.create(
            institution=institution, file="evidence/x", file_name="a.pdf", size=1, sha256="0" * 64,
            uploaded_by=make_member(institution),
        )  # fmt: skip
        for evidence in ({"evidence_url": "https://kaznu.kz/a"}, {"evidence_file": pdf}):
            discipline = make_discipline(institution, title_en="Machine Learning", **evidence)
            line = {"discipline": discipline, "ai_category": "core", "evidence_url": ""}
            assert codes(make_version(make_programme(institution), lines=[line], period=period)) == set()

    @pytest.mark.parametrize(
        ("code", "level", "direction", "fits"),
        [("6B06102", "6B", "061", True), ("6B06102", "7M", "061", False), ("6B06102", "6B", "062", False)],
    )
    def test_a_programmes_code_names_level_and_direction(
        self, code: str, level: str, direction: str, fits: bool
    ) -> None:
        assert programme_fits(code, level, direction) == fits

    def test_a_discipline_twice_in_a_semester_is_refused_by_the_same_code(
        self, period: Period, editor: User
    ) -> None:
        line = DraftLine("X1", Decimal(5), "basic", "mandatory", 1, discipline_title="X")
        with pytest.raises(Refused) as refused:
            drafting.save_draft(
                version=make_version(period=period), lines=[line, line], students=1, edit_number=0, by=editor
            )
        assert refused.value.code == "duplicate_line"
        assert RULES["duplicate_line"].kind is Kind.FAULT


class TestLastYear:
    def test_nothing_changed_asks_for_a_reason(self, last: CurriculumVersion) -> None:
        draft = again(last, students=99)
        assert codes(draft) == {"unchanged"}
        assert "approved for 2024/25" in str(found_in(draft)[0])

    def test_one_line_more_is_a_change(self, last: CurriculumVersion) -> None:
        assert codes(again(last, {"semester": 8})) == set()

    def test_a_correction_within_the_year_is_compared_with_that_year(self, last: CurriculumVersion) -> None:
        again(last, {"semester": 8}, state="approved")
        assert "unchanged" not in codes(again(last))

    def test_ai_that_is_gone_asks_for_a_reason(self, last: CurriculumVersion) -> None:
        assert codes(make_version(last.programme, lines=[{}])) == {"ai_gone"}

    def test_less_ai_asks_for_a_reason(self, institution: Institution, period: Period) -> None:
        two: list[dict[str, Any]] = [{"ai_category": "core"}, {"ai_category": "applied"}]
        last = make_version(
            make_programme(institution), period=make_earlier_period(), state="approved", lines=two
        )
        assert codes(make_version(last.programme, lines=[{"ai_category": "core"}, {}])) == {"ai_less"}
        CurriculumVersion.objects.drafts().delete()
        fewer_credits: list[dict[str, Any]] = [
            {"ai_category": "core"},
            {"ai_category": "applied", "credits": 4},
        ]
        draft = make_version(last.programme, lines=fewer_credits)
        (warning,) = [one for one in found_in(draft) if one.asks_for_reason]
        assert "went from 2 to 2 and their credits from 10 to 9" in str(warning)

    def test_more_ai_asks_for_nothing(self, last: CurriculumVersion) -> None:
        assert codes(again(last, {"ai_category": "core"})) == set()


class TestWords:
    def test_what_seems_ai_and_is_marked_none(self, institution: Institution, period: Period) -> None:
        discipline = make_discipline(institution, title_kk="", title_ru="Нейронные сети", title_en="")
        lines: list[dict[str, Any]] = [
            {"discipline": discipline, "semester": semester} for semester in (1, 2)
        ]
        (warning,) = [
            one
            for one in found_in(make_version(make_programme(institution), lines=lines))
            if one.asks_for_reason
        ]
        assert (warning.code, warning.discipline) == ("unmarked", discipline.pk)

    def test_what_is_called_ai_and_says_nothing_of_it(self, institution: Institution, period: Period) -> None:
        discipline = make_discipline(institution, title_ru="Мелиорация")
        line = {"discipline": discipline, "ai_category": "applied"}
        assert codes(make_version(make_programme(institution), lines=[line])) == {"unnamed"}

    def test_a_row_is_judged_by_the_same_rules_while_it_is_typed(self, institution: Institution) -> None:
        known = make_discipline(institution, code="M1", title_ru="Мелиорация")
        rows = [
            {"code": "M1", "ai_category": "core", "evidence_url": ""},
            {"code": "NEW", "title": "Машинное обучение", "ai_category": "none"},
            {"code": "NEW2", "title": "История", "ai_category": "none"},
            {"code": "", "title": "Машинное обучение", "ai_category": "core"},
        ]
        found = [[one.code for one in some] for some in typed_findings(rows, {"M1": known})]
        assert found == [["no_evidence", "unnamed"], ["unmarked"], [], []]

    def test_what_nobody_has_read_yet_is_not_judged(self) -> None:
        assert codes_of(ai_category="core", evidence=True, suggested="") == []


class TestMedian:
    def approved(self, institution: Institution, count: int, credits: int = 5, **programme: Any) -> None:  # noqa: A002
        for _number in range(count):
            make_version(
                make_programme(institution, **programme), period=make_earlier_period(), state="approved",
                lines=[{"ai_category": "core", "credits": credits}],
            )  # fmt: skip

    def draft(self, *credits: int, **programme: Any) -> CurriculumVersion:  # noqa: A002
        lines = [{"ai_category": "core", "credits": number} for number in credits]
        return make_version(make_programme(**programme), lines=lines)

    def test_far_above_it_asks_for_a_reason_and_says_by_what(
        self, institution: Institution, period: Period
    ) -> None:
        self.approved(institution, 10)
        (warning,) = [one for one in found_in(self.draft(10, 6)) if one.asks_for_reason]
        assert str(warning) == (
            "16 AI credits; the median of Field 06 in 2024/25 is 5 (of 10 approved curricula with AI)."
        )

    def test_nine_curricula_are_no_median(self, institution: Institution, period: Period) -> None:
        self.approved(institution, 9)
        assert codes(self.draft(10, 10)) == set()

    @pytest.mark.parametrize("ai", [(15,), (9, 5)])
    def test_three_times_it_is_not_far(
        self, institution: Institution, period: Period, ai: tuple[int, ...]
    ) -> None:
        self.approved(institution, 10)
        assert codes(self.draft(*ai)) == set()

    def test_another_field_has_another(self, institution: Institution, period: Period) -> None:
        self.approved(institution, 10)
        make_field("041")
        assert codes(self.draft(10, 10, code="6B04101")) == set()

    def test_what_is_dedicated_to_ai_may_have_much(self, institution: Institution, period: Period) -> None:
        self.approved(institution, 10)
        assert codes(self.draft(10, 10, is_ai_dedicated=True)) == set()


def test_reasons_stand_beside_their_warnings(last: CurriculumVersion, editor: User) -> None:
    draft = again(last)
    WarningReason.objects.create(
        institution=draft.institution,
        version=draft,
        code="unchanged",
        reason="New standard next year.",
        given_by=editor,
    )
    (warning,) = [one for one in found_in(draft) if one.asks_for_reason]
    assert warning.reason == "New standard next year."


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_every_rule_reads_in_every_language(language: str) -> None:
    from django.utils import translation

    facts = dict.fromkeys(
        ("discipline", "credits", "least", "most", "code", "level", "direction", "field", "period", "median", "count",
         "lines", "lines_was", "credits_was", "total", "usual", "was", "now"), "7"
    )  # fmt: skip
    with translation.override(language):
        for code, rule in RULES.items():
            sentence = str(Finding(code, facts))
            assert sentence
            assert "%(" not in sentence
            assert all(map(str, (rule.title, rule.source, rule.remedy)))
            assert len(code) <= 30


def test_the_cost_is_the_same_for_one_and_for_many(period: Period) -> None:
    institution = make_institution()
    costs = []
    for number in range(1, 8):
        last = make_version(
            make_programme(institution, code=f"6B0610{number}"),
            period=make_earlier_period(),
            state="approved",
        )
        again(last)
        if number in (1, 7):
            with CaptureQueriesContext(connection) as queries:
                assert len(findings(CurriculumVersion.objects.drafts())) == number
            costs.append(len(queries))
    assert costs[0] == costs[1] <= 9


def test_a_programme_of_last_year_alone_is_no_finding(last: CurriculumVersion) -> None:
    assert Programme.objects.count() == 1
    assert findings(CurriculumVersion.objects.none()) == {}


def test_lines_added_later_are_read(last: CurriculumVersion) -> None:
    draft = again(last)
    make_lines(draft, [{"semester": 5}])
    assert codes(draft) == set()
