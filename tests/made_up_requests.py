"""Requests that Schemathesis makes up from the API's own schema, and sends within the transaction of a test."""

import copy
import os
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import schemathesis
from django.core import signals
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from curricula.api.describing_imports import KINDS
from curricula.api.evidence import PDF
from institutions import wall
from institutions.models import Institution
from tests.factories import make_discipline, make_import, make_programme, make_submission, make_version

EXAMPLES = int(os.environ.get("QAMTU_API_EXAMPLES", "0"))  # of each operation; more for a long search
THEIRS = "Satbayevtyn-oziniki"  # stands in every text of the other university that nothing may show
AS_SAID = [
    not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance,
]  # fmt: skip
ANSWERED: Counter[str] = Counter()  # so many were asked by each way, and answered with each class of statuses

# Where an answer leads: operation, its status, then the operation asked with a member of the body.
LINKS = (
    ("list_own_programmes", 200, "get_own_programme", {"code": "$response.body#/results/0/code"}),
    ("list_own_programmes", 200, "put_own_programme", {"code": "$response.body#/results/0/code"}),
    ("get_own_programme", 200, "put_own_programme",
     {"code": "$request.path.code", "If-Match": "$response.body#/etag"}),
    ("list_own_disciplines", 200, "get_own_discipline", {"code": "$response.body#/results/0/code"}),
    ("get_own_discipline", 200, "put_own_discipline",
     {"code": "$request.path.code", "If-Match": "$response.body#/etag"}),
    ("put_own_discipline", 200, "get_own_discipline", {"code": "$request.path.code"}),
    ("put_own_discipline", 201, "put_own_discipline",
     {"code": "$request.path.code", "If-Match": "$response.body#/etag"}),
    ("list_own_disciplines", 200, "put_own_evidence", {"code": "$response.body#/results/0/code"}),
    ("put_own_evidence", 200, "get_own_evidence", {"code": "$request.path.code"}),
    ("put_own_evidence", 200, "delete_own_evidence", {"code": "$request.path.code"}),
    ("list_own_versions", 200, "get_own_curriculum",
     {"period": "$response.body#/results/0/period", "programme": "$response.body#/results/0/programme"}),
    ("list_own_versions", 200, "put_own_curriculum",
     {"period": "$response.body#/results/0/period", "programme": "$response.body#/results/0/programme"}),
    ("list_own_versions", 200, "get_own_handover", {"period": "$response.body#/results/0/period"}),
    ("get_own_handover", 200, "hand_over", {"period": "$request.path.period"}),
    ("send_own_import", 202, "get_own_import", {"number": "$response.body#/number"}),
    ("send_own_import", 202, "cancel_own_import", {"number": "$response.body#/number"}),
    ("send_own_import", 202, "undo_own_import", {"number": "$response.body#/number"}),
    ("list_releases", 200, "get_release", {"number": "$response.body#/results/0/number"}),
    ("list_institutions", 200, "get_institution", {"code": "$response.body#/results/0/code"}),
)  # fmt: skip


@schemathesis.serializer(PDF, *(kind for kind in KINDS if kind not in ("application/json", "text/csv")))
def as_it_is(_context: Any, body: Any) -> bytes:
    """What the API takes in as a file: any bytes at all."""
    return bytes(getattr(body, "data", b"") or str(body).encode())


def made_up(examples: int) -> settings:
    """So many requests of each operation, and those that its description shows."""
    return settings(
        max_examples=EXAMPLES or examples,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.explicit, Phase.generate],
    )


def linked(document: dict[str, Any]) -> dict[str, Any]:
    """The document with where each answer leads."""
    document = copy.deepcopy(document)
    operations = {
        one["operationId"]: one for path in document["paths"].values() for one in path.values() if "operationId" in one
    }  # fmt: skip
    for source, status, target, parameters in LINKS:
        answer = operations[source]["responses"][str(status)]
        answer.setdefault("links", {})[target] = {"operationId": target, "parameters": parameters}
        assert target in operations, target
    return document


def walk(schema: Any, way: str, *, scenarios: int, **given: Any) -> None:
    """Scenarios of up to ten requests, each with what the answers before have said."""

    class Walk(schema.as_state_machine()):  # type: ignore[misc]
        def get_call_kwargs(self, case: Any) -> dict[str, Any]:
            return given

        def validate_response(self, response: Any, case: Any, *_more: Any, **_named: Any) -> None:
            check(way, case, response)

    run_state_machine_as_test(
        Walk,
        settings=settings(
            max_examples=EXAMPLES or scenarios,
            stateful_step_count=10,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate],
        ),
    )


def check(way: str, case: Any, answer: Any, checks: Any = AS_SAID) -> None:
    """No fault of ours, nothing that the schema does not say, nothing of the other university."""
    ANSWERED[f"{way} {answer.status_code // 100}xx"] += 1
    assert THEIRS.encode() not in answer.content, case
    case.validate_response(answer, checks=checks)


def plant(other: Institution) -> None:
    """A row of everything that a university has, with the mark in each of its texts."""
    titles = {f"title_{language}": f"{THEIRS} {language}" for language in ("kk", "ru", "en")}
    discipline = make_discipline(other, code=THEIRS, description=THEIRS, **titles)
    programme = make_programme(other, code="6B06102", **titles)
    lines = [
        {"discipline": discipline, "ai_category": "core", "evidence_url": f"https://example.kz/{THEIRS}"}
    ]
    submission = make_submission(other, note=THEIRS)
    make_version(programme, state="returned", reason=THEIRS, lines=lines, submission=submission)
    make_version(programme, lines=lines)
    make_import(other, file_name=f"{THEIRS}.xlsx", failure=THEIRS)


@contextmanager
def unbroken() -> Iterator[None]:
    """Requests within the test's transaction, which the end of each would otherwise cut off.

    Nobody closes their answers, so the wall that stands around each is left here.
    """
    for signal in (signals.request_started, signals.request_finished):
        signal.disconnect(close_old_connections)
    yield
    wall.leave()
    for signal in (signals.request_started, signals.request_finished):
        signal.connect(close_old_connections)
