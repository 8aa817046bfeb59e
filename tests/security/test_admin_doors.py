"""Doors beside the pages of the ministry: parameters that Django's admin understands, and nobody's page offers."""

import re
from typing import Any

import pytest
from django.contrib import admin
from django.db import models
from django.test import Client
from django.urls import reverse

from institutions.models import User
from tests.security.forms import Reader

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english", "everything")]

SECRET = re.compile(r"password|digest|secret|token|sealed|recovery|answer")
LOOKUPS = ("startswith", "regex", "gt", "isnull")


def where(model: Any, page: str, *args: Any) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


def registers() -> list[tuple[Any, Any]]:
    return [(model, page) for model, page in admin.site._registry.items() if model._meta.managed]


def secrets_of(model: Any, *, steps: int = 2) -> list[str]:
    """Paths from a register to columns that nobody may ask about, over the keys of up to so many tables."""
    found = []
    for field in model._meta.get_fields():
        if field.is_relation and steps and field.related_model is not None:
            name = field.name  # of a key that leads here, the name that questions know it by
            found += [f"{name}__{path}" for path in secrets_of(field.related_model, steps=steps - 1)]
        elif isinstance(field, models.Field) and SECRET.search(field.name):
            found.append(field.name)
    return found


def refused(answer: Any) -> bool:
    """400, or led back to the list without the question."""
    return answer.status_code in (400, 403) or (answer.status_code == 302 and "e=1" in answer["Location"])


def test_no_list_is_narrowed_by_a_secret(client: Client, lead: User) -> None:
    client.force_login(lead)
    asked, wrong = 0, []
    for model, _page in registers():
        list_of = where(model, "changelist")
        if client.get(list_of).status_code == 403:
            continue
        for number, path in enumerate(secrets_of(model)):
            question = {f"{path}__{LOOKUPS[number % len(LOOKUPS)]}": "p"}
            asked += 1
            if not refused(client.get(list_of, question)):
                wrong.append((list_of, question))
    assert asked > 60
    assert wrong == []


def test_no_page_hands_out_rows_by_another_column(client: Client, lead: User) -> None:
    client.force_login(lead)
    for model, _page in registers():
        row = model._default_manager.first()
        for field in ("password", "token_hash", "nothing"):
            for page, key in (("changelist", ()), ("change", (row.pk,))):
                answer = client.get(where(model, page, *key), {"_to_field": field, "_popup": "1"})
                if answer.status_code == 200:
                    known = {one.name for one in model._meta.fields}
                    assert field not in known or model._meta.get_field(field).unique, (model, page, field)
                    assert "pbkdf2" not in answer.content.decode()
                else:
                    assert answer.status_code in (302, 400, 403, 404, 405), (model, page, field)


def test_the_address_that_completes_names_is_nowhere(client: Client, lead: User) -> None:
    """Django's takes any register and column. No form of ours asks it."""
    client.force_login(lead)
    assert not [page for _model, page in registers() if page.autocomplete_fields]
    question = {"app_label": "institutions", "model_name": "membership", "field_name": "user", "term": "a"}
    assert client.get(reverse("admin:autocomplete"), question).status_code == 404


def test_nothing_is_edited_in_a_list_and_no_list_shows_whole_passwords(client: Client, lead: User) -> None:
    client.force_login(lead)
    for model, page in registers():
        assert not page.list_editable, model
        row = model._default_manager.first()
        shown = [
            client.get(where(model, name, *key)) for name, key in (("changelist", ()), ("change", (row.pk,)))
        ]
        for answer in shown:
            if answer.status_code == 200:
                assert not re.search(r"pbkdf2_sha256\$\d+\$\w{10,}", answer.content.decode()), model


def test_what_is_sent_besides_the_form_of_a_page_changes_nothing(client: Client, lead: User) -> None:
    """Each page's own form, as a browser sends it back, with members that it does not have."""
    client.force_login(lead)
    sent = 0
    for model, _page in registers():
        row = model._default_manager.first()
        address = where(model, "change", row.pk)
        shown = client.get(address)
        if shown.status_code != 200:
            continue
        before = model._default_manager.filter(pk=row.pk).values().get()
        for _action, form in Reader(shown.content.decode()).forms:
            smuggled = {name: str(value) for name, value in SMUGGLED.items() if name not in form}
            client.post(address, {**form, **smuggled})
            sent += 1
        now = model._default_manager.filter(pk=row.pk).values().get()
        offered = Reader(shown.content.decode()).offered
        changed = {name for name in before if before[name] != now[name]}
        assert not changed & (SMUGGLED.keys() - offered), (model, changed)
    assert sent > 10


SMUGGLED: dict[str, Any] = {
    "id": 1, "pk": 1, "institution": 1, "institution_id": 1, "state": "approved", "status": "approved",
    "approved_by": 1, "decided_by": 1, "decided_by_id": 1, "adopted_by": 1, "confirmed_by": 1, "released_by": 1,
    "verified_at": "2020-01-01", "signed_by": 1, "valid_from": "2020-01-01", "edit_number": 99, "content_hash": "x",
    "version": 99, "is_staff": "on", "is_superuser": "on", "user_permissions": "1", "password": "x", "number": 99,
    "numerator": 1, "share": 1,
}  # fmt: skip
