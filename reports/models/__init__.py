"""What it means: the mandate, snapshots with their assessments and coverage, releases, live coverage."""

from reports.models.drafts import RequirementDraft
from reports.models.effort import EffortEntry
from reports.models.live import LiveAssessment, LiveCoverage, LiveDay
from reports.models.mandate import Exemption, Mandate, ReferenceValue, Requirement, Target
from reports.models.proposals import ReleaseProposal
from reports.models.releases import Release, ReleaseFile
from reports.models.snapshots import Assessment, Coverage, Indicator, Outcome, Snapshot
from reports.models.work import FieldOccupation, Occupation

__all__ = [
    "Assessment",
    "Coverage",
    "EffortEntry",
    "Exemption",
    "FieldOccupation",
    "Indicator",
    "LiveAssessment",
    "LiveCoverage",
    "LiveDay",
    "Mandate",
    "Occupation",
    "Outcome",
    "ReferenceValue",
    "Release",
    "ReleaseFile",
    "ReleaseProposal",
    "Requirement",
    "RequirementDraft",
    "Snapshot",
    "Target",
]
