"""The receipt of a submission as a PDF: what was handed in, by whom, when, and the hash that vouches for it.

The same receipt gives the same bytes: its only date is that of the signature, its typeface is our own, and it says
nothing that changes later, such as decisions.
"""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.db.models import Count, Q
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from fpdf import FPDF
from fpdf.enums import XPos, YPos

from curricula.models import AICategory, Submission

FACE = "Source Sans 3"
INK, MUTED, ACCENT, RULE = (20, 33, 43), (77, 91, 102), (0, 102, 140), (219, 226, 231)
MARGIN, LABEL = 20, 42
# Programme, version, students, lines, AI disciplines.
WIDTHS = (76, 18, 24, 20, 32)


def handed_in(submission: Submission) -> list[Any]:
    """Its curricula by programme code, each with `line_count` and `ai_count`; one query."""
    return list(
        submission.versions.select_related("programme")
        .annotate(
            line_count=Count("lines"), ai_count=Count("lines", filter=~Q(lines__ai_category=AICategory.NONE))
        )
        .order_by("programme__code")
    )


def pdf(submission: Submission) -> bytes:
    """In the language that is active."""
    paper = _Paper(submission)
    paper.head()
    paper.facts(_facts(submission))
    paper.seal()
    paper.curricula(handed_in(submission))
    return bytes(paper.output())


def _facts(submission: Submission) -> list[tuple[str, str]]:
    signed, person = timezone.localtime(submission.signed_at), submission.signed_by
    return [
        (_("University"), submission.institution.name),
        (_("Academic year"), submission.period.name),
        (_("Signed by"), f"{person} ({person.email})" if person.get_full_name() else person.email),
        (_("Signed at"), f"{date_format(signed, 'DATETIME_FORMAT')} (UTC{signed.isoformat()[-6:]})"),
        (_("Faculty"), str(submission.faculty_total)),
        (_("Of them, completed training in AI"), str(submission.faculty_trained)),
        *([(_("Note to the ministry"), submission.note)] if submission.note else []),
    ]


class _Paper(FPDF):
    """A4, upright, a number at the foot of every page."""

    def __init__(self, submission: Submission) -> None:
        super().__init__(format="A4")
        self.submission = submission
        self.set_lang(get_language() or "kk")
        self.set_title(self._title())
        self.set_creator("Qamtu")
        self.set_creation_date(submission.signed_at)
        self.set_margins(MARGIN, MARGIN)
        self.set_auto_page_break(True, margin=22)
        for style, name in (("", "Regular"), ("B", "Bold")):
            self.add_font(FACE, style, settings.TYPEFACES / f"SourceSans3-{name}.ttf")
        self.add_page()

    def head(self) -> None:
        self._say("Qamtu", 12, ACCENT, bold=True)
        self._say(_("Ministry of Science and Higher Education of the Republic of Kazakhstan"), 9, MUTED)
        self.ln(8)
        self._say(self._title(), 20, bold=True)
        self._say(self.submission.receipt_number, 14, ACCENT, bold=True)
        self.ln(5)

    def facts(self, facts: Sequence[tuple[str, str]]) -> None:
        for label, value in facts:
            self._rule()
            top, page = self.get_y(), self.page
            self._say(label, 9.5, MUTED, width=LABEL)
            below = self.get_y()
            if self.page == page:
                self.set_xy(MARGIN + LABEL + 4, top)
            self._say(value, 10.5, left=MARGIN + LABEL + 4)
            self.set_y(max(below, self.get_y()) if self.page == page else self.get_y())

    def seal(self) -> None:
        self._rule()
        self.ln(4)
        self._say(_("Content hash (SHA-256)"), 9.5, MUTED)
        self._say(self.submission.content_hash, 11, bold=True)
        self._say(
            _(
                "The database computed it at the moment of signing, over the staff figures and the hashes of the"
                " curricula listed below. If anything in the package were changed, the hash would be another."
            ),
            9,
            MUTED,
        )
        self.ln(6)

    def curricula(self, versions: Sequence[Any]) -> None:
        count = len(versions)
        self._say(
            ngettext("%(count)d curriculum handed in", "%(count)d curricula handed in", count)
            % {"count": count},
            13,
            bold=True,
        )
        self._columns([_("Programme"), _("Version"), _("Students"), _("Lines"), _("of them AI")], 8.5, MUTED)
        for version in versions:
            if self.will_page_break(14):
                self.add_page()
            self._rule()
            name = f"{version.programme.code} {version.programme.title}"
            counts = (version.number, _number(version.students), version.line_count, version.ai_count)
            self._columns([name, *map(str, counts)], 10)
            self._say(version.content_hash, 7, MUTED)
            self.ln(1)
        self._rule()

    def footer(self) -> None:
        self.set_y(-15)
        self.set_font(FACE, "", 8.5)
        self.set_text_color(*MUTED)
        words = {"number": self.submission.receipt_number, "page": self.page_no(), "pages": "{nb}"}
        self.cell(0, 5, _("%(number)s, page %(page)s of %(pages)s") % words, align="C")

    def _title(self) -> str:
        return _("Receipt of a submission")

    def _say(
        self,
        text: str,
        size: float,
        colour: tuple[int, int, int] = INK,
        *,
        bold: bool = False,
        left: float = MARGIN,
        width: float = 0,
    ) -> None:
        self.set_font(FACE, "B" if bold else "", size)
        self.set_text_color(*colour)
        self.set_x(left)
        self.multi_cell(width, size * 0.48, text, align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)

    def _columns(self, texts: Sequence[str], size: float, colour: tuple[int, int, int] = INK) -> None:
        """The first wraps, the others stand at the right of its first line."""
        self.set_font(FACE, "", size)
        self.set_text_color(*colour)
        top, left = self.get_y(), MARGIN + WIDTHS[0]
        for text, width in zip(texts[1:], WIDTHS[1:], strict=True):
            self.set_xy(left, top)
            self.cell(width, size * 0.48, text, align="R")
            left += width
        self.set_y(top)
        self._say(texts[0], size, colour, width=WIDTHS[0])

    def _rule(self) -> None:
        self.set_draw_color(*RULE)
        self.ln(1.2)
        self.line(MARGIN, self.get_y(), self.w - MARGIN, self.get_y())
        self.ln(1.2)


def _number(value: int | None) -> str:
    return "–" if value is None else str(value)
