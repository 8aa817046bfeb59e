"""The command keeps its promise to programs: one JSON object, and exit 1 if anything was refused."""

import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from curricula.models import CurriculumVersion
from tests.curricula.spreadsheet_files import HEADINGS, line, xlsx
from tests.factories import make_institution, make_period, make_programme

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _scene() -> None:
    make_programme(make_institution(code="kaznu"), code="6B06102")
    make_period("2025")


def run(path: Path, *options: str) -> tuple[int, str]:
    output = io.StringIO()
    try:
        call_command(
            "import_curricula", path, "--institution=kaznu", "--period=2025", *options, stdout=output
        )
    except SystemExit as stop:
        return int(stop.code or 0), output.getvalue()
    return 0, output.getvalue()


def written(folder: Path, *rows: list[Any]) -> Path:
    path = folder / "lines.xlsx"
    path.write_bytes(xlsx(HEADINGS, *rows))
    return path


def test_json_of_a_good_file(tmp_path: Path) -> None:
    code, output = run(written(tmp_path, line(1), line(2)), "--json")
    report = json.loads(output)
    assert code == 0
    assert {name: report[name] for name in ("read", "accepted", "rejected", "blank", "errors")} == {
        "read": 2, "accepted": 2, "rejected": 0, "blank": 0, "errors": [],
    }  # fmt: skip
    assert CurriculumVersion.objects.get().lines.count() == 2


def test_json_of_a_bad_file(tmp_path: Path) -> None:
    code, output = run(written(tmp_path, line(1), line(2, credits="5,5 ects")), "--json")
    (error,) = json.loads(output)["errors"]
    assert code == 1
    assert error == {
        "sheet": "Lines", "row": 3, "column": "credits", "cell": "D3", "value": "5,5 ects", "code": "not_number",
        "message": "Row 3, credits: “5,5 ects” is not a number. Write 5.5.",
    }  # fmt: skip
    assert not CurriculumVersion.objects.exists()


def test_a_dry_run_saves_nothing(tmp_path: Path) -> None:
    assert run(written(tmp_path, line(1)), "--dry-run")[0] == 0
    assert not CurriculumVersion.objects.exists()


def test_for_people_it_speaks_sentences_in_their_language(tmp_path: Path) -> None:
    _code, output = run(written(tmp_path, line(1, semester=99)))
    assert "There is no semester 99. Write a whole number from 1 to 12." in output
    assert "Nothing was saved." in output


def test_an_unknown_institution_or_period_is_named(tmp_path: Path) -> None:
    path = written(tmp_path, line(1))
    with pytest.raises(CommandError, match="no institution nowhere"):
        call_command("import_curricula", path, "--institution=nowhere", "--period=2025")
    with pytest.raises(CommandError, match="no period 1999; known are 2025"):
        call_command("import_curricula", path, "--institution=kaznu", "--period=1999")


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="can't be read"):
        run(tmp_path / "nothing.xlsx")


def test_a_file_over_the_limit_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "big.csv"
    with path.open("wb") as file:
        file.truncate(11 * 1024 * 1024)
    code, output = run(path, "--json")
    assert code == 1
    assert json.loads(output)["errors"][0]["code"] == "too_large"
