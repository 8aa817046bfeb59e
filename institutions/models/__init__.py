"""Who reports: users, institutions, memberships, invitations, keys, letters, webhooks, the ledger of what changed."""

from institutions.models.answers import GivenAnswer
from institutions.models.invitations import Invitation
from institutions.models.keys import ApiKey
from institutions.models.letters import Letter
from institutions.models.mergers import Merger
from institutions.models.operation import Deployment, Generation, Heartbeat, Operations, Tally
from institutions.models.registry import Alias, FormerName, Institution, InstitutionState, Region
from institutions.models.second_factor import Passkey, RecoveryCode, SecondFactor
from institutions.models.sessions import Session
from institutions.models.trail import TrailEntry, TrailMark, TrailSeal
from institutions.models.users import (
    Membership,
    MinistryRole,
    PersonalRight,
    RoleRight,
    SignInAttempt,
    User,
    role_name,
)
from institutions.models.webhooks import Webhook, WebhookAttempt, WebhookDelivery

__all__ = [
    "Alias",
    "ApiKey",
    "Deployment",
    "FormerName",
    "Generation",
    "GivenAnswer",
    "Heartbeat",
    "Institution",
    "InstitutionState",
    "Invitation",
    "Letter",
    "Membership",
    "Merger",
    "MinistryRole",
    "Operations",
    "Passkey",
    "PersonalRight",
    "RecoveryCode",
    "Region",
    "RoleRight",
    "SecondFactor",
    "Session",
    "SignInAttempt",
    "Tally",
    "TrailEntry",
    "TrailMark",
    "TrailSeal",
    "User",
    "Webhook",
    "WebhookAttempt",
    "WebhookDelivery",
    "role_name",
]
