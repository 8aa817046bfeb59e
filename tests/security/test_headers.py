"""Every answer tells the browser what it may do: each address there is, whoever asks, errors and files among them."""

import re
from typing import Any

import pytest
from django.test import Client

from config.headers import PERMISSIONS_POLICY
from institutions.models import Institution, User
from reports.models import Release
from tests.factories import make_member
from tests.security.addresses import addresses

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]

# One page may be framed (ADR 26); one address shows a file of a university's to the ministry within its own page.
FRAMED = {"/en/institutions/kaznu/card/": "*"}
# What depends on who asks; the words of the admin's scripts do not.
PRIVATE = re.compile(r"/en/(account|admin/(?!jsi18n)|evidence|workspace)")
TEXTS = r"text/[a-z-]+(; version=1\.0\.0)?|application/[a-z+.-]*(json|xml|yaml|openapi[a-z+]*|ndjson)"
TYPES = re.compile(
    rf'({TEXTS}); charset="?utf-8"?$|application/(xml$|[a-z.+]*json|pdf|vnd\.|zip)|image/(png|svg\+xml)'
)


@pytest.fixture
def over_https(settings: Any) -> dict[str, Any]:
    """As a server is set up: the middlewares of clients that are made from now on say so."""
    settings.SECURE_SSL_REDIRECT = settings.HTTPS = True
    settings.SECURE_HSTS_SECONDS = 365 * 24 * 3600
    settings.SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    return {"secure": True}


def everybody(institution: Institution) -> User:
    """Opens the workspace and the whole admin."""
    return make_member(institution, "editor", "signatory", is_staff=True, is_superuser=True)


@pytest.mark.parametrize("who", ["a visitor", "somebody who may see everything"])
def test_every_answer_of_every_address_has_all_headers(
    release: Release, over_https: dict[str, Any], who: str
) -> None:
    client = Client()
    if who != "a visitor":
        client.force_login(everybody(Institution.objects.get(code="kaznu")))
    answered, lacking = {}, {}
    for address in addresses():
        answer = client.get(address, **over_https)
        answered[address] = answer.status_code
        assert answer.status_code < 500 or address == "/readyz", address
        lacking[address] = missing(address, answer)
    assert {address: what for address, what in lacking.items() if what} == {}
    statuses = set(answered.values())
    assert {200, 302, 404, 405} <= statuses, "otherwise too little was tried"
    opened = [address for address, status in answered.items() if status == 200]
    assert len(opened) > (50 if who == "a visitor" else 120), opened


def missing(address: str, answer: Any) -> list[str]:
    """What an answer lacks, or says too generously."""
    policy = answer.headers.get("Content-Security-Policy", "")
    said = dict(part.strip().partition(" ")[::2] for part in policy.split(";"))
    ancestors = FRAMED.get(address, "'none'")
    wrong = [
        name
        for name, holds in {
            "no policy": policy,
            "unsafe": "unsafe" not in policy,
            "default": said.get("default-src") == "'none'",
            "base": said.get("base-uri") == "'none'",
            "ancestors": said.get("frame-ancestors") == ancestors,
            "scripts from elsewhere": said.get("script-src", "'self'") in ("'self'", "'none'"),
            "frame": answer.headers.get("X-Frame-Options") == ("DENY" if ancestors == "'none'" else None),
        }.items()
        if not holds
    ]
    expected = {
        "X-Content-Type-Options": "nosniff",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
        "Permissions-Policy": PERMISSIONS_POLICY,
    }
    wrong += [name for name, value in expected.items() if not answer.headers.get(name, "").startswith(value)]
    if (
        PRIVATE.match(address)
        and answer.status_code == 200
        and "no-store" not in answer.headers["Cache-Control"]
    ):
        wrong.append("Cache-Control")
    # Links with a secret in them say nothing to anybody.
    if answer.headers.get("Referrer-Policy") not in ("same-origin", "no-referrer"):
        wrong.append("Referrer-Policy")
    is_public = "public" in answer.headers.get("Cache-Control", "")
    shown_by = "cross-origin" if is_public or address.endswith("badge.svg") else "same-origin"
    if answer.headers.get("Cross-Origin-Resource-Policy") != shown_by:
        wrong.append("Cross-Origin-Resource-Policy")
    if answer.status_code == 200 and not TYPES.match(
        answer.headers.get("Content-Type", ""),
    ):
        wrong.append("Content-Type")
    return wrong


@pytest.mark.parametrize("path", ["/static/qamtu.css", "/static/nothing.css", "/en/sign-in/?q=%00"])
def test_files_and_refusals_have_them_too(client: Client, over_https: dict[str, Any], path: str) -> None:
    answer = Client().get(path, **over_https)
    b"".join(answer)  # a file is open until it was read
    assert missing(path, answer) in ([], ["Content-Type"])


def test_so_has_what_is_refused_for_its_host_or_its_size(over_https: dict[str, Any]) -> None:
    client = Client(raise_request_exception=False)
    foreign = client.get("/en/", headers={"host": "evil.example"}, **over_https)
    large = client.post("/en/sign-in/", {}, CONTENT_LENGTH=str(11 * 1024 * 1024), **over_https)
    assert (foreign.status_code, large.status_code) == (400, 413)
    assert missing("", foreign) == missing("", large) == []


def test_a_program_that_asks_in_the_clear_is_refused_and_a_reader_is_led_to_https(
    over_https: dict[str, Any],
) -> None:
    program = Client().get(
        "/api/v1/own/", headers={"authorization": "Bearer qamtu_x", "accept-language": "en"}
    )
    assert program.status_code == 403
    assert program.json()["detail"] == "Ask over https."
    reader = Client().get("/en/")
    assert (reader.status_code, reader["Location"]) == (301, "https://testserver/en/")


def test_the_api_may_be_read_from_any_origin_but_never_with_a_session(
    client: Client, release: Release
) -> None:
    answer = client.get("/api/v1/coverage/", headers={"origin": "https://elsewhere.example"})
    assert answer["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in answer.headers
    for path in ("/en/", "/en/sign-in/", "/api/v1/own/"):
        assert "Access-Control-Allow-Origin" not in client.get(path).headers, path


def test_sending_anything_needs_the_token_of_a_form(release: Release) -> None:
    """Each address that takes what is sent, except those that a browser sends no cookie to."""
    client = Client(enforce_csrf_checks=True)
    taken = []
    for address in addresses():
        answer = client.post(address, {})
        if answer.status_code not in (403, 404, 405):
            taken.append((address, answer.status_code))
    by_key_only = [one for one in taken if one[0].startswith("/api/v1/own/")]
    assert {status for _address, status in by_key_only} <= {401}
    assert [one for one in taken if one not in by_key_only] == [("/violations", 204)]
