"""`suggest_ai_category`: the same rows with category, areas and terms, or one sentence that says what is wrong."""

import csv
import io
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command


def run(path: Path) -> str:
    output = io.StringIO()
    call_command("suggest_ai_category", path, stdout=output, stderr=io.StringIO())
    return output.getvalue()


def written(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    path = folder / "disciplines.csv"
    path.write_bytes(text.encode(encoding))
    return path


def answered(text: str, delimiter: str = ",") -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text), delimiter=delimiter))


def test_the_same_rows_come_back_with_category_areas_and_terms(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        'n,title,description\n7,ЖИ негіздері,\n8,"Химия, общая",Строение\n9,Marketing,"Chatbots, text mining"\n',
    )
    assert answered(run(path)) == [
        {"n": "7", "title": "ЖИ негіздері", "description": "", "category": "foundations", "areas": "", "terms": "ЖИ"},
        {"n": "8", "title": "Химия, общая", "description": "Строение", "category": "none", "areas": "", "terms": ""},
        {"n": "9", "title": "Marketing", "description": "Chatbots, text mining", "category": "applied",
         "areas": "language;data;applied", "terms": "Chatbots;text mining"},
    ]  # fmt: skip


def test_a_title_alone_is_enough_and_a_byte_order_mark_no_trouble(tmp_path: Path) -> None:
    (row,) = answered(run(written(tmp_path, "Title\r\nМашиналық оқыту\r\n", "utf-8-sig")))
    assert row["category"] == "core"


def test_semicolons_and_titles_in_three_languages_are_read(tmp_path: Path) -> None:
    text = "title_kk;title_ru;title_en;description\n;Нейросети;;a, b\n"
    (row,) = answered(run(written(tmp_path, text)), ";")
    assert (row["category"], row["description"]) == ("core", "a, b")


def test_blank_lines_and_short_rows_are_no_trouble(tmp_path: Path) -> None:
    rows = answered(run(written(tmp_path, "title,description\n\nAI\n,\nChemistry,x\n")))
    assert [(row["title"], row["category"]) for row in rows] == [("AI", "foundations"), ("Chemistry", "none")]


def test_columns_of_those_names_are_replaced(tmp_path: Path) -> None:
    (row,) = answered(run(written(tmp_path, "category,title\ncore,Химия\n")))
    assert row == {"title": "Химия", "category": "none", "areas": "", "terms": ""}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "There is no column title; the columns are: none, the file is empty."),
        (b"name,about\nx,y\n", "There is no column title; the columns are: name, about."),
        ("title\nХимия\n".encode("cp1251"), "is not in UTF-8 (byte 7). Save it as UTF-8."),
        (b"title,description\na,b,c\n", "Line 2 has 3 cells, but there are 2 columns."),
        (b"title,title\na,b\n", "These columns stand in the file twice: title."),
        (b'title\n"a\n', "is not a CSV file"),
    ],
    ids=["empty", "no title", "other encoding", "too many cells", "twice", "open quote"],
)
def test_what_is_wrong_is_said_in_a_sentence(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "disciplines.csv"
    path.write_bytes(content)
    with pytest.raises(CommandError) as refused:
        run(path)
    assert said in str(refused.value)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="No such file"):
        run(tmp_path / "nowhere.csv")
