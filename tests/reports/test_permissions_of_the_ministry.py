"""Each page, action and address of the admin, from both sides: whom docs/permissions.md names may, and nobody else can.

Pages are found by the admin's registers and by the URL configuration: one without a line in the document fails here.
A new register needs a row in `everything` of conftest.py; an address with arguments of its own, in `OWN`.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import translation

from institutions.models import User
from reports.reference.roles import load_roles
from tests.factories import make_institution, make_member
from tests.reports.permissions import NOTHING, acts, compare, let_do, opens, routes, table

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english", "everything")]

ROLES = ("reviewer", "lead", "data-steward", "auditor")
STANDARD = ("changelist", "add", "change", "history", "delete")
# Django's own pages that lead to no row of ours: the way in and out, scripts, and answers to addresses that nobody has.
NO_PAGES = {
    "login",
    "logout",
    "jsi18n",
    "autocomplete",
    "view_on_site",
    "password_change",
    "password_change_done",
    None,
}
# Arguments of addresses that are not the key of a row of the register that they belong to: by the name of the address.
OWN: dict[str, dict[str, Any]] = {
    "app_list": {"app_label": "curricula"},
    "curricula_sample_reading": {"position": 1},
    "curricula_submission_evidence": {"number": 1},
}
# What is sent where nothing at all would be answered as an address that there is not.
SENT: dict[str, dict[str, Any]] = {
    "curricula_assignment_deleted": {"kind": "assignment", "key": 1},
    "curricula_returnreason_deleted": {"kind": "returnreason", "key": 1},
    "curricula_submission_decide": {"subject": "staff", "decision": "approve"},
    "institutions_institution_deleted": {"kind": "alias", "key": 1},
    "institutions_user_deleted": {"kind": "membership", "key": 1},
    "reports_effortentry_deleted": {"kind": "effortentry", "key": 1},
    "reports_fieldoccupation_deleted": {"kind": "fieldoccupation", "key": 1},
    "reports_referencevalue_deleted": {"kind": "referencevalue", "key": 1},
    "reports_target_deleted": {"kind": "target", "key": 1},
}


@pytest.fixture
def person(request: pytest.FixtureRequest, role: str) -> User:
    names = {"data-steward": "steward"}
    user: User = request.getfixturevalue(names.get(role, role))
    return user


def registers() -> dict[str, tuple[Any, Any]]:
    """Those with a table behind; what else the admin lists has pages of its own only."""
    return {
        f"{model._meta.app_label}.{model._meta.model_name}": (model, page)
        for model, page in admin.site._registry.items()
        if model._meta.managed
    }


def address(model: Any, page: str, *args: Any) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


def own_addresses() -> Iterator[tuple[str, str]]:
    """Name and address of every page that is not one of the five that each register has."""
    standard = {f"{name.replace('.', '_')}_{page}" for name in registers() for page in STANDARD}
    for route, pattern in routes():
        if route.startswith("en/admin/") and pattern.name not in NO_PAGES | standard:
            yield str(pattern.name), reverse(f"admin:{pattern.name}", kwargs=arguments(route, pattern))


def arguments(route: str, pattern: Any) -> dict[str, Any]:
    names = list(pattern.pattern.converters) or list(pattern.pattern.regex.groupindex)
    given = OWN.get(pattern.name, {})
    if given.keys() >= set(names):
        return given
    model, _page = registers()[".".join(route.split("/")[2:4])]
    row = model._default_manager.first()
    assert row is not None, f"{pattern.name}: `everything` makes no {model._meta.label}"
    return dict.fromkeys(names, row.pk) | given


def answered(client: Client, user: User, model: Any, page: Any) -> str:
    """What the five pages of a register, and its actions, let somebody do."""
    row = model._default_manager.first()
    assert row is not None, f"`everything` makes no {model._meta.label}"
    looks = {opens(client, address(model, name, *key)) for name, key in
             (("changelist", ()), ("change", (row.pk,)), ("history", (row.pk,)))}  # fmt: skip
    assert len(looks) == 1, f"{model._meta.label}: list, page and history differ in who may look"
    request = RequestFactory().get("/")
    request.user = user
    may_change = page.has_change_permission(request, row)
    assert acts(client, address(model, "change", row.pk)) == may_change or not may_change, model
    found = {
        "looks": looks == {True},
        "adds": acts(client, address(model, "add")),
        "changes": may_change,
        "deletes": acts(client, address(model, "delete", row.pk), {"post": "yes"}),
        **actions(client, request, model, page, row),
    }
    return ", ".join(name for name, may in found.items() if may) or NOTHING


def actions(client: Client, request: Any, model: Any, page: Any, row: Any) -> dict[str, bool]:
    names = [getattr(action, "__name__", action) for action in page.actions or ()]
    offered = page.get_actions(request)
    assert not set(offered) - set(names) - {"delete_selected"}
    return {name: name in offered for name in names}


@pytest.mark.parametrize("role", ROLES)
def test_registers_are_looked_at_and_kept_by_whom_the_document_names(
    client: Client, person: User, role: str
) -> None:
    client.force_login(person)
    compare(
        "Registers", role, {name: answered(client, person, *found) for name, found in registers().items()}
    )


@pytest.mark.parametrize("role", ROLES)
def test_pages_of_their_own_serve_whom_the_document_names(client: Client, person: User, role: str) -> None:
    client.force_login(person)
    lines = table("Pages of their own")
    found = {name: let_do(client, where, lines.get(name), SENT.get(name)) for name, where in own_addresses()}
    compare("Pages of their own", role, found)


@pytest.mark.parametrize("who", ["visitor", "university", "superuser without the second factor"])
def test_nobody_from_outside_the_ministry_comes_in(client: Client, who: str, settings: Any) -> None:
    """Nor whoever has not shown the second factor: that comes to no page, with whatever rights."""
    load_roles()
    if who.startswith("superuser"):
        root = User.objects.create_superuser("root@ministry.kz")
        client.force_login(root)
        assert opens(client, reverse("admin:index"))
        settings.SECOND_FACTOR = "some"
    if who == "university":
        member = make_member(make_institution(), "editor", "signatory")
        member.groups.set(Group.objects.all())  # a role of the ministry without being of the ministry
        client.force_login(member)
    for model, _page in registers().values():
        row = model._default_manager.first()
        for name in STANDARD:
            where = address(model, name, *([row.pk] if name in ("change", "history", "delete") else []))
            assert not opens(client, where), where
            assert not acts(client, where, {"post": "yes"}), where
    for _name, where in own_addresses():
        assert not opens(client, where), where
        assert not acts(client, where), where


@pytest.mark.parametrize("role", ROLES)
def test_an_action_that_is_not_offered_is_not_carried_out(client: Client, person: User, role: str) -> None:
    client.force_login(person)
    request = RequestFactory().get("/")
    request.user = person
    with translation.override("en"):
        for model, page in registers().values():
            row = model._default_manager.first()
            for name in {getattr(action, "__name__", action) for action in page.actions or ()} - set(
                page.get_actions(request)
            ):
                before = model._default_manager.filter(pk=row.pk).values().get()
                client.post(address(model, "changelist"), {"action": name, "_selected_action": [row.pk]})
                assert model._default_manager.filter(pk=row.pk).values().get() == before, (name, role)
