"""The page of keys: everybody of the university sees which programs have one, its signatories make and revoke."""

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from institutions import keys
from institutions.models import ApiKey, Institution, User
from tests.api_keys import make_api_key

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english", "period")]

SAID = {"name": "Platonus", "scopes": ["read", "write"], "days": "365"}


def at(name: str, *args: Any) -> str:
    return reverse(name, args=["kaznu", *args])


def text(answer: Any) -> str:
    return re.sub(r"\s+", " ", answer.content.decode())


def test_everybody_of_it_sees_which_keys_there_are(
    client: Client, institution: Institution, editor: User, signatory: User, viewer: User
) -> None:
    key = make_api_key(institution, "read", by=signatory, name="Moodle")
    for person in (editor, viewer, signatory):
        client.force_login(person)
        page = text(client.get(at("keys")))
        assert "Moodle" in page
        assert key.prefix in page
        assert "never used" in page
        assert ("Make the key" in page) == (person == signatory)
        assert ("Revoke" in page) == (person == signatory)


def test_before_the_first_key_the_page_says_what_one_is_for(client: Client, signatory: User) -> None:
    client.force_login(signatory)
    page = text(client.get(at("keys")))
    assert "With a key your own systems hand over what they know" in page
    assert 'href="/api/docs/"' in page


def test_the_secret_is_shown_once_and_opens_the_api(client: Client, signatory: User) -> None:
    client.force_login(signatory)
    made = client.post(at("keys"), SAID)
    assert made.status_code == 302
    shown = client.get(made["Location"])
    secret = re.search(r"qamtu_\w{43}", shown.content.decode())
    assert secret
    assert "no-store" in shown["Cache-Control"]
    assert keys.find(secret[0]).name == "Platonus"
    assert secret[0] not in text(client.get(made["Location"]))
    own = Client().get("/api/v1/own/", headers={"authorization": f"Bearer {secret[0]}"})
    assert own.json()["institution"] == "kaznu"


def test_what_is_missing_is_said_beside_its_field(client: Client, signatory: User) -> None:
    client.force_login(signatory)
    page = client.post(at("keys"), {"name": " ", "days": "9999"})
    assert page.status_code == 422
    assert "Choose what the key may do." in text(page)
    assert text(page).count('class="field') >= 3
    assert not ApiKey.objects.exists()


def test_revoking_asks_first_and_then_ends_it_for_good(
    client: Client, institution: Institution, signatory: User
) -> None:
    key = make_api_key(institution, secret="qamtu_x", by=signatory, name="Moodle")
    client.force_login(signatory)
    assert "Revoke the key of Moodle?" in text(client.get(at("key-revoke", key.pk)))
    assert keys.find("qamtu_x")
    page = text(client.post(at("key-revoke", key.pk), follow=True))
    assert "The key of Moodle opens nothing any more." in page
    assert "revoked on" in page
    with pytest.raises(keys.Unusable):
        keys.find("qamtu_x")


def test_others_of_it_neither_make_nor_revoke(
    client: Client, institution: Institution, editor: User, viewer: User
) -> None:
    key = make_api_key(institution, secret="qamtu_x")
    for person in (editor, viewer):
        client.force_login(person)
        assert client.post(at("keys"), SAID).status_code == 403
        assert client.get(at("key-revoke", key.pk)).status_code == 403
        assert client.post(at("key-revoke", key.pk)).status_code == 403
    assert ApiKey.objects.get() == key
    assert keys.find("qamtu_x")


def test_many_keys_cost_no_more_queries_than_few(
    client: Client, institution: Institution, signatory: User, django_assert_num_queries: Any
) -> None:
    client.force_login(signatory)
    make_api_key(institution)
    client.get(at("keys"))
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as few:
        client.get(at("keys"))
    for _number in range(8):
        make_api_key(institution)
    with django_assert_num_queries(len(few)):
        client.get(at("keys"))
