"""The ministry sees every key and webhook, stops one with a reason, and the university hears of it by letter."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from institutions import keys, overseeing
from institutions.errors import Refused
from institutions.letters import worded
from institutions.models import ApiKey, Institution, Letter, User, Webhook
from institutions.webhooks import managing
from institutions.webhooks.delivering import Outcome, deliver_one
from tests.api_keys import Program, make_api_key
from tests.at_once import at_once
from tests.factories import make_institution, make_member
from tests.webhooks import make_message, make_webhook

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english", "period")]

WHY = {"reason": "It was found on a public page."}
KEYS, WEBHOOKS = "institutions_apikey", "institutions_webhook"


def page(client: Client, name: str, *key: int, **asked: str) -> str:
    answer = client.get(reverse(f"admin:{name}", args=key), asked)
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_a_key_is_revoked_with_a_reason_that_the_university_reads(
    client: Client, lead: User, institution: Institution, signatory: User
) -> None:
    program = Program(institution, by=signatory, name="Platonus")
    make_member(institution, "editor")
    client.force_login(lead)
    asked = page(client, f"{KEYS}_revoke", program.key.pk)
    for said in (
        "Platonus",
        program.key.prefix,
        institution.name,
        str(signatory),
        "never used",
        "read, write",
    ):
        assert said in asked
    assert program.get().status_code == 200
    client.post(reverse(f"admin:{KEYS}_revoke", args=[program.key.pk]), WHY)
    assert program.get().status_code == 401
    letter = Letter.objects.get()
    assert (letter.user, letter.kind) == (signatory, "stopped")
    words = worded(letter)
    for said in ("Platonus", program.key.prefix, WHY["reason"], f"/workspace/{institution.code}/keys/"):
        assert said in words.text
    told = page(client, f"{KEYS}_history", program.key.pk)
    assert WHY["reason"] in told
    assert str(lead) in told
    client.force_login(signatory)
    own = client.get(reverse("keys", args=[institution.code])).content.decode()
    assert f"by the ministry: {WHY['reason']}" in own
    assert str(lead) not in own


def test_a_webhook_is_switched_off_and_its_signatory_resumes_it(
    client: Client, lead: User, institution: Institution, signatory: User
) -> None:
    webhook = make_webhook(institution, made_by=signatory)
    make_message(webhook)
    client.force_login(lead)
    asked = page(client, f"{WEBHOOKS}_switch_off", webhook.pk)
    assert webhook.address in asked
    assert "<dd>1</dd>" in asked, "one message waits"
    client.post(reverse(f"admin:{WEBHOOKS}_switch_off", args=[webhook.pk]), WHY)
    assert deliver_one() is Outcome.NONE_LEFT
    (letter,) = Letter.objects.all()
    words = worded(letter)
    for said in (webhook.address, WHY["reason"], f"/webhooks/{webhook.number}/"):
        assert said in words.text
    assert WHY["reason"] in page(client, f"{WEBHOOKS}_history", webhook.pk)
    client.force_login(signatory)
    assert WHY["reason"] in client.get(reverse("webhook", args=["kaznu", 1])).content.decode()
    managing.resume(webhook=webhook, by=signatory)
    webhook.refresh_from_db()
    assert (webhook.paused_at, webhook.paused_because) == (None, "")


def test_where_nobody_signs_nobody_is_told_and_the_page_says_so(client: Client, lead: User) -> None:
    webhook = make_webhook()
    webhook.institution.memberships.all().delete()
    client.force_login(lead)
    assert "nobody: the university has no signatory" in page(client, f"{WEBHOOKS}_switch_off", webhook.pk)
    client.post(reverse(f"admin:{WEBHOOKS}_switch_off", args=[webhook.pk]), WHY)
    webhook.refresh_from_db()
    assert webhook.paused_because == WHY["reason"]
    assert not Letter.objects.exists()


@pytest.mark.parametrize("role", ["auditor", "reviewer", "steward"])
def test_nobody_but_the_lead_stops_anything_and_nobody_but_the_auditor_looks(
    client: Client, request: pytest.FixtureRequest, institution: Institution, role: str
) -> None:
    key, webhook = make_api_key(institution), make_webhook(institution)
    client.force_login(request.getfixturevalue(role))
    looks = 200 if role == "auditor" else 403
    for name, row, step in ((KEYS, key, "revoke"), (WEBHOOKS, webhook, "switch_off")):
        assert client.get(reverse(f"admin:{name}_changelist")).status_code == looks
        assert client.get(reverse(f"admin:{name}_change", args=[row.pk])).status_code == looks
        for ask in (client.get, client.post):
            assert ask(reverse(f"admin:{name}_{step}", args=[row.pk]), WHY).status_code == 403
    key.refresh_from_db()
    webhook.refresh_from_db()
    assert (key.revoked_at, webhook.paused_at) == (None, None)


@pytest.mark.parametrize("reason", ["", "  \n "])
def test_without_a_reason_nothing_is_stopped(client: Client, lead: User, reason: str) -> None:
    key, webhook = make_api_key(make_institution()), make_webhook()
    client.force_login(lead)
    for name, row, step in ((KEYS, key, "revoke"), (WEBHOOKS, webhook, "switch_off")):
        where = reverse(f"admin:{name}_{step}", args=[row.pk])
        assert client.post(where, {"reason": reason}).status_code == 422
    with pytest.raises(Refused, match="Say why"):
        overseeing.revoke_key(key=key, reason=reason, by=lead)
    assert not Letter.objects.exists()
    assert ApiKey.objects.alive(timezone.now()).exists()
    assert not Webhook.objects.exclude(paused_at=None).exists()


def test_what_is_stopped_already_is_not_stopped_twice(lead: User, institution: Institution) -> None:
    webhook = make_webhook(institution, paused_at=timezone.now())
    long_ago = timezone.now() - timedelta(days=9)
    for key in (
        make_api_key(institution, made_at=long_ago, revoked_at=timezone.now()),
        make_api_key(institution, made_at=long_ago, expires_at=timezone.now()),
    ):
        with pytest.raises(Refused, match="opens nothing any more"):
            overseeing.revoke_key(key=key, **WHY, by=lead)
    with pytest.raises(Refused, match="Nothing is sent there"):
        overseeing.switch_off(webhook=webhook, **WHY, by=lead)
    assert not Letter.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_of_two_that_revoke_at_once_one_does_and_one_letter_goes_out(
    institution: Institution, signatory: User, lead: User
) -> None:
    key = make_api_key(institution, by=signatory)

    def revoke() -> str:
        try:
            overseeing.revoke_key(key=key, **WHY, by=lead)
        except Refused as refused:
            return refused.code
        return "revoked"

    assert sorted(map(str, at_once(revoke, revoke))) == ["ended", "revoked"]
    assert Letter.objects.count() == 1


def test_the_database_keeps_no_reason_for_what_was_not_stopped(institution: Institution) -> None:
    for row, field in ((make_api_key(institution), "revoked_because"), (make_webhook(), "paused_because")):
        with pytest.raises(IntegrityError), transaction.atomic():
            type(row).objects.filter(pk=row.pk).update(**{field: "x"})


def test_lists_tell_states_and_are_narrowed_and_searched(client: Client, auditor: User) -> None:
    kaznu, now = make_institution(code="kaznu", name_en="Farabi"), timezone.now()
    long_ago = now - timedelta(days=9)
    left = make_member(kaznu, "signatory")
    rows = {
        "serves": make_api_key(kaznu, "read", name="Univer"),
        "revoked": make_api_key(kaznu, name="Platonus", made_at=long_ago, revoked_at=now),
        "expired": make_api_key(kaznu, name="Canvas", made_at=long_ago, expires_at=now),
        "orphaned": make_api_key(kaznu, name="Moodle", by=left),
    }
    left.memberships.all().delete()
    make_api_key(make_institution(code="satbayev", name_en="Satbayev"), name="Theirs")
    client.force_login(auditor)
    for state, key in rows.items():
        shown = page(client, f"{KEYS}_changelist", state=state)
        assert [one.name for one in rows.values() if one.name in shown] == [key.name]
    assert "Platonus" not in page(client, f"{KEYS}_changelist", q="satbayev")
    assert "Theirs" in page(client, f"{KEYS}_changelist", q="satbayev")
    whole = f"{rows['serves'].prefix}AndTheRestOfASecretThatSomebodyFoundOnAPage"
    led = client.get(reverse(f"admin:{KEYS}_changelist"), {"q": f" {whole} "})
    assert led["Location"].endswith(f"?q={rows['serves'].prefix}"), "no further address has all of it"
    found = client.get(led["Location"]).content.decode()
    assert "Univer" in found
    assert "Platonus" not in found
    assert "Univer" not in page(client, f"{KEYS}_changelist", scope="submit", state="serves")


def test_a_webhooks_list_tells_of_its_messages(client: Client, auditor: User) -> None:
    now = timezone.now()
    good, bad = make_webhook(address="https://good.kz/hooks"), make_webhook(failing_since=now)
    make_message(good, delivered_at=now, tries=1)
    make_message(bad, given_up_at=now, tries=8)
    make_message(bad, tries=2)
    make_message(bad)
    counted = {row.pk: (row.delivered_at, row.failed) for row in Webhook.objects.with_log()}
    assert counted == {good.pk: (now, 0), bad.pk: (None, 2)}
    client.force_login(auditor)
    assert good.address not in page(client, f"{WEBHOOKS}_changelist", state="failing")
    assert bad.address in page(client, f"{WEBHOOKS}_changelist", state="failing")
    assert good.address in page(client, f"{WEBHOOKS}_changelist", state="on", q="good.kz")
    assert bad.address not in page(client, f"{WEBHOOKS}_changelist", state="paused")


def test_neither_a_hash_nor_a_secret_is_shown_or_asked_about(
    client: Client, lead: User, institution: Institution, signatory: User
) -> None:
    key, secret = keys.make(institution=institution, name="Platonus", scopes=["read"], days=9, by=signatory)
    webhook = make_webhook(institution)
    client.force_login(lead)
    hidden: list[Any] = [secret[20:], key.digest, webhook.secret]
    for name, row, step in ((KEYS, key, "revoke"), (WEBHOOKS, webhook, "switch_off")):
        for one in (f"{name}_changelist", f"{name}_change", f"{name}_history", f"{name}_{step}"):
            shown = page(client, one, *([] if one.endswith("list") else [row.pk]))
            assert not [said for said in hidden if said in shown], one
    for lookup in ({"digest__startswith": key.digest[:4]}, {"digest": key.digest}):
        assert client.get(reverse(f"admin:{KEYS}_changelist"), lookup).status_code in (302, 400)
    assert client.get(reverse(f"admin:{WEBHOOKS}_changelist"), {"secret": webhook.secret}).status_code in (
        302,
        400,
    )
