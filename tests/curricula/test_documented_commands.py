"""The commands of docs/data.md that ask with a key run as they stand, against a server that listens."""

import json
import re
import subprocess
from pathlib import Path

import pytest
from django.conf import settings as configured
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from institutions.models import Institution
from tests.api_keys import make_api_key
from tests.factories import make_discipline, make_period, make_programme, make_version

COMMANDS = re.findall(
    r"^    (curl (?:[^\n]*\\\n)*[^\n]*/own/[^\n]*)",
    (configured.BASE_DIR / "docs" / "data.md").read_text(),
    re.M,
)
SECRET = "qamtu_of_the_documentation"


@pytest.mark.django_db(transaction=True)
def test_every_command_does_what_it_says(
    live_server: LiveServer, institution: Institution, tmp_path: Path, settings: Settings
) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"
    make_api_key(institution, secret=SECRET)
    make_discipline(institution, code="AI101")
    make_version(make_programme(institution, code="6B06102"), period=make_period("2025"))
    (tmp_path / "curriculum.json").write_text(json.dumps({"students": 25, "lines": []}))
    (tmp_path / "syllabus.pdf").write_bytes(b"%PDF-1.7\n1 0 obj <<>> endobj\ntrailer <<>>\n%%EOF\n")
    assert len(COMMANDS) == 4
    for command in COMMANDS:
        here = command.replace("http://127.0.0.1:8000", live_server.url)
        done = subprocess.run(
            ["bash", "-c", here.replace("curl ", "curl --fail-with-body --silent --show-error ", 1)],
            cwd=tmp_path,
            env={"PATH": "/usr/bin:/bin", "KEY": SECRET, "no_proxy": "*"},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, (command, done.stdout, done.stderr)
        assert json.loads(done.stdout), command
