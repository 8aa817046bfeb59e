"""What is taught: the classifier, programmes, disciplines, curriculum versions, submissions, imports."""

from curricula.models.classifier import Field, Period
from curricula.models.imports import Import
from curricula.models.programmes import Discipline, Programme, ProgrammeState
from curricula.models.submissions import Submission
from curricula.models.versions import AISum, CurriculumVersion, Line

__all__ = [
    "AISum",
    "CurriculumVersion",
    "Discipline",
    "Field",
    "Import",
    "Line",
    "Period",
    "Programme",
    "ProgrammeState",
    "Submission",
]
