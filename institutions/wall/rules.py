"""Which rows there are within the wall, table by table. What follows from the models is not written down here:

a table with `institution_id` is read and written by that institution alone, and so is its history. Other tables are
read by everybody and written by nobody, but for those named below; `tests/institutions/test_wall_rules.py` walks all
models and fails for a way to an institution that has no rule.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from django.apps import apps
from django.db import models

from institutions.wall.standing import SETTING

# Read once a statement, and an index serves it.
MINE = f"ANY ((SELECT nullif(current_setting('{SETTING}', true), '')::bigint[])::bigint[])"
OWN = f"institution_id = {MINE}"
NOBODY = "false"
EVERYBODY = "true"

RELEASED = """snapshot_id IN (
    SELECT snapshot_id FROM reports_release WHERE publish_at <= statement_timestamp() AND files_ready_at IS NOT NULL)"""


@dataclass(frozen=True)
class Rule:
    """Conditions of SQL over a row: for whom it is there, and who may write it."""

    read: str
    write: str


def through(column: str, parent: str) -> Rule:
    """A row is whose its parent is, which has a rule of its own."""
    own = f"EXISTS (SELECT FROM {parent} AS parent WHERE parent.id = {column})"
    return Rule(own, own)


# Pages that everybody reads name all institutions, and their programmes.
NAMED = Rule(EVERYBODY, OWN)

RULES = {
    "institutions_institution": Rule(EVERYBODY, f"id = {MINE}"),
    "institutions_institutionevent": Rule(EVERYBODY, f"pgh_obj_id = {MINE}"),
    "institutions_institutionstate": NAMED,
    "institutions_formername": NAMED,
    "institutions_formernameevent": NAMED,
    "institutions_alias": NAMED,
    "institutions_aliasevent": NAMED,
    "institutions_merger": Rule(EVERYBODY, NOBODY),
    "institutions_mergerevent": Rule(EVERYBODY, NOBODY),
    "curricula_programme": NAMED,
    "curricula_programmeevent": NAMED,
    "curricula_programmestate": NAMED,
    # Of others what a release shows, or can come to show: what was approved.
    "curricula_curriculumversion": Rule(f"{OWN} OR state = 'approved'", OWN),
    # What was signed for the catalogue that everybody reads, from the signature on; a condition on the version would be
    # asked for each line of the country.
    "curricula_signeddiscipline": NAMED,
    "reports_assessment": Rule(f"{OWN} OR {RELEASED}", NOBODY),
    "reports_liveassessment": Rule(OWN, NOBODY),
    # By whose they belong to.
    "institutions_givenanswer": through("key_id", "institutions_apikey"),
    "institutions_webhookdelivery": through("webhook_id", "institutions_webhook"),
    "institutions_webhookattempt": through("delivery_id", "institutions_webhookdelivery"),
    "curricula_claim": through("submission_id", "curricula_submission"),
    "curricula_claimevent": through("submission_id", "curricula_submission"),
    # Those to people who are invited; others are the reader's own affair, and written by `beyond`.
    "institutions_letter": through("invitation_id", "institutions_invitation"),
    # The ministry's, though submissions and curricula are in them.
    "curricula_sample": Rule(NOBODY, NOBODY),
    "curricula_sampleevent": Rule(NOBODY, NOBODY),
}

# Without a way to an institution, and written within the wall: sessions, accounts and what people sign in with are
# needed before anybody is known; contexts are the trail's, which triggers write.
WRITTEN = {
    "django_session",
    "institutions_user",
    "institutions_userevent",
    "institutions_signinattempt",
    "institutions_tally",
    "institutions_secondfactor",
    "institutions_passkey",
    "institutions_passkeyevent",
    "institutions_session",
    "institutions_recoverycode",
    "institutions_recoverycodeevent",
    "pghistory_context",
}


def tables() -> Iterator[type[models.Model]]:
    """A model for each table of the program."""
    seen = set()
    for model in apps.get_models(include_auto_created=True):
        meta = model._meta
        if meta.managed and not meta.proxy and meta.db_table not in seen:
            seen.add(meta.db_table)
            yield model


def rule_of(model: type[models.Model]) -> Rule | None:
    """None for a table that is no institution's."""
    meta = model._meta
    if meta.db_table in RULES:
        return RULES[meta.db_table]
    return Rule(OWN, OWN) if any(field.column == "institution_id" for field in meta.concrete_fields) else None
