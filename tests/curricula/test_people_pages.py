"""The page of people: everybody of the university sees who works for it, its signatories change it."""

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from curricula.models import Period
from institutions.models import Institution, Invitation, Letter, User
from tests.factories import make_institution, make_invitation, make_letter, make_member

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english", "period")]

SAID = {"addresses": "aru@kaznu.kz, dana@kaznu.kz\nserik@kaznu.kz", "roles": ["editor"], "language": "ru"}


def at(name: str, *args: Any) -> str:
    return reverse(name, args=["kaznu", *args])


def text(answer: Any) -> str:
    return re.sub(r"\s+", " ", answer.content.decode())


def test_everybody_of_it_sees_the_members(
    client: Client, editor: User, signatory: User, viewer: User
) -> None:
    for person in (editor, viewer, signatory):
        client.force_login(person)
        page = text(client.get(at("people")))
        for member in (editor, viewer, signatory):
            assert member.email in page
        assert ("Invite colleagues" in page) == (person == signatory)
        assert ("Remove" in page) == (person == signatory)


def test_roles_are_said_in_plain_words(client: Client, viewer: User, signatory: User) -> None:
    client.force_login(viewer)
    assert "Viewer: sees all of it, changes nothing" in text(client.get(at("people")))


def test_only_signatories_see_who_is_invited(
    client: Client, institution: Institution, signatory: User, editor: User
) -> None:
    make_invitation(institution, email="aru@kaznu.kz")
    client.force_login(editor)
    assert "aru@kaznu.kz" not in text(client.get(at("people")))
    client.force_login(signatory)
    assert "aru@kaznu.kz" in text(client.get(at("people")))


def test_a_signatory_invites_several(client: Client, institution: Institution, signatory: User) -> None:
    client.force_login(signatory)
    answer = client.post(at("people"), SAID, follow=True)
    assert "3 invitations are on their way" in text(answer)
    assert institution.invitations.count() == Letter.objects.count() == 3
    assert text(answer).count("The letter is on its way") == 3


def test_after_an_error_what_was_typed_is_still_there(client: Client, signatory: User) -> None:
    client.force_login(signatory)
    page = client.post(at("people"), {**SAID, "addresses": "aru@kaznu.kz dana@", "roles": ["viewer"]})
    assert page.status_code == 422
    assert "aru@kaznu.kz dana@</textarea>" in text(page)
    assert 'href="#id_addresses"' in text(page)
    assert not Invitation.objects.exists()
    nothing = client.post(at("people"), {})
    assert nothing.status_code == 422
    assert "Choose at least one role" in text(nothing)


POSTS = ["people", "member-roles", "member-remove", "invitation-renew", "invitation-revoke"]


@pytest.mark.parametrize("who", ["editor", "viewer", "stranger", "reviewer"])
@pytest.mark.parametrize("name", POSTS)
def test_nobody_else_changes_anything(
    client: Client,
    institution: Institution,
    signatory: User,
    name: str,
    who: str,
    request: pytest.FixtureRequest,
) -> None:
    invitation = make_invitation(institution, by=signatory)
    by = request.getfixturevalue(who)
    args = {"people": [], "invitation-renew": [invitation.pk], "invitation-revoke": [invitation.pk]}
    client.force_login(by)
    before = list(institution.memberships.values_list("user", "role"))
    answer = client.post(at(name, *args.get(name, [signatory.pk])), {**SAID, "roles": ["viewer"]})
    assert answer.status_code == (403 if who in ("editor", "viewer") else 404)
    assert list(institution.memberships.values_list("user", "role")) == before
    assert list(Invitation.objects.values_list("token_hash", "revoked_at")) == [(invitation.token_hash, None)]


def test_removing_asks_first(client: Client, institution: Institution, signatory: User, editor: User) -> None:
    client.force_login(signatory)
    question = client.get(at("member-remove", editor.pk))
    assert "Remove Aigerim?" in text(question)
    assert institution.memberships.filter(user=editor).exists()
    answer = client.post(at("member-remove", editor.pk), follow=True)
    assert "no longer works for" in text(answer)
    assert not institution.memberships.filter(user=editor).exists()
    client.force_login(editor)
    assert client.get(at("people")).status_code == 404


def test_the_only_signatory_reads_why_they_must_stay(client: Client, signatory: User) -> None:
    client.force_login(signatory)
    for name, said in (("member-remove", {}), ("member-roles", {"roles": ["editor"]})):
        page = client.post(at(name, signatory.pk), said)
        assert page.status_code == 422
        assert "is the only signatory" in text(page)
    assert signatory.memberships.count() == 1


def test_a_signatory_who_leaves_is_led_away(
    client: Client, institution: Institution, signatory: User
) -> None:
    make_member(institution, "signatory")
    client.force_login(signatory)
    answer = client.post(at("member-remove", signatory.pk))
    assert answer["Location"] == reverse("workspace")


def test_roles_are_changed(client: Client, institution: Institution, signatory: User, viewer: User) -> None:
    client.force_login(signatory)
    assert 'value="viewer" id="id_roles_2" checked' in text(client.get(at("member-roles", viewer.pk)))
    client.post(at("member-roles", viewer.pk), {"roles": ["editor"]})
    assert list(viewer.memberships.values_list("role", flat=True)) == ["editor"]
    assert client.post(at("member-roles", viewer.pk), {}).status_code == 422


def test_members_and_invitations_of_another_university_are_not_there(
    client: Client, signatory: User, stranger: User
) -> None:
    theirs = make_invitation(make_institution(code="enu"))
    client.force_login(signatory)
    assert client.get(at("member-remove", stranger.pk)).status_code == 404
    assert client.get(at("member-roles", stranger.pk)).status_code == 404
    for name in ("invitation-renew", "invitation-revoke"):
        assert client.post(at(name, theirs.pk)).status_code == 404
    assert theirs.letters.count() == 0


def test_an_invitation_is_sent_again_and_revoked(
    client: Client, institution: Institution, signatory: User
) -> None:
    invitation = make_invitation(institution, email="aru@kaznu.kz")
    client.force_login(signatory)
    again = client.post(at("invitation-renew", invitation.pk), follow=True)
    assert "Another letter to aru@kaznu.kz is on its way" in text(again)
    revoked = client.post(at("invitation-revoke", invitation.pk), follow=True)
    assert "is revoked" in text(revoked)
    late = client.post(at("invitation-renew", invitation.pk), follow=True)
    assert "has ended already" in text(late)


def test_a_letter_that_could_not_be_delivered_is_shown(
    client: Client, institution: Institution, signatory: User
) -> None:
    from django.utils import timezone

    invitation = make_invitation(institution)
    make_letter(address=invitation.email, invitation=invitation, given_up_at=timezone.now(), failure="550 no")
    client.force_login(signatory)
    assert "could not be delivered" in text(client.get(at("people")))


def test_many_people_cost_no_more_queries_than_few(
    client: Client, institution: Institution, signatory: User, django_assert_num_queries: Any
) -> None:
    client.force_login(signatory)
    make_invitation(institution, by=signatory)
    with django_assert_num_queries(9):
        client.get(at("people"))
    for _number in range(5):
        make_member(institution, "editor", "viewer")
        make_letter(address="x@y.kz", invitation=make_invitation(institution))
    with django_assert_num_queries(9):
        client.get(at("people"))


# For which university one acts


@pytest.fixture
def both(institution: Institution, signatory: User) -> User:
    make_institution(code="enu").memberships.create(user=signatory, role="viewer")
    return signatory


def test_every_page_says_for_which_university_and_in_which_role_one_acts(client: Client, both: User) -> None:
    client.force_login(both)
    for name in ("workspace-institution", "people", "import-list"):
        for code, role in (("kaznu", "signatory"), ("enu", "viewer")):
            page = text(client.get(reverse(name, args=[code])))
            assert f"<strong>Institution {code}</strong>" in page
            assert re.search(rf"<small>{role}\b", page)
            assert "Another university" in page


def test_going_to_the_other_university_keeps_the_period(client: Client, both: User, period: Period) -> None:
    from tests.factories import make_earlier_period

    make_earlier_period()
    client.force_login(both)
    page = text(client.get(reverse("workspace-institution", args=["kaznu"]) + "?period=2024"))
    assert f'href="{reverse("workspace")}?period=2024"' in page
    choice = text(client.get(reverse("workspace") + "?period=2024"))
    assert f'href="{reverse("workspace-institution", args=["enu"])}?period=2024"' in choice
    assert "viewer" in choice
    odd = client.get(reverse("workspace") + "?period=%22x")
    assert odd.status_code == 200
    assert "?period=" not in text(odd).split("<main")[1]
