"""How well suggestions do is what the documents say, and good enough."""

import csv
from pathlib import Path

import pytest

from curricula.demo.vocabulary import in_three_languages, rows
from curricula.suggesting import suggest
from curricula.taxonomy.measuring import LABELLED, labelled, score, scores, table
from curricula.taxonomy.measuring import is_ai as is_about_ai

DOCUMENT = Path(__file__).resolve().parents[2] / "docs/suggesting.md"
LEAST_PRECISION, LEAST_RECALL = 0.95, 0.90


def test_the_document_states_the_figures_of_the_held_out_part() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    stated = text.split("<!-- figures: held-out -->\n")[1].split("<!-- end -->")[0]
    assert stated.splitlines() == table(labelled("held-out"))


@pytest.mark.parametrize("what", ["AI", "AI, kk", "AI, ru", "AI, en"])
def test_ai_is_told_from_none_well_enough(what: str) -> None:
    found = scores(labelled("held-out"))[what]
    assert found.precision >= LEAST_PRECISION
    assert found.recall >= LEAST_RECALL


def test_the_labelled_set_is_large_mixed_and_without_overlap() -> None:
    with LABELLED.open(encoding="utf-8", newline="") as file:
        labels = list(csv.DictReader(file))
    assert len(labels) >= 400
    held_out = [row for row in labels if row["split"] == "held-out"]
    assert len(held_out) >= 200
    for language in ("kk", "ru", "en"):
        for category in ("none", "foundations", "applied", "core", "ethics"):
            assert any(row["language"] == language and row["category"] == category for row in held_out)
    titles = {row["title"].casefold() for row in held_out}
    assert not [
        row["title"] for row in labels if row["split"] == "development" and row["title"].casefold() in titles
    ]


def test_titles_that_were_written_for_another_purpose_do_as_the_document_says() -> None:
    courses = [
        (row["ai_category"], suggest(in_three_languages(row)).category) for row in rows("disciplines.csv")
    ]
    wrong = [pair for pair in courses if pair[0] == "none" and is_about_ai(pair[1])]
    missed = [pair for pair in courses if is_about_ai(pair[0]) and pair[1] == "none"]
    marked = sum(is_about_ai(category) for category, _said in courses)
    assert (len(courses), marked, len(wrong), len(missed)) == (490, 93, 0, 4)
    assert f"{len(missed)} of {marked}" in DOCUMENT.read_text(encoding="utf-8")


def test_precision_and_recall_are_counted_right() -> None:
    rows_ = labelled("development")[:0]
    assert (score(rows_, is_about_ai).precision, score(rows_, is_about_ai).recall) == (1.0, 1.0)
    one = labelled("development")[0]
    wrong = type(one)("x", "en", "none", "t", "", "core")
    missed = type(one)("x", "en", "core", "t", "", "none")
    right = type(one)("x", "en", "core", "t", "", "applied")
    found = score([right, right, right, wrong, missed], is_about_ai)
    assert (found.right, found.suggested, found.labelled) == (3, 4, 4)
    assert (found.precision, found.recall) == (0.75, 0.75)
