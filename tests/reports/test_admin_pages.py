"""Every page of the ministry opens in three languages for those who may see it, and for nobody else."""

from typing import Any

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse
from django.utils import translation

from institutions.admin.base import MinistryAdmin
from institutions.models import Invitation, User
from tests.factories import (
    make_import,
    make_institution,
    make_invitation,
    make_letter,
    make_member,
    make_version,
)
from tests.rules import make_exemption

OURS = [
    model
    for model, page in admin.site._registry.items()
    if isinstance(page, MinistryAdmin)
    and model._meta.managed
    and model._meta.app_label in ("institutions", "curricula", "reports")
]
NAMES = [model._meta.label_lower for model in OURS]


def address(model: Any, page: str, *args: Any) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


def test_everything_that_has_a_page_is_tried_here(everything: None) -> None:
    assert not [model._meta.label for model in OURS if not model._default_manager.exists()]


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
@pytest.mark.parametrize("model", OURS, ids=NAMES)
def test_lists_and_pages_open(
    client: Client, everything: None, auditor: User, lead: User, model: Any, language: str
) -> None:
    row = model._default_manager.first()
    with translation.override(language):
        pages = [
            address(model, "changelist"),
            address(model, "change", row.pk),
            address(model, "history", row.pk),
        ]
        adding = address(model, "add")
    for person in (auditor, lead):
        client.force_login(person)
        for page in pages:
            answer = client.get(page)
            assert answer.status_code == 200, page
            assert f'<html lang="{language}"' in answer.content.decode()
        # Whoever may make members may invite them.
        kind = "membership" if model is Invitation else model._meta.model_name
        may_add = person.has_perm(f"{model._meta.app_label}.add_{kind}")
        assert client.get(adding).status_code == (200 if may_add else 403), adding


@pytest.mark.parametrize("model", OURS, ids=NAMES)
def test_universities_open_none_of_them(client: Client, everything: None, model: Any) -> None:
    client.force_login(make_member(make_institution(), "editor", "signatory"))
    row = model._default_manager.first()
    for page in (
        address(model, "changelist"),
        address(model, "change", row.pk),
        address(model, "history", row.pk),
    ):
        assert client.get(page).status_code == 302, page


@pytest.mark.parametrize("model", OURS, ids=NAMES)
def test_a_list_is_searched_and_costs_the_same_for_one_and_for_many(
    client: Client, everything: None, lead: User, model: Any, django_assert_max_num_queries: Any
) -> None:
    client.force_login(lead)
    for _number in range(4):
        version = make_version(state="submitted")
        make_exemption(version.programme)
        make_import(version.institution)
    make_letter(invitation=make_invitation(version.institution))
    with django_assert_max_num_queries(20):
        assert client.get(address(model, "changelist"), {"q": "ҚазҰУ"}).status_code in (200, 302)
    with django_assert_max_num_queries(20):
        client.get(address(model, "changelist"))


@pytest.mark.parametrize("model", OURS, ids=NAMES)
def test_nothing_that_others_rely_on_is_deleted(
    client: Client, everything: None, db: None, model: Any
) -> None:
    client.force_login(User.objects.create_superuser("root@ministry.kz"))
    row = model._default_manager.first()
    deletable = admin.site._registry[model].deletable  # type: ignore[attr-defined]
    answer = client.post(address(model, "delete", row.pk), {"post": "yes"})
    assert answer.status_code == (302 if deletable else 403)
    assert model._default_manager.filter(pk=row.pk).exists() != deletable


def test_faults_of_a_spreadsheet_are_read_in_words(client: Client, lead: User) -> None:
    found = make_import(make_institution(), faults=[{"code": "required", "row": 14, "column": "credits"}])
    client.force_login(lead)
    page = client.get(f"/en/admin/curricula/import/{found.pk}/change/").content.decode()
    assert "Row 14, credits:" in page
