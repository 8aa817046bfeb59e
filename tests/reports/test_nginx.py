"""The configuration of deploy/nginx in a real nginx before a real gunicorn: what it keeps, for whom, and until when."""

import gzip
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.resolvers import LocalePrefixPattern
from django.utils import timezone

from institutions.models import Institution, User
from tests.reports.releases import make_country, make_release
from tests.reports.test_public_pages import PAGES
from tests.servers import Answer, Server, start_nginx, start_web
from tests.workers import database_url

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]

ZIPPED = {"Accept_Encoding": "gzip, deflate, br, zstd"}


@dataclass
class Site:
    web: Server
    nginx: Server
    folder: Path
    busy: float  # how many seconds a release and the first page took: of a machine that is busy, many

    def ask(self, path: str, **sent: str) -> Answer:
        return self.nginx.ask(path, **sent)

    def copy(self, path: str, **sent: str) -> str:
        """HIT where nginx answered from a copy, MISS where it made one, EXPIRED and REVALIDATED where it asked anew."""
        return self.ask(path, **sent).headers.get("X-Cache-Status", "")

    def kept(self) -> bytes:
        """Everything that lies on the disk."""
        return b"".join(path.read_bytes() for path in self.folder.glob("qamtu-*/**/*") if path.is_file())


@pytest.fixture
def site(institution: Institution, tmp_path: Path) -> Iterator[Site]:
    """A first release of one university, `institution`."""
    began = time.monotonic()
    make_country((institution, "6B06101", "met"), (institution, "6B06102", "not_met"))
    make_release()
    web = start_web(tmp_path, {"DATABASE_URL": database_url(), "SECOND_FACTOR": "off"})
    try:
        assert web.ask("/en/", X_Forwarded_Proto="https").status == 200  # the first page takes long
        nginx = start_nginx(tmp_path, web.port)
        try:
            yield Site(web, nginx, tmp_path, time.monotonic() - began)
        finally:
            nginx.stop()
    finally:
        web.stop()


@contextmanager
def database_down() -> Iterator[None]:
    """For everybody but this test, whose own connection stays."""
    name = connection.settings_dict["NAME"]
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        [own] = cursor.fetchone()
    end_others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND pid <> %s"
    with connection._nodb_cursor() as cursor:  # from another database: one can't be closed from within
        cursor.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
        try:
            cursor.execute(end_others, [name, own])
            yield
        finally:
            cursor.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')


def test_a_release_is_there_at_its_time_and_copies_serve_when_application_and_database_are_down(
    site: Site, client: Client
) -> None:
    at = timezone.now() + timedelta(seconds=4 + 2 * site.busy)
    make_release(publish_at=at)
    asked_before = [f"/en/{page}" for page in PAGES]
    for path in asked_before:
        assert site.copy(path, **ZIPPED) == "MISS", path
        assert site.copy(path, **ZIPPED) == "HIT", path
        assert "release 2" not in site.ask(path).text.lower(), path
    assert timezone.now() < at, "too slow a machine to try this"
    time.sleep((at - timezone.now()).total_seconds() + 0.1)

    first = site.ask("/en/", **ZIPPED)
    assert first.headers["X-Cache-Status"] == "EXPIRED"
    assert "release 2" in gzip.decompress(first.body).decode().lower()

    with database_down():
        for path in asked_before[1:]:
            begun = time.monotonic()
            answer = site.ask(path, **ZIPPED)
            assert (answer.status, answer.headers["X-Cache-Status"]) == (200, "STALE"), path
            assert answer.headers["Content-Security-Policy"]
            assert time.monotonic() - begun < 8, path
        assert site.copy("/en/", **ZIPPED) == "HIT"
        site.web.stop()
        for path in asked_before:
            assert site.ask(path, **ZIPPED).status == 200, path
            assert site.ask(path, method="HEAD", **ZIPPED).status == 200, path
        never_asked = site.ask("/ru/institutions/")
        assert never_asked.status == 502
        assert "Сайт временно недоступен" in never_asked.text
        assert never_asked.headers["Retry-After"]
        assert never_asked.headers["Cache-Control"] == "no-store"


def test_nothing_of_those_who_are_signed_in_is_kept(
    site: Site, institution: Institution, editor: User, stranger: User
) -> None:
    sessions = {user: session_of(user) for user in (editor, stranger)}
    secrets = [user.email for user in sessions] + list(sessions.values())
    shown = {}
    for _round in range(2):
        for user, session in sessions.items():
            cookie = f"__Host-{settings.SESSION_COOKIE_NAME}={session}"
            for path in ("/en/account/", "/en/workspace/", "/en/"):
                answer = site.ask(path, Cookie=cookie)
                assert answer.headers.get("X-Cache-Status", "") in ("", "MISS", "HIT")
                if path == "/en/account/":
                    assert answer.status == 200
                    assert user.email in answer.text
                    assert not [other for other in sessions if other != user and other.email in answer.text]
                    assert "X-Cache-Status" not in answer.headers
                if path == "/en/":
                    assert not answer.cookies
                    shown[user] = answer.text
    assert len({*shown.values(), site.ask("/en/").text}) == 1, "one page for everybody"
    own = site.ask(
        f"/en/workspace/{institution.code}/",
        Cookie=f"__Host-{settings.SESSION_COOKIE_NAME}={sessions[editor]}",
    )
    assert own.status == 200
    assert site.ask(f"/en/workspace/{institution.code}/").status == 302
    forms = [site.ask("/en/sign-in/") for _ in range(2)]
    tokens = [cookie for form in forms for cookie in form.cookies]
    assert len(set(tokens)) == 2, "each visitor a token of their own"
    secrets += [token.split("=")[1].split(";")[0] for token in tokens]
    assert site.ask("/en/", method="POST", body="").status in (403, 405)

    kept = site.kept()
    assert b"KEY: https://qamtu.example/en/ " in kept
    assert b"Set-Cookie" not in kept
    assert b"/en/workspace/" not in kept.replace(b'href="/en/workspace/"', b"")
    assert not [secret for secret in secrets if secret.encode() in kept]


def session_of(user: User) -> str:
    client = Client()
    client.force_login(user)
    return client.cookies[settings.SESSION_COOKIE_NAME].value


def test_a_copy_is_of_an_address_a_language_and_an_encoding_and_of_nothing_else(site: Site) -> None:
    whole, zipped = site.ask("/en/"), site.ask("/en/", **ZIPPED)
    assert gzip.decompress(zipped.body) == whole.body
    assert zipped.headers["Vary"] == "Accept-Encoding"
    assert whole.headers["ETag"] != zipped.headers["ETag"]
    assert not zipped.headers["ETag"].startswith("W/")
    for encoding in ("gzip", "br, gzip;q=0.5", "deflate, gzip"):
        assert site.copy("/en/", Accept_Encoding=encoding) == "HIT"
    for encoding in ("", "identity", "gzip;q=0", "br"):
        assert site.copy("/en/", Accept_Encoding=encoding) == "HIT"
    head = site.ask("/en/", method="HEAD", **ZIPPED)
    assert (head.body, head.headers["X-Cache-Status"]) == (b"", "HIT")
    assert head.headers["Content-Length"] == str(len(zipped.body))

    for tag in (zipped.headers["ETag"], f"W/{zipped.headers['ETag']}", f'"other", {zipped.headers["ETag"]}'):
        unchanged = site.ask("/en/", If_None_Match=tag, **ZIPPED)
        assert (unchanged.status, unchanged.body) == (304, b"")
        assert unchanged.headers["X-Cache-Status"] == "HIT"
    assert site.ask("/en/", If_None_Match='"other"', **ZIPPED).status == 200
    assert site.ask("/en/", If_None_Match=whole.headers["ETag"], **ZIPPED).status == 200

    assert site.copy("/kk/", **ZIPPED) == "MISS"
    assert '<html lang="kk">' in site.ask("/kk/").text
    for accepted in ("kk", "ru", "en"):
        answer = site.ask("/", Accept_Language=accepted)
        assert (answer.status, answer.headers["Location"]) == (302, f"/{accepted}/")
    assert site.copy("/en/?sort=behind", **ZIPPED) == "MISS"
    assert site.copy("/en/?fbclid=a1&utm_source=letter", **ZIPPED) == "HIT"
    assert site.copy("/en/%2e%2e/en/", **ZIPPED) != "HIT"
    for number in range(300):
        assert site.ask(f"/en/methodology/?made-up={number}").status == 200
    found = site.copy("/en/", **ZIPPED)
    assert found in ("HIT", "REVALIDATED"), "a flood of made-up questions takes no page's place"
    assert site.ask("/en/", Host="other.example").status in (400, 404)


def test_the_api_is_kept_for_each_language_and_compressed(site: Site) -> None:
    path = "/api/v1/institutions/"
    for language in ("ru", "en"):
        assert site.copy(path, Accept_Language=language) == "MISS"
        answer = site.ask(path, Accept_Language=language, **ZIPPED)
        assert (answer.headers["X-Cache-Status"], answer.headers["Content-Language"]) == ("HIT", language)
        assert json.loads(gzip.decompress(answer.body))["results"]
        tag = answer.headers["ETag"]
        assert site.ask(path, Accept_Language=language, If_None_Match=tag, **ZIPPED).status == 304
    assert (
        site.ask(path, Accept_Language="en", Accept="text/csv").headers["Content-Type"].startswith("text/csv")
    )
    assert site.ask(path, method="POST", body="{}").status == 405


def test_requests_are_numbered_limited_and_logged_without_secrets(site: Site) -> None:
    static = site.folder / "static"
    (static / "a.0123456789ab.css").write_text("body { color: red }")
    (static / "a.0123456789ab.css.gz").write_bytes(gzip.compress(b"body { color: red }"))
    style = site.ask("/static/a.0123456789ab.css", **ZIPPED)
    assert gzip.decompress(style.body) == b"body { color: red }"
    assert "immutable" in style.headers["Cache-Control"]
    assert style.headers["Content-Type"] == "text/css"
    assert style.headers["Vary"] == "Accept-Encoding"

    assert site.ask("/metrics").status == 404
    assert site.ask("/healthz", X_Forwarded_Proto="http").status == 200
    refused = site.ask("/en/sign-in/", method="POST", body="x" * (settings.MAX_BODY + 1))
    assert refused.status == 413
    assert "10 MB" in refused.text
    assert site.ask("/en/sign-in/", method="POST", body="x" * settings.MAX_BODY).status == 403

    numbers = [site.ask("/en/").headers["X-Request-ID"] for _ in range(3)]
    assert len({number for number in numbers if len(number) == 32}) == 3
    missing = site.ask("/en/nowhere/", X_Request_ID="f" * 32).headers["X-Request-ID"]
    assert missing != "f" * 32
    site.ask("/kk/invitations/secret-of-an-invitation/")
    site.ask("/kk/password/MQ/secret-of-a-password/")
    site.ask("/kk/admin/institutions/apikey/?q=secret-of-a-key")
    time.sleep(5.5)  # it is written every 5 s
    log = (site.folder / "qamtu.log").read_text()
    lines = [json.loads(line) for line in log.splitlines()]
    assert [line["status"] for line in lines if line["request_id"] == missing] == [404]
    assert missing in (site.folder / "web.log").read_text(), "found in both logs"
    assert "secret-of" not in log


def test_every_page_of_those_who_sign_in_is_under_an_address_where_nginx_looks_for_no_copy() -> None:
    private = (Path(settings.BASE_DIR) / "deploy/nginx/qamtu-site.conf").read_text()
    [of_a_language] = [
        one
        for one in get_resolver().url_patterns
        if isinstance(one, URLResolver) and isinstance(one.pattern, LocalePrefixPattern)
    ]
    for first in first_words(of_a_language.url_patterns) - PUBLIC:
        assert f"{first}|" in private or f"|{first})" in private, f"{first} is missing in qamtu-site.conf"


PUBLIC = {""} | {page.split("/")[0] for page in PAGES}


def first_words(patterns: list[URLPattern | URLResolver]) -> set[str]:
    found = set()
    for one in patterns:
        route = str(one.pattern)
        if isinstance(one, URLResolver) and not route:
            found |= first_words(one.url_patterns)
        else:
            found.add(route.split("/")[0])
    return found
