"""The ministry's side of people: the lead invites a university's first signatory; secrets of letters are not seen."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from institutions.models import Institution, Invitation, Letter, User
from tests.factories import make_invitation

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]

ADD = "admin:institutions_invitation_add"
LIST = "admin:institutions_invitation_changelist"


def said(institution: Institution, **over: Any) -> dict[str, Any]:
    first = {"addresses": "rector@kaznu.kz", "roles": ["signatory"], "language": "kk"}
    return {**first, "institution": institution.pk, **over}


def test_the_lead_invites_the_first_signatory(client: Client, institution: Institution, lead: User) -> None:
    client.force_login(lead)
    assert 'value="signatory" id="id_roles_1" checked' in " ".join(
        client.get(reverse(ADD)).content.decode().split()
    )
    answer = client.post(reverse(ADD), said(institution), follow=True)
    assert "Letters are on their way to: rector@kaznu.kz." in answer.content.decode()
    invitation = institution.invitations.get()
    assert (invitation.roles, invitation.invited_by) == (["signatory"], lead)
    assert invitation.letters.count() == 1


def test_what_is_wrong_is_said_at_the_field(client: Client, institution: Institution, lead: User) -> None:
    client.force_login(lead)
    page = client.post(reverse(ADD), said(institution, addresses="rector@"))
    assert page.status_code == 422
    assert "This is not an e-mail address: rector@" in page.content.decode()


def test_a_reviewer_sees_and_invites_nobody(client: Client, institution: Institution, reviewer: User) -> None:
    invitation = make_invitation(institution)
    client.force_login(reviewer)
    assert invitation.email in client.get(reverse(LIST)).content.decode()
    assert client.post(reverse(ADD), said(institution)).status_code == 403
    client.post(reverse(LIST), {"action": "take_back", "_selected_action": [invitation.pk], "sure": "yes"})
    invitation.refresh_from_db()
    assert invitation.state == "open"
    assert Invitation.objects.count() == 1


def test_the_lead_revokes(client: Client, institution: Institution, lead: User) -> None:
    invitation = make_invitation(institution)
    client.force_login(lead)
    client.post(reverse(LIST), {"action": "take_back", "_selected_action": [invitation.pk], "sure": "yes"})
    invitation.refresh_from_db()
    assert (invitation.state, invitation.revoked_by) == ("revoked", lead)


def test_nobody_reads_the_secret_of_a_letter(client: Client, institution: Institution, lead: User) -> None:
    client.force_login(lead)
    client.post(reverse(ADD), said(institution))
    letter = Letter.objects.get()
    assert letter.secret
    for page in (
        reverse("admin:institutions_letter_changelist"),
        reverse("admin:institutions_letter_change", args=[letter.pk]),
        reverse("admin:institutions_invitation_change", args=[letter.invitation_id]),
        reverse("admin:institutions_invitation_history", args=[letter.invitation_id]),
    ):
        text = client.get(page).content.decode()
        assert letter.secret not in text
        assert institution.invitations.get().token_hash not in text


def test_nobody_finds_out_a_secret_by_filtering_the_list(
    client: Client, institution: Institution, lead: User, reviewer: User
) -> None:
    client.force_login(lead)
    client.post(reverse(ADD), said(institution))
    secret = Letter.objects.get().secret
    assert secret
    client.force_login(reviewer)
    letters = reverse("admin:institutions_letter_changelist")
    assert client.get(letters, {"kind__startswith": "inv"}).status_code == 200
    for lookup in ("secret__startswith", "secret", "secret__gt", "secret__regex"):
        assert client.get(letters, {lookup: secret}).status_code == 400, lookup
