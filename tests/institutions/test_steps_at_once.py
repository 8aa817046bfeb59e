"""Two steps that meet: the second waits for the first, and is told in a sentence what that one has changed."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError
from django.utils import timezone

from institutions import inviting, joining, registering
from institutions.errors import Refused
from institutions.models import Institution, Invitation, Letter, User, Webhook
from institutions.models.webhooks import MOST
from institutions.webhooks import managing
from tests.at_once import beside, not_yet_committed, without_row_locks
from tests.factories import make_invitation, make_user, three_names
from tests.webhooks import make_webhook

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("english")]


def invite_again(*, invitation: Invitation, by: User) -> object:
    return inviting.invite(
        institution=invitation.institution,
        addresses=[invitation.email],
        roles=["editor"],
        language="kk",
        by=by,
    )


# What a signatory may do about somebody's invitation, what locks it, and why not once it was accepted.
ABOUT_AN_INVITATION: list[tuple[Callable[..., object], Callable[..., object], str]] = [
    (inviting.renew, inviting._pending, "ended"),
    (inviting.revoke, inviting._pending, "ended"),
    (invite_again, inviting.invite, "member"),
]


def amid_an_acceptance(step: Callable[..., object], institution: Institution, by: User) -> object:
    invitation = make_invitation(institution, by=by)
    person = make_user(invitation.email)
    (outcome,) = beside(
        lambda: step(invitation=invitation, by=by),
        meanwhile=not_yet_committed(lambda: joining.accept(invitation=invitation, by=person)),
    )
    assert institution.invitations.get().accepted_by == person
    assert not Letter.objects.exists()
    return outcome


@pytest.mark.parametrize(("step", "_locking", "code"), ABOUT_AN_INVITATION)
def test_who_accepts_meanwhile_is_neither_invited_again_nor_kept_out(
    institution: Institution, signatory: User, step: Any, _locking: Any, code: str
) -> None:
    outcome = amid_an_acceptance(step, institution, signatory)
    assert isinstance(outcome, Refused)
    assert outcome.code == code


@pytest.mark.parametrize(("step", "locking", "_code"), ABOUT_AN_INVITATION)
def test_without_the_lock_it_would_be_an_error_of_the_database(
    institution: Institution,
    signatory: User,
    monkeypatch: pytest.MonkeyPatch,
    step: Any,
    locking: Any,
    _code: str,
) -> None:
    """The negative control."""
    without_row_locks(monkeypatch, locking)
    assert isinstance(amid_an_acceptance(step, institution, signatory), IntegrityError)


def renamed_twice_at_once(institution: Institution, by: User) -> list[str]:
    """Its names, from the first to the present one."""

    def rename(name: str) -> object:
        return registering.rename(
            institution=institution,
            names=three_names(name),
            since=timezone.localdate(),
            reason="Order 17",
            by=by,
        )

    beside(lambda: rename("Second"), meanwhile=not_yet_committed(lambda: rename("First")))
    institution.refresh_from_db()
    return [*institution.former_names.order_by("pk").values_list("name_en", flat=True), institution.name_en]


def test_of_two_names_entered_at_once_the_first_is_kept_as_the_former(
    institution: Institution, lead: User
) -> None:
    before = institution.name_en
    assert renamed_twice_at_once(institution, lead) == [before, "First", "Second"]


def test_without_the_lock_the_first_name_would_be_lost(
    institution: Institution, lead: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control."""
    without_row_locks(monkeypatch, registering._registering)
    before = institution.name_en
    assert renamed_twice_at_once(institution, lead) == [before, before, "Second"]


def the_last_added_twice_at_once(institution: Institution, by: User) -> object:
    for _number in range(MOST - 1):
        make_webhook(institution, made_by=by)

    def add(path: str) -> Webhook:
        return managing.add(
            institution=institution,
            address=f"https://sis.kaznu.kz/{path}",
            events=[Webhook.Event.values[0]],
            by=by,
        )

    (outcome,) = beside(lambda: add("other"), meanwhile=not_yet_committed(lambda: add("last")))
    assert institution.webhooks.count() == MOST
    return outcome


def test_of_two_who_add_the_last_webhook_the_second_is_told(
    institution: Institution, signatory: User
) -> None:
    outcome = the_last_added_twice_at_once(institution, signatory)
    assert isinstance(outcome, Refused)
    assert outcome.code == "too_many"


def test_without_the_lock_the_second_would_meet_an_error_of_the_database(
    institution: Institution, signatory: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control."""
    without_row_locks(monkeypatch, managing._at)
    assert isinstance(the_last_added_twice_at_once(institution, signatory), IntegrityError)
