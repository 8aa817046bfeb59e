"""What each public figure is: unit, source, how it is computed, its limits, what is missing. For readers, in words.

The methodology page has a section for each, which charts and indicators lead to by its key. They describe methodology
version 1; a next version gets its own.
"""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Text = str | Promise


@dataclass(frozen=True)
class Metadata:
    """`key` is the name of an indicator, or `coverage`, or `exposure`; it is the anchor of the section, too."""

    key: str
    name: Text
    what: Text
    unit: Text
    source: Text
    computed: Text
    limits: Text
    missing: Text


CURRICULA = _(
    "Curricula that a university has signed and the ministry has approved, and the registry of universities and "
    "programmes as it stood at the moment of the release."
)
STAFF = _("Staff figures that a university has signed and the ministry has approved.")
PROGRAMMES = _("Programmes")
UNIVERSITIES = _("Universities")

METADATA = (
    Metadata(
        key="coverage",
        name=_("Programmes that meet the mandate"),
        what=_(
            "How many of the programmes that a requirement covers have the AI disciplines that it asks for. The share "
            "is shown for the country and by region, university, field, level, kind of university and language."
        ),
        unit=_("Programmes; shares in per cent of programmes"),
        source=CURRICULA,
        computed=_(
            "Programmes that meet the requirement, divided by all that it covers except the exempt ones. Twice, by two "
            "programs that share nothing; they must agree on every cell."
        ),
        limits=_(
            "It says what a curriculum provides for, not how well it is taught or what students learn. Every programme "
            "counts once, however many study in it. What AI is in a discipline the university says and the ministry "
            "reviews."
        ),
        missing=_(
            "A programme without an approved curriculum counts against the share. The share of those with data stands "
            "beside it."
        ),
    ),
    Metadata(
        key="institutions_with_ai",
        name=_("Universities that teach at least one AI discipline"),
        what=_(
            "How many universities have a discipline with AI, of any category, in an approved curriculum."
        ),
        unit=UNIVERSITIES,
        source=CURRICULA,
        computed=_(
            "Universities with such a discipline, beside all that are open at the moment of the release."
        ),
        limits=_(
            "One discipline in one programme is enough. The public statement of January 2026 does not say by what rule "
            "its universities were counted, so that the two numbers may differ for that reason alone."
        ),
        missing=_("Universities without any approved curriculum: it is not known whether they teach AI."),
    ),
    Metadata(
        key="programmes_meeting_mandate",
        name=_("Programmes that meet every requirement"),
        what=_(
            "How many programmes meet each requirement in whose scope they are and that they are not excused from."
        ),
        unit=PROGRAMMES,
        source=CURRICULA,
        computed=_(
            "A programme stands as its worst outcome: one requirement that it does not meet is enough."
        ),
        limits=_("While there is one requirement only, this is the same as its coverage."),
        missing=_("Programmes that fail no requirement but lack data for one."),
    ),
    Metadata(
        key="ai_programmes",
        name=_("Programmes dedicated to AI"),
        what=_("How many programmes have AI itself as their subject."),
        unit=PROGRAMMES,
        source=_("The registry of programmes as it stood at the moment of the release."),
        computed=_("Active programmes that are marked so in the registry, beside all active programmes."),
        limits=_("Dedicated to AI is a mark in the registry; no curriculum is looked at for it."),
        missing=_("Nothing: every programme of the registry is counted."),
    ),
    Metadata(
        key="institutions_with_ai_programmes",
        name=_("Universities that run programmes dedicated to AI"),
        what=_("How many universities run at least one programme that has AI itself as its subject."),
        unit=UNIVERSITIES,
        source=_("The registry of programmes as it stood at the moment of the release."),
        computed=_(
            "Universities with such a programme, beside all that are open at the moment of the release."
        ),
        limits=_("One programme is enough, of any level and size."),
        missing=_("Nothing: every university of the registry is counted."),
    ),
    Metadata(
        key="faculty_trained",
        name=_("Faculty who have completed training in AI"),
        what=_("Which share of the faculty has completed training in AI, as reported for the academic year."),
        unit=_("People; shares in per cent of faculty"),
        source=STAFF,
        computed=_(
            "Those trained, divided by all faculty of the universities that have reported their staff."
        ),
        limits=_(
            "What counts as training is for the university to say: length and content are not compared. Who works at "
            "two universities is counted at both."
        ),
        missing=_("Universities without approved staff figures: neither side of the division holds them."),
    ),
    Metadata(
        key="students_reached",
        name=_("Students in programmes that meet the mandate"),
        what=_("Which share of students is enrolled in a programme that meets the mandate."),
        unit=_("Students; shares in per cent of students"),
        source=CURRICULA,
        computed=_(
            "Students of programmes that meet the mandate, divided by the students of all programmes that have told "
            "how many they have."
        ),
        limits=_(
            "Enrolled is not the same as taught: an elective discipline is not chosen by every student."
        ),
        missing=_("Programmes that have not told how many students they have."),
    ),
    Metadata(
        key="institutions_reported",
        name=_("Universities that have reported"),
        what=_("How many universities have signed at least one submission for the academic year."),
        unit=UNIVERSITIES,
        source=_("Submissions that universities have signed by the moment of the release."),
        computed=_(
            "Universities with a signed submission, beside all that are open at the moment of the release."
        ),
        limits=_("Signed is not yet approved, and a submission need not hold every programme."),
        missing=_("Nothing: a university has signed or has not."),
    ),
    Metadata(
        key="exposure",
        name=_("Exposure of work to generative AI"),
        what=_(
            "How much of the tasks of the occupations that a field trains for generative AI can do or help with."
        ),
        unit=_("A score from 0 to 1"),
        source=_(
            "Gmyrek et al. 2025, ILO Working Paper 140, joined with fields of education by a table of our own."
        ),
        computed=_("The mean of the scores of the occupations that a field trains for, each counted once."),
        limits=_(
            "Exposure is no forecast of jobs lost. Nothing is weighted by graduates or jobs, for no public data say "
            "who works where. Which occupations a field trains for is a starting point that the ministry edits."
        ),
        missing=_("There are no scores for the armed forces."),
    ),
)
