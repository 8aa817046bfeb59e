"""Who reports: users, regions, institutions, memberships, and the ledger of what changed."""

from institutions.models.operation import Deployment, Generation, Heartbeat
from institutions.models.registry import FormerName, Institution, InstitutionState, Region
from institutions.models.users import Membership, SignInAttempt, User

__all__ = [
    "Deployment",
    "FormerName",
    "Generation",
    "Heartbeat",
    "Institution",
    "InstitutionState",
    "Membership",
    "Region",
    "SignInAttempt",
    "User",
]
