"""What nginx serves itself, by the configuration of deploy/nginx: files, its own pages, and refusals."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers import Server, start_nginx

pytestmark = pytest.mark.processes

EXPECTED = {
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
    "Content-Security-Policy": "default-src 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=()",
}


@pytest.fixture
def nginx(tmp_path: Path) -> Iterator[Server]:
    """Before an application that is down."""
    server = start_nginx(tmp_path, 1)
    (tmp_path / "static" / "a.css").write_text("body { color: red }")
    yield server
    server.stop()


def test_whatever_nginx_answers_itself_has_the_headers_of_all(nginx: Server) -> None:
    asked = {"/static/a.css": 200, "/static/none.css": 404, "/en/": 502, "/api/v1/": 502, "/metrics": 404}
    answers = {path: nginx.ask(path) for path in asked}
    answers["too large"] = nginx.ask("/en/sign-in/", method="POST", body="x" * 11_000_000)
    assert [answer.status for answer in answers.values()] == [*asked.values(), 413]
    for path, answer in answers.items():
        for name, value in EXPECTED.items():
            said = answer.headers.get_all(name) or []
            assert len(said) == 1, (path, name, said)
            assert said[0].startswith(value), (path, name)
        assert "nginx/" not in answer.headers["Server"]
    assert nginx.ask("/en/", method="TRACE").status == 405
