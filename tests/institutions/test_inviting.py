"""Inviting: who may, whom, and what the database keeps of it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from institutions import inviting
from institutions.errors import Refused
from institutions.models import Institution, Invitation, Letter, Membership, User
from tests.at_once import beside, no_row_is_written
from tests.factories import make_institution, make_invitation, make_member, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]


def invite(institution: Institution, by: User, *addresses: str, **over: Any) -> list[Invitation]:
    said = {"addresses": addresses or ("aru@kaznu.kz",), "roles": ["editor"], "language": "kk", **over}
    return inviting.invite(institution=institution, by=by, **said)


def refusal(action: Callable[[], object]) -> Refused:
    with pytest.raises(Refused) as refused:
        action()
    return refused.value


def roles_of(institution: Institution, user: User) -> set[str]:
    return set(institution.memberships.filter(user=user).values_list("role", flat=True))


def test_a_signatory_invites_several_at_once(institution: Institution, signatory: User) -> None:
    invite(
        institution, signatory, "Aru@KazNU.kz", "dana@kaznu.kz", "aru@kaznu.kz", roles=["signatory", "editor"]
    )
    invited = institution.invitations.order_by("email")
    assert [invitation.email for invitation in invited] == ["aru@kaznu.kz", "dana@kaznu.kz"]
    assert invited[0].roles == ["editor", "signatory"]
    assert invited[0].invited_by == signatory
    assert invited[0].expires_at - invited[0].invited_at == timedelta(days=7)
    assert {letter.address for letter in Letter.objects.all()} == {"aru@kaznu.kz", "dana@kaznu.kz"}


def test_the_token_is_stored_as_a_hash_and_in_the_letter_only(
    institution: Institution, signatory: User
) -> None:
    (invitation,) = invite(institution, signatory)
    letter = Letter.objects.get()
    assert len(letter.secret) >= 43  # 32 bytes
    assert invitation.token_hash == inviting.digest_of(letter.secret)
    assert letter.secret not in f"{letter.path} {letter.parameters} {letter.once}"


def test_many_invitations_cost_no_more_queries_than_one(
    institution: Institution, signatory: User, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(10):
        invite(institution, signatory, "one@kaznu.kz")
    with django_assert_num_queries(10):
        invite(institution, signatory, *(f"person-{number}@kaznu.kz" for number in range(40)))


@pytest.mark.parametrize("who", ["editor", "viewer", "stranger", "reviewer"])
def test_nobody_else_invites(institution: Institution, who: str, request: pytest.FixtureRequest) -> None:
    by = request.getfixturevalue(who)
    assert refusal(lambda: invite(institution, by)).code == "not_signatory"
    assert not Invitation.objects.exists()
    assert not Letter.objects.exists()


def test_the_lead_invites_the_first_signatory(institution: Institution, lead: User) -> None:
    invite(institution, lead, roles=["signatory"])
    assert institution.invitations.get().roles == ["signatory"]


def test_a_signatory_who_was_closed_out_invites_nobody(institution: Institution, signatory: User) -> None:
    signatory.is_active = False
    assert refusal(lambda: invite(institution, signatory)).code == "not_signatory"


def test_all_wrong_addresses_are_named_and_nobody_is_invited(
    institution: Institution, signatory: User
) -> None:
    refused = refusal(
        lambda: invite(institution, signatory, "aru@kaznu.kz", "no-address", "x@", "ſis@kaznu.kz")
    )
    assert refused.field == "addresses"
    for wrong in ("no-address", "x@", "ſis@kaznu.kz"):
        assert wrong in str(refused)
    assert not Invitation.objects.exists()


@pytest.mark.parametrize(
    "address",
    [
        "aru@kaznu.kz\nBcc: all@kaznu.kz",
        "aru@kaznu.kz\r\nBcc: x@y.kz",
        "Aru <aru@kaznu.kz>",
        "a@b.kz\0",
        "=?utf-8?q?x?=@b.kz, c@d.kz",
    ],
)
def test_an_address_is_no_way_into_the_headers(
    institution: Institution, signatory: User, address: str
) -> None:
    assert refusal(lambda: invite(institution, signatory, address)).code == "not_an_address"


def test_a_member_is_not_invited(institution: Institution, signatory: User, editor: User) -> None:
    refused = refusal(lambda: invite(institution, signatory, "new@kaznu.kz", editor.email.upper()))
    assert refused.code == "member"
    assert editor.email in str(refused)
    assert not Invitation.objects.exists()


def test_an_account_elsewhere_is_invited_like_any_address(
    institution: Institution, signatory: User, stranger: User
) -> None:
    User.objects.filter(pk=stranger.pk).update(language="ru")
    known, unknown = invite(institution, signatory, stranger.email, "nobody@kaznu.kz")
    assert (known.language, unknown.language) == ("ru", "kk")
    assert not roles_of(institution, stranger)


def test_inviting_again_ends_the_old_link(institution: Institution, signatory: User) -> None:
    (first,) = invite(institution, signatory)
    (again,) = invite(institution, signatory, roles=["viewer"])
    assert again.pk == first.pk
    assert again.token_hash != first.token_hash
    assert institution.invitations.get().roles == ["viewer"]


def test_an_expired_invitation_is_sent_again(institution: Institution, signatory: User) -> None:
    old = timezone.now() - timedelta(days=8)
    invitation = make_invitation(institution, invited_at=old, expires_at=old + timedelta(days=7))
    assert invitation.state == "expired"
    inviting.renew(invitation=invitation, by=signatory)
    assert institution.invitations.get().state == "open"
    assert Letter.objects.get().address == invitation.email


def test_whoever_has_become_a_member_is_not_invited_again(
    institution: Institution, signatory: User, editor: User
) -> None:
    invitation = make_invitation(institution, email=editor.email)
    refused = refusal(lambda: inviting.renew(invitation=invitation, by=signatory))
    assert refused.code == "member"


def test_a_revoked_invitation_takes_its_unsent_letter_along(
    institution: Institution, signatory: User
) -> None:
    (invitation,) = invite(institution, signatory)
    assert inviting.revoke(invitation=invitation, by=signatory).state == "revoked"
    assert institution.invitations.get().state == "revoked"
    assert not Letter.objects.exists()
    assert refusal(lambda: inviting.renew(invitation=invitation, by=signatory)).code == "ended"
    assert refusal(lambda: inviting.revoke(invitation=invitation, by=signatory)).code == "ended"


@pytest.mark.parametrize("step", ["renew", "revoke"])
def test_nobody_touches_the_invitations_of_another_university(
    institution: Institution, stranger: User, step: str
) -> None:
    invitation = make_invitation(institution)
    refused = refusal(lambda: getattr(inviting, step)(invitation=invitation, by=stranger))
    assert refused.code == "not_signatory"
    assert institution.invitations.get().state == "open"


def test_roles_change(institution: Institution, signatory: User, editor: User) -> None:
    inviting.change_roles(institution=institution, member=editor, roles=["viewer", "signatory"], by=signatory)
    assert roles_of(institution, editor) == {"viewer", "signatory"}


def test_a_member_is_removed_here_and_nowhere_else(
    institution: Institution, signatory: User, editor: User
) -> None:
    other = make_institution()
    other.memberships.create(user=editor, role="editor")
    inviting.remove_member(institution=institution, member=editor, by=signatory)
    assert not roles_of(institution, editor)
    assert roles_of(other, editor) == {"editor"}


def test_who_removed_whom_stays_in_the_history(
    institution: Institution, signatory: User, editor: User
) -> None:
    inviting.remove_member(institution=institution, member=editor, by=signatory)
    event = Membership.pgh_event_model.objects.get(pgh_label="delete")  # type: ignore[attr-defined]
    assert event.user_id == editor.pk
    assert event.pgh_context.metadata["user"] == signatory.pk


@pytest.mark.parametrize("who", ["editor", "viewer", "stranger", "reviewer"])
def test_nobody_else_changes_or_removes_members(
    institution: Institution, signatory: User, who: str, request: pytest.FixtureRequest
) -> None:
    by = request.getfixturevalue(who)
    steps = [
        lambda: inviting.remove_member(institution=institution, member=signatory, by=by),
        lambda: inviting.change_roles(institution=institution, member=signatory, roles=["viewer"], by=by),
    ]
    for step in steps:
        assert refusal(step).code == "not_signatory"
    assert roles_of(institution, signatory) == {"signatory"}


def test_who_is_no_member_can_be_neither_changed_nor_removed(
    institution: Institution, signatory: User, stranger: User
) -> None:
    for step in (
        lambda: inviting.remove_member(institution=institution, member=stranger, by=signatory),
        lambda: inviting.change_roles(
            institution=institution, member=stranger, roles=["editor"], by=signatory
        ),
    ):
        assert refusal(step).code == "not_member"
    assert stranger.memberships.count() == 2


def test_the_last_signatory_stays(institution: Institution, signatory: User) -> None:
    make_member(institution, "signatory", is_active=False)  # who can't sign in can't sign
    make_member(make_institution(), "signatory")
    make_member(institution, "editor")
    for step in (
        lambda: inviting.remove_member(institution=institution, member=signatory, by=signatory),
        lambda: inviting.change_roles(
            institution=institution, member=signatory, roles=["editor"], by=signatory
        ),
    ):
        assert refusal(step).code == "last_signatory"
    inviting.change_roles(
        institution=institution, member=signatory, roles=["editor", "signatory"], by=signatory
    )
    make_member(institution, "signatory")
    inviting.remove_member(institution=institution, member=signatory, by=signatory)
    assert not roles_of(institution, signatory)


@pytest.mark.django_db(transaction=True)
def test_of_two_signatories_who_remove_each_other_one_stays(
    institution: Institution, signatory: User
) -> None:
    other = make_member(institution, "signatory")
    outcomes = beside(
        lambda: inviting.remove_member(institution=institution, member=other, by=signatory),
        lambda: inviting.remove_member(institution=institution, member=signatory, by=other),
        meanwhile=no_row_is_written("institutions_membership"),
    )
    assert sum(isinstance(outcome, Refused) for outcome in outcomes) == 1
    assert institution.memberships.filter(role="signatory").count() == 1


def test_only_so_many_invitations_wait(
    institution: Institution, signatory: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inviting, "PENDING", 2)
    invite(institution, signatory, "one@kaznu.kz", "two@kaznu.kz")
    assert refusal(lambda: invite(institution, signatory, "three@kaznu.kz")).code == "too_many"
    invite(institution, signatory, "two@kaznu.kz")


def test_at_most_fifty_are_invited_at_once(institution: Institution, signatory: User) -> None:
    addresses = [f"person-{number}@kaznu.kz" for number in range(51)]
    assert refusal(lambda: invite(institution, signatory, *addresses)).code == "too_many"
    assert len(invite(institution, signatory, *addresses[:50])) == 50


def test_empty_lines_between_addresses_are_nobody(institution: Institution, signatory: User) -> None:
    (invitation,) = invite(institution, signatory, "", "aru@kaznu.kz", "  ")
    assert invitation.email == "aru@kaznu.kz"


def test_an_address_is_as_long_as_the_column_of_accounts_holds(
    institution: Institution, signatory: User
) -> None:
    domain = ".".join(["k" * 60] * 3) + ".kz"
    longest = f"{'a' * (253 - len(domain))}@{domain}"
    assert refusal(lambda: invite(institution, signatory, f"a{longest}")).code == "not_an_address"
    (invitation,) = invite(institution, signatory, longest)
    assert len(invitation.email) == 254


@pytest.mark.parametrize(
    ("wrong", "rule"),
    [
        ({"roles": []}, "has_roles"),
        ({"roles": ["rector"]}, "has_roles"),
        ({"accepted_at": timezone.now()}, "acceptance_complete"),
        ({"revoked_at": timezone.now()}, "revocation_complete"),
    ],
)
def test_the_database_keeps_the_rules(institution: Institution, wrong: dict[str, Any], rule: str) -> None:
    invitation = make_invitation(institution)
    with pytest.raises(IntegrityError, match=rule), transaction.atomic():
        Invitation.objects.filter(pk=invitation.pk).update(**wrong)


def test_an_ended_invitation_is_never_changed(institution: Institution, signatory: User) -> None:
    invitation = make_invitation(institution)
    ends = {"accepted_by": signatory, "accepted_at": timezone.now()}
    late = {**ends, "accepted_at": invitation.expires_at + timedelta(seconds=1)}
    with pytest.raises(IntegrityError, match="accepted_in_time"), transaction.atomic():
        Invitation.objects.filter(pk=invitation.pk).update(**late)
    Invitation.objects.filter(pk=invitation.pk).update(**ends)
    with pytest.raises(IntegrityError, match="never changed"), transaction.atomic():
        Invitation.objects.filter(pk=invitation.pk).update(accepted_by=None, accepted_at=None)


def test_there_is_one_pending_invitation_an_address(institution: Institution) -> None:
    make_invitation(institution, email="aru@kaznu.kz")
    make_invitation(email="aru@kaznu.kz")
    with pytest.raises(IntegrityError, match="one_pending"), transaction.atomic():
        make_invitation(institution, email="ARU@kaznu.kz")
    assert make_user("aru@kaznu.kz").memberships.count() == 0
