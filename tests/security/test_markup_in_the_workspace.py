"""What colleagues put into names and titles in the hope that it runs with whoever looks at the workspace."""

from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from tests.browser.rich_world import make_world
from tests.browser.test_every_workspace_page import FOR_MEMBERS, address
from tests.security.planting import plant
from tests.security.test_markup import PAYLOADS, alive

MINIMUM = {
    "institutions.Institution.name_kk", "institutions.User.first_name", "curricula.Programme.title_kk",
    "curricula.Discipline.title_en", "curricula.Discipline.description", "curricula.Submission.note",
    "curricula.Import.file_name",
}  # fmt: skip


@pytest.mark.django_db
def test_no_page_of_the_workspace_runs_what_was_planted(
    client: Client, settings: Any, tmp_path: Path
) -> None:
    settings.MEDIA_ROOT = tmp_path
    world = make_world()
    assert plant(PAYLOADS) >= MINIMUM
    client.force_login(world.rector)
    shown = 0
    for name, openings in FOR_MEMBERS.items():
        for opening in openings:
            if "first" in opening:
                continue
            answer = client.get(address(name, opening, world, "en"))
            assert answer.status_code < 500, (name, opening)
            assert alive(answer) == [], (name, opening)
            shown += "7331" in answer.content.decode()
    assert shown > 30
