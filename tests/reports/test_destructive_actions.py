"""Whatever the ministry's pages destroy asks first, says what it does, and is undone for 30 days or says it can't be.

Found by the admin's registers: a new way to delete something, a new action and a new page of a step fail here until
somebody has said what becomes of it.
"""

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.contrib import admin
from django.db import connection, transaction
from django.http import HttpRequest
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone

from institutions import history, putting_back
from institutions.admin.base import ReadOnlyInline
from institutions.errors import Refused
from institutions.models import Alias, Invitation, Membership, User
from reports.models import Target
from tests.factories import make_institution, make_invitation, make_member

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]

STANDARD = ("changelist", "add", "change", "history", "delete", "deleted")

# Pages of steps, and actions, by name: how what they do is undone, in words that the page itself says.
UNDONE = {
    "auth_user_password_change": "It can’t be undone: give them another one, or let them ask for a letter.",
    "curricula_extension_take_back": "It can be undone: grant it again.",
    "curricula_period_close": "It can be undone: open the period again.",
    "institutions_apikey_revoke": "It can’t be undone: the university makes another key.",
    "institutions_institution_close": "It can be undone: open it again.",
    "institutions_institution_rename": "It can be undone: give it the old name again.",
    "institutions_invitation.take_back": "It can’t be undone: invite them again.",
    "institutions_user_reset_second_factor": "It can’t be undone: they set up a new one.",
    "institutions_user_sign_out": "Nothing is lost by it: they sign in again.",
    "institutions_webhook_switch_off": (
        "It can be undone: a signatory of the university resumes it, and what waited is sent."
    ),
    "reports_exemption_revoke": "It can’t be undone: excuse the programme again, from that day on.",
    "reports_releaseproposal_withdraw": "It can’t be undone: propose it again; its texts are kept.",
    "reports_requirementdraft_withdraw": "It can’t be undone: draft it again; what it said is kept.",
}
# What destroys nothing: it shows, adds, or moves something that the same page or its neighbour moves back.
DESTROYS_NOTHING = {
    "curricula_period_extend",
    "curricula_period_grant",
    "curricula_period_open_early",
    "curricula_period_remind",
    "curricula_period_reopen",
    "curricula_sample_population",
    "curricula_sample_reading",
    "curricula_submission_approve",
    "curricula_submission_claim",
    "curricula_submission_decide",
    "curricula_submission_evidence",
    "curricula_submission_next",
    "curricula_submission_release",
    "curricula_submission_return",
    "curricula_submission_universities",
    "institutions_institution_open",
    "institutions_institution_reopen",
    "institutions_trailentry_export",
    "reports_releaseproposal_confirm",
    "reports_requirement_what_if",
    "reports_requirementdraft_adopt",
}


def registers() -> list[Any]:
    return list(admin.site._registry.values())


def asked_by_the_superuser() -> HttpRequest:
    request = RequestFactory().get("/")
    request.user = User(is_superuser=True, is_active=True, is_staff=True)
    return request


def name_of(page: Any) -> str:
    return f"{page.opts.app_label}_{page.opts.model_name}"


def pages_of_steps() -> dict[str, type]:
    """Every page of every register that is none of Django's usual ones, whatever it is called, with its kind of row."""
    return {
        url.name: page.model
        for page in registers()
        for url in page.get_urls()
        if url.name and url.name not in {f"{name_of(page)}_{word}" for word in STANDARD}
    }


def deletable() -> list[type]:
    """Every kind of row that a page of the admin deletes, whatever class the page is of."""
    request = asked_by_the_superuser()
    kinds = [page.model for page in registers() if page.has_delete_permission(request)]
    return kinds + [
        inline.model
        for page in registers()
        for inline in page.inlines
        if inline.can_delete and not issubclass(inline, ReadOnlyInline)
    ]


def test_whatever_can_be_deleted_can_be_put_back_from_a_page_of_its_register() -> None:
    assert {Target, Membership, Alias} <= set(deletable())
    led_to = {kind for page in registers() if hasattr(page, "kinds_deleted") for kind in page.kinds_deleted()}
    assert set(deletable()) - led_to == set()
    assert [kind for kind in led_to if not putting_back.can_come_back(kind)] == []


def test_every_action_and_every_page_of_a_step_says_what_becomes_of_it() -> None:
    request = asked_by_the_superuser()
    actions = {f"{name_of(page)}.{action}" for page in registers() for action in page.get_actions(request)}
    assert UNDONE.keys() & DESTROYS_NOTHING == set()
    assert actions | pages_of_steps().keys() == UNDONE.keys() | DESTROYS_NOTHING


@pytest.mark.usefixtures("everything")
@pytest.mark.parametrize("name", [name for name in UNDONE if "." not in name])
def test_the_page_says_whether_it_can_be_undone(client: Client, name: str) -> None:
    client.force_login(User.objects.create_superuser("root@ministry.kz", "correct horse battery"))
    row = pages_of_steps()[name].objects.first()  # type: ignore[attr-defined]
    answer = client.get(reverse(f"admin:{name}", args=[row.pk]))
    assert answer.status_code == 200
    assert UNDONE[name] in answer.content.decode()
    assert 'method="post"' in answer.content.decode()


def test_an_action_asks_before_it_does_anything(client: Client, lead: User) -> None:
    client.force_login(lead)
    invitation = make_invitation(email="aru@kaznu.kz")
    where = reverse("admin:institutions_invitation_changelist")
    chosen = {"action": "take_back", "_selected_action": [invitation.pk]}
    page = client.post(where, chosen).content.decode()
    assert UNDONE["institutions_invitation.take_back"] in page
    assert "aru@kaznu.kz" in page
    assert Invitation.objects.get().revoked_at is None
    client.post(where, {**chosen, "sure": "yes"})
    assert Invitation.objects.get().revoked_at is not None


def test_a_merger_says_that_it_is_for_good(client: Client, lead: User) -> None:
    client.force_login(lead)
    page = client.get(reverse("admin:institutions_merger_add")).content.decode()
    assert "It can’t be undone: what it would do is shown first" in page


def deleted_page(model: type) -> str:
    return reverse(f"admin:{model._meta.label_lower.replace('.', '_')}_deleted")  # type: ignore[attr-defined]


def test_what_was_deleted_comes_back_as_it_was(client: Client, lead: User) -> None:
    target = Target.objects.create(
        requirement_code="ai-discipline", due_on="2029-01-01", share="0.5", name_en="Half"
    )
    before = Target.objects.values().get()
    client.force_login(lead)
    confirm = reverse("admin:reports_target_delete", args=[target.pk])
    assert "For 30 days it can be put back as it was" in client.get(confirm).content.decode()
    client.post(confirm, {"post": "yes"})
    assert not Target.objects.exists()
    assert deleted_page(Target) in client.get(reverse("admin:reports_target_changelist")).content.decode()

    (one,) = putting_back.deleted([Target])
    page = client.get(deleted_page(Target)).content.decode()
    assert "Half" in page
    assert str(lead) in page
    client.post(deleted_page(Target), {"kind": "target", "key": one.key})
    assert Target.objects.values().get() == before
    assert putting_back.deleted([Target]) == []
    newest = history.told(history.events(target)[:1], Target)[0]
    assert (newest.person, newest.action) == (lead, "added")


def test_rows_within_an_account_come_back_too(client: Client, lead: User) -> None:
    member = make_member(make_institution(), "editor")
    member.memberships.all().delete()
    client.force_login(lead)
    change = client.get(reverse("admin:institutions_user_change", args=[member.pk])).content.decode()
    assert deleted_page(User) in change
    (one,) = [one for one in putting_back.deleted([Membership]) if getattr(one.row, "user", None) == member]
    client.post(deleted_page(User), {"kind": "membership", "key": one.key})
    assert member.memberships.get().role == "editor"


def test_what_can_not_come_back_is_refused_with_the_remedy(
    client: Client, lead: User, reviewer: User
) -> None:
    university = make_institution()
    first = Alias.objects.create(institution=university, name="KazNU")
    first.delete()
    (one,) = putting_back.deleted([Alias])
    put_it_back = partial(putting_back.put_back, model=Alias, key=one.key, by=lead)

    client.force_login(reviewer)
    sent = {"kind": "alias", "key": one.key}
    assert client.post(deleted_page(type(university)), sent).status_code == 403
    client.force_login(lead)
    for wrong in ({"kind": "user", "key": one.key}, {"kind": "alias", "key": "x"}, {}):
        assert client.post(deleted_page(type(university)), wrong).status_code == 404

    again = Alias.objects.create(institution=university, name="KazNU")
    with pytest.raises(Refused, match="Another row has taken its place"):
        put_it_back()
    again.delete()
    with transaction.atomic(), connection.cursor() as cursor:  # as if it had been deleted 31 days ago
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(
            "UPDATE institutions_aliasevent SET pgh_created_at = %s", [timezone.now() - timedelta(days=31)]
        )
        cursor.execute("SET LOCAL session_replication_role = origin")
    with pytest.raises(Refused, match="more than 30 days ago"):
        put_it_back()
    assert not Alias.objects.exists()
