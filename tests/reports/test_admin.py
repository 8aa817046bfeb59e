"""The lead's steps in the admin: rules, exemptions, snapshots, releases."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation
from pghistory.models import Events

from institutions.models import Institution, User
from reports import releasing, snapshots, verifying
from reports.models import Exemption, Release, ReleaseProposal, Snapshot
from tests.factories import make_period, make_programme
from tests.rules import make_exemption, make_requirement, make_requirement_draft

pytestmark = pytest.mark.django_db


@pytest.fixture
def leading(client: Client, lead: User) -> Client:
    client.force_login(lead)
    return client


def address(name: str, *args: Any) -> str:
    with translation.override("en"):
        return reverse(f"admin:reports_{name}", args=args)


def tomorrow(days: int = 1) -> Any:
    return timezone.localdate() + timedelta(days=days)


def test_an_adopted_rule_is_renamed_and_nothing_else(leading: Client) -> None:
    requirement = make_requirement()
    page = address("requirement_change", requirement.pk)
    assert "Draft the next version" in leading.get(page).content.decode()
    names = {"name_kk": "Жаңа", "name_ru": "Новое", "name_en": "New", "legal_reference": "Order 5"}
    leading.post(page, {**names, "min_disciplines": 9, "effective_to": "2030-01-01"})
    requirement.refresh_from_db()
    assert (requirement.name_en, requirement.legal_reference) == ("New", "Order 5")
    assert (requirement.min_disciplines, requirement.effective_to) == (1, None)


def excuse(programme: Any, **over: Any) -> dict[str, Any]:
    return {
        "institution": programme.institution_id, "programme_code": programme.code.lower(),
        "requirement_code": "ai-discipline", "reason": "It closes.", "starts_on": tomorrow(0).isoformat(),
        "ends_on": tomorrow(90).isoformat(), **over,
    }  # fmt: skip


def test_a_programme_is_excused_with_a_reason(leading: Client, institution: Institution, lead: User) -> None:
    make_requirement()
    programme = make_programme(institution)
    assert leading.post(address("exemption_add"), excuse(programme)).status_code == 302
    exemption = Exemption.objects.live_at(timezone.now()).get()
    assert (exemption.programme, exemption.reason, exemption.decided_by) == (programme, "It closes.", lead)


@pytest.mark.parametrize(
    "wrong",
    [{"reason": " "}, {"programme_code": "6B00000"}, {"ends_on": "2020-01-01"}, {"requirement_code": "x"}],
)
def test_a_faulty_exemption_is_refused_at_its_field(
    leading: Client, institution: Institution, wrong: dict[str, str]
) -> None:
    make_requirement()
    answer = leading.post(address("exemption_add"), excuse(make_programme(institution), **wrong))
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == list(wrong)
    assert not Exemption.objects.exists()


def test_an_exemption_is_revoked_once_with_a_reason_that_is_kept(
    leading: Client, institution: Institution
) -> None:
    exemption = make_exemption(make_programme(institution))
    page = address("exemption_revoke", exemption.pk)
    assert leading.post(page, {"reason": ""}).status_code == 422
    assert leading.post(page, {"reason": "It goes on after all."}).status_code == 302
    answer = leading.post(page, {"reason": "Again."})
    assert "was revoked already" in answer.content.decode()
    exemption.refresh_from_db()
    assert exemption.revoked_at
    assert Events.objects.tracks(exemption).latest("pgh_id").pgh_context["reason"] == "It goes on after all."
    assert not Exemption.objects.live_at(timezone.now()).exists()


def test_a_snapshot_is_asked_for_and_shown_while_it_is_taken(leading: Client, lead: User) -> None:
    make_requirement()
    answer = leading.post(address("snapshot_add"), {"period": make_period().pk}, follow=True)
    snapshot = Snapshot.objects.get()
    assert (snapshot.state, snapshot.requested_by) == ("requested", lead)
    assert 'http-equiv="refresh"' in answer.content.decode()

    verifying.verify(snapshots.take(snapshot.pk).pk)

    text = leading.get(address("snapshot_change", snapshot.pk)).content.decode()
    assert 'http-equiv="refresh"' not in text
    assert "came to the same in every cell" in text
    assert f"?snapshot={snapshot.pk}" in text


def taken() -> Snapshot:
    make_requirement()
    snapshot = snapshots.request(period=make_period())
    return verifying.verify(snapshots.take(snapshot.pk).pk)


def test_a_verified_snapshot_is_proposed_with_notes_and_confirmed_by_another(
    leading: Client, lead: User, deputy: User
) -> None:
    snapshot = taken()
    form = {"snapshot": snapshot.pk, "notes_kk": "Алғашқы", "notes_ru": "Первые", "notes_en": "The first"}
    answer = leading.post(address("releaseproposal_add"), form, follow=True)
    assert "It is proposed" in answer.content.decode()
    assert "Confirm the release" not in answer.content.decode()
    assert not Release.objects.exists()

    confirming, proposal = Client(), ReleaseProposal.objects.get()
    confirming.force_login(deputy)
    assert (
        "Confirm the release"
        in confirming.get(address("releaseproposal_change", proposal.pk)).content.decode()
    )
    answer = confirming.post(address("releaseproposal_confirm", proposal.pk), follow=True)
    assert "Release 1 is confirmed" in answer.content.decode()
    release = Release.objects.get()
    assert (release.snapshot, release.released_by, release.notes_kk) == (snapshot, deputy, "Алғашқы")


def test_what_waits_for_a_second_person_is_on_the_home_page(leading: Client, deputy: User) -> None:
    proposal = releasing.propose(snapshot=taken(), by=deputy)
    draft = make_requirement_draft(drafted_by=deputy)
    with translation.override("en"):
        home = leading.get(reverse("admin:index")).content.decode()
    assert address("releaseproposal_change", proposal.pk) in home
    assert address("requirementdraft_change", draft.pk) in home
    assert "a second person must put it into effect" in home


def test_whoever_proposed_confirms_nothing_by_the_address_either(leading: Client) -> None:
    leading.post(address("releaseproposal_add"), {"snapshot": taken().pk})
    proposal = ReleaseProposal.objects.get()
    answer = leading.post(address("releaseproposal_confirm", proposal.pk), follow=True)
    assert "a second person must confirm it" in answer.content.decode()
    assert not Release.objects.exists()
    assert leading.get(address("releaseproposal_confirm", proposal.pk)).status_code == 405


def test_a_release_waits_for_its_hour(leading: Client, deputy: User) -> None:
    hour = timezone.localtime() + timedelta(days=2)
    form = {"snapshot": taken().pk, "publish_at": hour.strftime("%Y-%m-%dT%H:%M")}
    leading.post(address("releaseproposal_add"), form)
    proposal = ReleaseProposal.objects.get()
    leading.force_login(deputy)
    leading.post(address("releaseproposal_confirm", proposal.pk))
    assert Release.objects.get().publish_at == hour.replace(second=0, microsecond=0)

    page = address("releaseproposal_withdraw", proposal.pk)
    assert leading.post(page, {"reason": ""}).status_code == 422
    answer = leading.post(page, {"reason": "A note is wrong."}, follow=True)
    assert "A note is wrong." in answer.content.decode()
    assert not Release.objects.exists()
    again = leading.get(address("releaseproposal_add"), {"again": proposal.pk})
    assert again.context["form"].initial["snapshot"] == proposal.snapshot_id


def test_a_correction_says_what_was_wrong(leading: Client, lead: User, deputy: User) -> None:
    page = address("releaseproposal_add")
    wrong = releasing.prepare(releasing.release(snapshot=taken(), by=lead, confirmed_by=deputy).pk)
    again = verifying.verify(snapshots.take(snapshots.request(period=make_period()).pk).pk)
    form = {"snapshot": again.pk, "corrects": wrong.pk}
    answer = leading.post(page, form)
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == ["correction_reason"]
    answer = leading.post(
        page, {**form, "correction_reason": "Two programmes were counted twice."}, follow=True
    )
    assert "Two programmes were counted twice." in answer.content.decode()
    releasing.confirm(proposal=ReleaseProposal.objects.get(corrects=wrong), by=deputy)
    assert Release.objects.get(corrects=wrong).number == 2


def test_only_verified_snapshots_that_are_not_released_can_be_chosen(leading: Client) -> None:
    make_requirement()
    unverified = snapshots.take(snapshots.request(period=make_period()).pk)
    assert leading.post(address("releaseproposal_add"), {"snapshot": unverified.pk}).status_code == 422
    assert not ReleaseProposal.objects.exists()


@pytest.mark.parametrize("role", ["reviewer", "auditor", "steward", "signatory"])
def test_nobody_but_leads_proposes_confirms_or_withdraws(
    client: Client, request: pytest.FixtureRequest, lead: User, role: str
) -> None:
    proposal = releasing.propose(snapshot=taken(), by=lead)
    client.force_login(request.getfixturevalue(role))
    refused = 302 if role == "signatory" else 403
    for page in (
        address("releaseproposal_add"),
        address("releaseproposal_confirm", proposal.pk),
        address("releaseproposal_withdraw", proposal.pk),
    ):
        assert client.post(page, {"reason": "x"}).status_code == refused, page
    assert not Release.objects.exists()
    proposal.refresh_from_db()
    assert proposal.withdrawn_at is None
    read = client.get(address("releaseproposal_change", proposal.pk))
    assert read.status_code == (302 if role == "signatory" else 200)


@pytest.mark.parametrize(
    "name", ["requirementdraft_add", "exemption_add", "snapshot_add", "releaseproposal_add"]
)
def test_reviewers_carry_out_none_of_the_lead_s_steps(client: Client, reviewer: User, name: str) -> None:
    client.force_login(reviewer)
    assert client.get(address(name)).status_code == 403
    assert client.post(address(name), {}).status_code == 403


def test_reviewers_revoke_nothing(client: Client, reviewer: User, institution: Institution) -> None:
    exemption = make_exemption(make_programme(institution))
    client.force_login(reviewer)
    assert client.post(address("exemption_revoke", exemption.pk), {"reason": "x"}).status_code == 403
    exemption.refresh_from_db()
    assert exemption.revoked_at is None
