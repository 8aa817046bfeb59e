"""What is taught: the classifier, programmes, disciplines, curriculum versions, submissions, imports."""

from curricula.models.classifier import Field, Period
from curricula.models.imports import Import
from curricula.models.programmes import Discipline, Programme, ProgrammeState
from curricula.models.submissions import Submission
from curricula.models.versions import (
    AICategory,
    AISum,
    Component,
    CurriculumVersion,
    Cycle,
    Line,
    SignedDiscipline,
)

__all__ = [
    "AICategory",
    "AISum",
    "Component",
    "CurriculumVersion",
    "Cycle",
    "Discipline",
    "Field",
    "Import",
    "Line",
    "Period",
    "Programme",
    "ProgrammeState",
    "SignedDiscipline",
    "Submission",
]
