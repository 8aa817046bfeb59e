"""Demonstration accounts: everyone can sign in, passwords are kept, and never in production."""

import json
from io import StringIO
from pathlib import Path

import pytest
from django.contrib.auth import authenticate
from django.core.management import CommandError, call_command
from django.test import Client
from pytest_django import Settings

from institutions import demo_accounts
from institutions.models import Membership, User
from reports.reference.roles import load_roles
from tests.factories import make_institution

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def two_universities(settings: Settings, tmp_path: Path) -> None:
    settings.RUN_DIR = tmp_path
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # quick, and not under test
    load_roles()
    make_institution(code="kaznu")
    make_institution(code="enu")
    make_institution(code="ai-university", kind="planned")


def passwords() -> dict[str, str]:
    output = StringIO()
    call_command("create_demo_accounts", "--json", stdout=output)
    return {account["email"]: account["password"] for account in json.loads(output.getvalue())["accounts"]}


def test_each_open_university_has_an_editor_and_a_signatory_and_the_ministry_five_people() -> None:
    assert set(passwords()) == {
        "reviewer@ministry.demo",
        "lead@ministry.demo",
        "deputy@ministry.demo",
        "steward@ministry.demo",
        "auditor@ministry.demo",
        "editor@kaznu.demo",
        "signatory@kaznu.demo",
        "editor@enu.demo",
        "signatory@enu.demo",
    }
    membership = Membership.objects.get(user__email="signatory@enu.demo")
    assert (membership.institution.code, membership.role) == ("enu", "signatory")
    lead = User.objects.get(email="lead@ministry.demo")
    assert lead.is_staff
    assert [group.name for group in lead.groups.all()] == ["lead"]


def test_all_of_them_can_sign_in_with_what_is_printed() -> None:
    for email, password in passwords().items():
        assert authenticate(Client().request().wsgi_request, username=email, password=password), email


def test_the_passwords_are_in_a_file_that_only_its_owner_reads(tmp_path: Path) -> None:
    printed = passwords()
    path = tmp_path / "accounts.txt"
    assert path.stat().st_mode & 0o777 == 0o600
    assert dict(line.split() for line in path.read_text().splitlines()) == printed


def test_a_second_call_keeps_the_passwords_and_adds_who_is_new() -> None:
    first = passwords()
    make_institution(code="sdu")
    second = passwords()
    assert first.items() <= second.items()
    assert authenticate(
        Client().request().wsgi_request, username="editor@sdu.demo", password=second["editor@sdu.demo"]
    )


def test_without_the_file_all_get_new_passwords(tmp_path: Path) -> None:
    first = passwords()
    (tmp_path / "accounts.txt").unlink()
    second = passwords()
    assert first["lead@ministry.demo"] != second["lead@ministry.demo"]
    user = User.objects.get(email="lead@ministry.demo")
    assert user.check_password(second["lead@ministry.demo"])
    assert not user.check_password(first["lead@ministry.demo"])


def test_a_password_that_somebody_has_changed_since_is_left_alone() -> None:
    passwords()
    user = User.objects.get(email="editor@enu.demo")
    user.set_password("changed by the editor")
    user.save(update_fields=["password"])
    demo_accounts.create()
    user.refresh_from_db()
    assert user.check_password("changed by the editor")


def test_they_are_refused_in_production(settings: Settings) -> None:
    settings.DEMO = False
    with pytest.raises(CommandError, match="DEMO"):
        call_command("create_demo_accounts")
    assert not User.objects.exists()
