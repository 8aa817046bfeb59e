"""What is taught: the classifier, programmes, disciplines, curriculum versions, submissions, imports."""

from curricula.models.batches import Batch, BatchDraft
from curricula.models.claims import Assignment, Claim
from curricula.models.classifier import Field, Period
from curricula.models.collecting import Extension, SentReminder
from curricula.models.evidence import EvidenceFile
from curricula.models.imports import Import, ImportChange
from curricula.models.programmes import Discipline, Programme, ProgrammeState
from curricula.models.reasons import ReturnReason, WarningReason
from curricula.models.reminders import Reminder
from curricula.models.sampling import Sample, SampledCurriculum
from curricula.models.submissions import Submission
from curricula.models.terms import AICategory, Component, ContentArea, Cycle
from curricula.models.typings import Typing
from curricula.models.versions import AISum, CurriculumVersion, Line, SignedDiscipline

__all__ = [
    "AICategory",
    "AISum",
    "Assignment",
    "Batch",
    "BatchDraft",
    "Claim",
    "Component",
    "ContentArea",
    "CurriculumVersion",
    "Cycle",
    "Discipline",
    "EvidenceFile",
    "Extension",
    "Field",
    "Import",
    "ImportChange",
    "Line",
    "Period",
    "Programme",
    "ProgrammeState",
    "Reminder",
    "ReturnReason",
    "Sample",
    "SampledCurriculum",
    "SentReminder",
    "SignedDiscipline",
    "Submission",
    "Typing",
    "WarningReason",
]
