"""The lead's steps in the admin: rules, exemptions, snapshots, releases."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation
from pghistory.models import Events

from institutions.models import Institution, User
from reports import snapshots, verifying
from reports.adopting import adopt
from reports.errors import Refused
from reports.models import Exemption, Release, Requirement, Snapshot
from tests.factories import make_exemption, make_period, make_programme, make_requirement, make_user

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


def rule(requirement: Requirement, **over: Any) -> dict[str, Any]:
    """What the form of the requirement's next version sends."""
    names = ("code", "name_kk", "name_ru", "name_en", "legal_reference", "categories", "components", "levels")
    form = {name: getattr(requirement, name) for name in names}
    return {**form, "mandate": requirement.mandate_id, "effective_from": tomorrow().isoformat(),
            "min_disciplines": 2, "min_credits": "6", **over}  # fmt: skip


def test_the_next_version_of_a_rule_takes_over_on_its_day(leading: Client, lead: User) -> None:
    first = make_requirement()
    page = address("requirement_add")
    assert first.name_en in leading.get(page, {"after": first.pk}).content.decode()

    answer = leading.post(page, rule(first, levels=["6B"], kinds=["state"]), follow=True)

    assert "Version 2 of ai-discipline is adopted." in answer.content.decode()
    first.refresh_from_db()
    second = Requirement.objects.get(number=2)
    assert first.effective_to == second.effective_from == tomorrow()
    assert (second.min_disciplines, second.levels, second.kinds, second.adopted_by) == (
        2,
        ["6B"],
        ["state"],
        lead,
    )
    assert list(Requirement.objects.live_at(timezone.now())) == [first]
    assert list(Requirement.objects.live_at(timezone.now() + timedelta(days=1))) == [second]


@pytest.mark.parametrize("days", [-1, 0])
def test_a_rule_never_changes_days_that_have_begun(leading: Client, days: int) -> None:
    first = make_requirement()
    answer = leading.post(
        address("requirement_add"), rule(first, effective_from=tomorrow(days).isoformat()), follow=True
    )
    assert answer.status_code == 422
    assert "stay as they are" in answer.content.decode()
    assert Requirement.objects.count() == 1


def test_a_further_version_begins_after_the_one_before(lead: User) -> None:
    make_requirement()
    for expected in (2, 3):
        following = Requirement.objects.order_by("-number")[0]
        following.pk, following.effective_to = None, None
        following.effective_from = tomorrow(expected)
        assert adopt(requirement=following, by=lead).number == expected
    following.pk = None
    with pytest.raises(Refused, match="must begin later"):
        adopt(requirement=following, by=lead)


def test_an_adopted_rule_is_renamed_and_nothing_else(leading: Client) -> None:
    requirement = make_requirement()
    page = address("requirement_change", requirement.pk)
    assert "Adopt the next version" in leading.get(page).content.decode()
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


def test_a_verified_snapshot_is_released_with_notes(leading: Client, lead: User) -> None:
    snapshot = taken()
    form = {"snapshot": snapshot.pk, "notes_kk": "Алғашқы", "notes_ru": "Первые", "notes_en": "The first"}
    answer = leading.post(address("release_add"), form, follow=True)
    assert "Release 1 is made" in answer.content.decode()
    release = Release.objects.get()
    assert (release.snapshot, release.released_by, release.notes_kk) == (snapshot, lead, "Алғашқы")


def test_a_release_waits_for_its_hour(leading: Client) -> None:
    hour = timezone.localtime() + timedelta(days=2)
    leading.post(
        address("release_add"), {"snapshot": taken().pk, "publish_at": hour.strftime("%Y-%m-%dT%H:%M")}
    )
    assert Release.objects.get().publish_at == hour.replace(second=0, microsecond=0)


def test_a_correction_says_what_was_wrong(leading: Client) -> None:
    page = address("release_add")
    leading.post(page, {"snapshot": taken().pk})
    wrong = Release.objects.get()
    again = verifying.verify(snapshots.take(snapshots.request(period=make_period()).pk).pk)
    form = {"snapshot": again.pk, "corrects": wrong.pk}
    answer = leading.post(page, form)
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == ["correction_reason"]
    leading.post(page, {**form, "correction_reason": "Two programmes were counted twice."})
    assert Release.objects.get(corrects=wrong).number == 2


def test_only_verified_snapshots_that_are_not_released_can_be_chosen(leading: Client) -> None:
    make_requirement()
    unverified = snapshots.take(snapshots.request(period=make_period()).pk)
    assert leading.post(address("release_add"), {"snapshot": unverified.pk}).status_code == 422
    assert not Release.objects.exists()


@pytest.mark.parametrize("name", ["requirement_add", "exemption_add", "snapshot_add", "release_add"])
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


def test_nobody_but_the_ministry_adopts(lead: User) -> None:
    with pytest.raises(Refused):
        adopt(requirement=make_requirement(), by=make_user())
