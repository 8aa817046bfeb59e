"""Registers and accounts: what the registry said before is kept, and nobody gains power by keeping accounts."""

from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission
from django.test import Client
from django.urls import reverse
from django.utils import translation

from institutions.models import Institution, Membership, User
from tests.factories import make_institution, make_region, make_reviewer, make_user

pytestmark = pytest.mark.django_db


def address(model: Any, page: str, *args: Any) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


@pytest.fixture
def leading(client: Client, lead: User) -> Client:
    client.force_login(lead)
    return client


def sent(institution: Institution, **over: Any) -> dict[str, Any]:
    """What the form of an institution sends."""
    names = ("kind", "name_kk", "name_ru", "name_en", "city", "website", "opened_on", "closed_on")
    form = {name: getattr(institution, name) or "" for name in names}
    rows = {
        f"{prefix}-{name}": 0
        for prefix in ("former_names", "aliases", "states")
        for name in ("TOTAL_FORMS", "INITIAL_FORMS")
    }
    return {**form, **rows, "region": institution.region_id, **over}


def test_the_ministry_adds_a_name_that_no_rule_forms(leading: Client, institution: Institution) -> None:
    page = address(Institution, "change", institution.pk)
    added = sent(institution, **{"aliases-TOTAL_FORMS": 1, "aliases-0-name": "КазГУ"})
    assert leading.post(page, added).status_code == 302
    assert [alias.name for alias in institution.aliases.all()] == ["КазГУ"]


def test_a_move_keeps_what_the_registry_said_before(
    leading: Client, institution: Institution, lead: User
) -> None:
    new = make_region("KZ-75")
    page = address(Institution, "change", institution.pk)
    assert leading.post(page, sent(institution, region=new.pk)).status_code == 302
    assert list(institution.states.order_by("valid_from").values_list("region_code", flat=True)) == [
        "KZ-71",
        "KZ-75",
    ]
    with translation.override("en"):
        text = leading.get(address(Institution, "history", institution.pk)).content.decode()
    assert "Region: <del>Region KZ-71</del> → <ins>Region KZ-75</ins>" in text
    assert lead.email in text


def test_institutions_are_found_by_kazakh_letters_in_any_case(
    leading: Client, institution: Institution
) -> None:
    make_institution(code="gylym", name_kk="Ғылым академиясы")
    with translation.override("kk"):
        text = leading.get(address(Institution, "changelist"), {"q": "ҒЫЛЫМ"}).content.decode()
    assert "Ғылым академиясы" in text
    assert institution.name_kk not in text


def person_form(user: User, **over: Any) -> dict[str, Any]:
    rows = {"memberships-TOTAL_FORMS": 0, "memberships-INITIAL_FORMS": 0}
    return {"email": user.email, "first_name": "New", "last_name": "", "is_active": "on", **rows, **over}


def test_the_lead_gives_roles(leading: Client, institution: Institution) -> None:
    user = make_user()
    form = person_form(
        user,
        **{
            "memberships-TOTAL_FORMS": 1,
            "memberships-0-institution": institution.pk,
            "memberships-0-role": "editor",
        },
    )
    assert leading.post(address(User, "change", user.pk), form).status_code == 302
    assert Membership.objects.get(user=user).role == "editor"


def test_the_lead_makes_nobody_more_powerful_than_themselves(leading: Client) -> None:
    everything = Group.objects.create(name="everything")
    everything.permissions.set(Permission.objects.all())
    user = make_user()
    form = person_form(user, is_staff="on", is_superuser="on", groups=[everything.pk], user_permissions=[1])
    assert leading.post(address(User, "change", user.pk), form).status_code == 200  # no such choice
    leading.post(address(User, "change", user.pk), {**form, "groups": []})
    user.refresh_from_db()
    assert (user.is_staff, user.is_superuser) == (True, False)
    assert not user.groups.exists()
    assert not user.user_permissions.exists()


@pytest.mark.parametrize("powerful", ["superuser", "inactive superuser", "more permissions"])
def test_the_lead_changes_nobody_who_may_more(leading: Client, powerful: str) -> None:
    if powerful == "more permissions":
        target = make_reviewer()
        target.user_permissions.add(Permission.objects.get(codename="delete_group"))
    else:
        target = User.objects.create_superuser("root@ministry.kz", is_active=powerful == "superuser")
    before = User.objects.filter(pk=target.pk).values().get()
    page = address(User, "change", target.pk)
    assert leading.post(page, person_form(target, email="mine@example.kz")).status_code == 403
    passwords = {"password1": "a new long password", "password2": "a new long password"}
    assert (
        leading.post(reverse("admin:auth_user_password_change", args=[target.pk]), passwords).status_code
        == 403
    )
    assert User.objects.filter(pk=target.pk).values().get() == before


def test_the_reviewer_changes_no_account(client: Client, reviewer: User) -> None:
    client.force_login(reviewer)
    user = make_user()
    assert client.post(address(User, "change", user.pk), person_form(user)).status_code == 403
    assert client.get(address(User, "add")).status_code == 403
    user.refresh_from_db()
    assert user.first_name == "Aru"


def test_a_new_account_can_sign_in(leading: Client) -> None:
    form = {
        "email": "New@KazNU.kz", "first_name": "Dina", "last_name": "", "usable_password": "true",
        "password1": "a long enough sentence", "password2": "a long enough sentence",
    }  # fmt: skip
    assert leading.post(address(User, "add"), form).status_code == 302
    assert Client().login(username="new@kaznu.kz", password="a long enough sentence")


def test_roles_at_the_ministry_are_named_in_the_readers_language(
    leading: Client, lead: User, reviewer: User
) -> None:
    with translation.override("ru"):
        account = leading.get(address(User, "change", reviewer.pk)).content.decode()
        accounts = leading.get(address(User, "changelist")).content.decode()
    assert "рецензент" in account
    assert "рецензент" in accounts
    assert "руководитель" in accounts
    assert "> reviewer<" not in account.replace("\n", "")
