"""What the API says of itself is committed, complete and true."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest
from django.conf import settings
from django.test import Client
from drf_spectacular.renderers import OpenApiYamlRenderer
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from reports.api.serving import document
from reports.files import XLSX as KIND_OF_XLSX

if TYPE_CHECKING:
    from playwright.sync_api import Page
    from pytest_django.live_server_helper import LiveServer

COMMITTED = settings.BASE_DIR / "docs" / "openapi.yaml"
OPERATIONS = [
    pytest.param(operation, id=operation["operationId"])
    for path in document()["paths"].values()
    for operation in path.values()
]


def test_the_schema_changes_only_on_purpose() -> None:
    made = OpenApiYamlRenderer().render(document()).decode()
    assert COMMITTED.read_text(encoding="utf-8") == made, (
        "The API has changed. If that is meant: make schema, and say so in CHANGELOG.md."
    )


@pytest.mark.parametrize("operation", OPERATIONS)
def test_every_operation_is_described_with_examples_and_its_errors(operation: dict[str, Any]) -> None:
    assert operation["summary"]
    assert operation["description"]
    assert all(parameter.get("description") for parameter in operation.get("parameters", []))
    responses = operation["responses"]
    for form in (responses[status]["content"] for status in responses if status[0] == "2"):
        assert form.get("application/json", form.get("application/x-ndjson"))["examples"]
    assert {"400", "404", "406", "429", "503"} <= set(responses)
    for status in ("400", "404", "406", "429", "503"):
        assert set(responses[status]["content"]) == {"application/problem+json"}


def bodies() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Of each operation and message, all that may be sent or answered: where, in which form, and how it looks."""
    paths, webhooks = document()["paths"], document()["webhooks"]
    for path in (*paths.values(), *webhooks.values()):
        for operation in path.values():
            of_each = {"request": operation.get("requestBody", {}), **operation["responses"]}
            for name, one in of_each.items():
                for media_type, body in one.get("content", {}).items():
                    yield f"{operation['operationId']} {name}", media_type, body


def test_every_example_is_true() -> None:
    tried = 0
    for where, media_type, body in bodies():
        if not media_type.endswith("json") or media_type == "application/x-ndjson":
            continue
        schema = Draft202012Validator({**body["schema"], "components": document()["components"]})
        for example in body.get("examples", {}).values():
            assert [fault.message for fault in schema.iter_errors(example["value"])] == [], where
            tried += 1
    assert tried > 90


def test_every_request_has_an_example_but_for_workbooks() -> None:
    without = {
        media_type for where, media_type, body in bodies() if "request" in where and not body.get("examples")
    }
    assert without == {KIND_OF_XLSX, "application/vnd.oasis.opendocument.spreadsheet"}


def test_every_column_is_described() -> None:
    for name, schema in document()["components"]["schemas"].items():
        if name.endswith("Row"):
            assert all(column.get("description") for column in schema["properties"].values()), name


def test_the_schema_is_served_as_yaml_and_as_json(client: Client, db: None) -> None:
    assert client.get("/api/v1/schema/").content.decode() == COMMITTED.read_text(encoding="utf-8")
    as_json = client.get("/api/v1/schema/?format=json")
    assert (as_json["Content-Type"], as_json.json()["openapi"]) == ("application/json", "3.1.0")


@pytest.mark.browser
def test_its_pages_need_no_third_party_and_no_exception_from_the_policy(
    live_server: "LiveServer", page: "Page"
) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{live_server.url}/api/docs/")
    page.get_by_text("/api/v1/coverage/").click()
    page.get_by_role("button", name="Try it out").click()
    page.get_by_role("button", name="Execute").click()
    page.locator(".live-responses-table .response-col_status", has_text="200").wait_for()
    assert all(url.startswith((live_server.url, "data:", "blob:")) for url in asked)
