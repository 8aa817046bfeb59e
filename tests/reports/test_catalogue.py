"""The catalogue of AI disciplines: as signed, approved and released; by title, by filters, with all who teach it."""

import csv
import io
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from curricula.models import Discipline, Period
from institutions.models import Deployment, Institution
from reports.reference import load_mandate
from tests.factories import (
    make_discipline,
    make_field,
    make_institution,
    make_programme,
    make_region,
    make_version,
)
from tests.reports.releases import make_release

pytestmark = pytest.mark.django_db

LEARNING = {"title_kk": "Машиналық оқыту", "title_ru": "Машинное обучение", "title_en": "Machine learning"}
ETHICS = {"title_kk": "ЖИ этикасы", "title_ru": "Этика ИИ", "title_en": "AI ethics"}


@pytest.fixture(scope="module")
def country_once(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    with django_db_blocker.unblock(), transaction.atomic():
        load_mandate()
        kaznu = make_institution(code="kaznu", name_en="Al-Farabi")
        nu = make_institution(code="nu", name_en="Nazarbayev University", region=make_region("KZ-75"))
        learning = make_discipline(
            kaznu, **LEARNING, description="Линейные модели и деревья.", language="kk",
            evidence_url="https://kaznu.kz/ml", suggested_areas=["machine_learning"], suggested_category="core",
        )  # fmt: skip
        ethics = make_discipline(kaznu, **ETHICS)
        teach(kaznu, "6B06101", (learning, "core", "5"), (ethics, "ethics", "3"))
        teach(kaznu, "6B06102", (learning, "core", "6"))
        teach(kaznu, "7M04103", (make_discipline(kaznu, title_en="Chemistry"), "none", "5"))
        theirs = make_discipline(
            nu, title_ru="МАШИННОЕ обучение ", suggested_areas=[], suggested_category="core"
        )
        teach(nu, "7M06101", (theirs, "applied", "4"), language="en")
        teach(nu, "8D06101", (make_discipline(nu, title_en="A secret draft"), "core", "5"), state="submitted")
        make_release()
        yield
        transaction.set_rollback(True)


@pytest.fixture(autouse=True)
def country(country_once: None, db: None, english: None) -> None:
    """KazNU teaches machine learning in two programmes, AI ethics in one; NU machine learning, spelled otherwise."""


def teach(
    institution: Institution,
    code: str,
    *lines: tuple[Discipline, str, str],
    state: str = "approved",
    **over: Any,
) -> None:
    make_version(
        make_programme(institution, code=code, **over),
        state=state,
        at=timezone.now() - timedelta(days=1),
        lines=[
            {"discipline": discipline, "ai_category": category, "credits": number, "evidence_url": ""}
            for discipline, category, number in lines
        ],
    )


def titles(client: Client, **query: str) -> list[str]:
    response = client.get("/ru/disciplines/", query)
    assert response.status_code == 200
    return [entry.title.strip().capitalize() for entry in response.context["entries"]]


def test_universities_that_spell_a_title_alike_share_an_entry_and_the_most_taught_comes_first(
    client: Client,
) -> None:
    entries = client.get("/ru/disciplines/").context["entries"]
    assert [(entry.title, entry.universities, entry.programmes, entry.credits) for entry in entries] == [
        ("Машинное обучение", 2, 3, "4–6"),
        ("Этика ИИ", 1, 1, "3"),
    ]


@pytest.mark.parametrize(
    "wanted",
    [
        "машинное обучение",
        "ОБУЧЕНИЕ машинное",
        "Машиналық",
        "машиналык окыту",
        "machine",
        "learn",
        "«машинное»",
    ],
)
def test_titles_are_found_in_three_languages_with_kazakh_letters_or_without(
    client: Client, wanted: str
) -> None:
    assert titles(client, q=wanted) == ["Машинное обучение"]


def test_short_words_are_not_found_within_others(client: Client) -> None:
    assert titles(client, q="ии") == ["Этика ии"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"category": "ethics"}, ["Этика ии"]),
        ({"category": "applied"}, ["Машинное обучение"]),
        ({"area": "machine_learning"}, ["Машинное обучение"]),
        ({"area": "robotics"}, []),
        ({"field": "06"}, ["Машинное обучение", "Этика ии"]),
        ({"field": "04"}, []),
        ({"level": "7M"}, ["Машинное обучение"]),
        ({"level": "8D"}, []),
        ({"language": "kk"}, ["Машинное обучение"]),
        ({"language": "en"}, ["Машинное обучение"]),
        ({"credits_min": "5.5"}, ["Машинное обучение"]),
        ({"credits_max": "3"}, ["Этика ии"]),
        ({"region": "KZ-75"}, ["Машинное обучение"]),
        ({"institution": "kaznu"}, ["Машинное обучение", "Этика ии"]),
        ({"institution": "Назарбаев"}, ["Машинное обучение"]),
        ({"institution": "nobody at all"}, []),
        ({"sort": "title"}, ["Машинное обучение", "Этика ии"]),
    ],
)
def test_the_catalogue_is_filtered(client: Client, query: dict[str, str], found: list[str]) -> None:
    make_field("04")
    assert titles(client, **query) == found


@pytest.mark.parametrize(
    "query",
    [
        {"category": "x"}, {"field": "99"}, {"credits_min": "nan"}, {"credits_max": "1e999"}, {"credits_min": "-1"},
        {"institution": "%"}, {"q": "%_'\\"}, {"page": "x"}, {"q": "я" * 500},
    ],
)  # fmt: skip
@pytest.mark.parametrize("address", ["/en/disciplines/", "/en/disciplines/table.csv", "entry"])
def test_a_mistaken_filter_is_no_failure(client: Client, address: str, query: dict[str, str]) -> None:
    address = entry_of(client) if address == "entry" else address
    assert client.get(address, query).status_code == 200


def entry_of(client: Client, title: str = "Машинное обучение") -> str:
    shown = client.get("/ru/disciplines/").content.decode()
    return re.findall(f'href="(/ru/disciplines/[0-9a-f]{{32}}/)">{title}</a>', shown)[0]


def test_a_mistaken_filter_says_so(client: Client) -> None:
    assert "Select a valid choice" in client.get("/en/disciplines/", {"category": "x"}).content.decode()


def test_an_entry_names_who_teaches_it_how_and_in_which_programmes(client: Client) -> None:
    response = client.get(entry_of(client).replace("/ru/", "/en/"))
    kaznu, nu = response.context["taught"]
    assert (kaznu.institution.code, nu.institution.code) == ("kaznu", "nu"), "who describes it comes first"
    assert [code for code, _title in kaznu.programmes] == ["6B06101", "6B06102"]
    assert (kaznu.credits, kaznu.languages, kaznu.areas) == ("5–6", ["Kazakh"], ["machine learning"])
    assert (nu.credits, nu.categories, nu.languages) == ("4", ["AI applied in the field"], ["English"])
    shown = " ".join(response.content.decode().split())
    assert "Линейные модели и деревья." in shown
    assert 'href="https://kaznu.kz/ml" rel="nofollow noopener noreferrer"' in shown
    assert "Taught in 3 programmes at 2 universities" in shown


def test_an_entry_is_narrowed_as_the_list_was(client: Client) -> None:
    listed = client.get("/en/disciplines/", {"level": "7M", "q": "машин"})
    address = f"{listed.context['entries'][0].address}?{listed.context['kept']}"
    response = client.get(address)
    assert [one.institution.code for one in response.context["taught"]] == ["nu"]
    assert response.context["narrowed"] == [("Level", "master")]
    assert f'href="{address.split("?")[0]}">Show all</a>' in response.content.decode()


def test_many_programmes_of_a_university_are_named_on_its_own_page(client: Client) -> None:
    learning = Discipline.objects.get(title_en="Machine learning")
    for number in range(3, 14):
        teach(learning.institution, f"6B061{number:02}", (learning, "core", "5"))
    make_release()
    address = entry_of(client)
    kaznu = client.get(address).context["taught"][0]
    assert (len(kaznu.programmes), kaznu.more) == (8, 5)
    kaznu = client.get(address, {"institution": "kaznu"}).context["taught"][0]
    assert (len(kaznu.programmes), kaznu.more) == (13, 0)


def test_an_entry_keeps_its_address_from_release_to_release(client: Client) -> None:
    before = entry_of(client)
    make_release()
    assert entry_of(client) == before
    assert client.get(before, {"release": "1"}).status_code == 200


@pytest.mark.parametrize("key", ["x", "0" * 32, "Машинное"])
def test_an_entry_that_nobody_teaches_is_not_found(client: Client, key: str) -> None:
    assert client.get(f"/en/disciplines/{key}/").status_code == 404


def test_only_what_was_signed_approved_and_released_is_read(client: Client) -> None:
    address = entry_of(client)
    pages = ["/en/disciplines/", "/en/disciplines/table.csv", address]
    before = [client.get(page).content for page in pages]
    Discipline.objects.filter(title_en="Machine learning").update(
        title_ru="Typed since", description="Typed since", evidence_url="https://typed.since", language="ru",
        suggested_areas=["robotics"],
    )  # fmt: skip
    teach(
        Institution.objects.get(code="kaznu"),
        "6B06109",
        (Discipline.objects.get(title_en="AI ethics"), "core", "9"),
    )
    assert [client.get(page).content for page in pages] == before
    assert b"secret draft" not in b"".join(before)


def test_what_nobody_teaches_leads_to_the_nearest_titles(client: Client) -> None:
    response = client.get("/ru/disciplines/", {"q": "машиное абучение"})
    assert not response.context["entries"]
    assert [entry.title for entry in response.context["nearest"]] == ["Машинное обучение"]


def test_the_table_has_a_row_for_each_line_as_filtered(client: Client) -> None:
    response = client.get("/en/disciplines/table.csv", {"institution": "kaznu"})
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(io.StringIO(response.content.decode())))
    assert [(row["programme"], row["title_en"], row["credits"]) for row in rows] == [
        ("6B06101", "Machine learning", "5.0"),
        ("6B06101", "AI ethics", "3.0"),
        ("6B06102", "Machine learning", "6.0"),
    ]
    assert (rows[0]["areas"], rows[0]["language"], rows[0]["release"]) == ("machine_learning", "kk", "1")
    assert rows[0]["evidence"] == "https://kaznu.kz/ml"


def test_no_formula_is_smuggled_into_the_table(client: Client) -> None:
    kaznu = Institution.objects.get(code="kaznu")
    hostile = make_discipline(kaznu, title_en="=HYPERLINK(1)", description="@SUM(1)")
    teach(kaznu, "6B06108", (hostile, "core", "5"))
    make_release()
    content = client.get("/en/disciplines/table.csv").content.decode()
    assert "'=HYPERLINK(1)" in content
    assert "'@SUM(1)" in content


@pytest.mark.parametrize("demonstration", [True, False])
def test_generated_data_are_called_so(client: Client, demonstration: bool) -> None:
    Deployment.objects.update_or_create(pk=1, defaults={"demonstration": demonstration})
    make_release()
    said = [
        "Demonstration data" in client.get(page).content.decode()
        for page in ("/en/disciplines/", entry_of(client, "Машинное обучение").replace("/ru/", "/en/"))
    ]
    assert said == [demonstration, demonstration]
    rows = csv.DictReader(io.StringIO(client.get("/en/disciplines/table.csv").content.decode()))
    assert {row["demonstration"] for row in rows} == {str(demonstration).lower()}


def test_queries_stay_the_same_however_many_teach(client: Client, period: Period) -> None:
    address = entry_of(client)
    pages = ["/en/disciplines/", "/en/disciplines/?q=xyzzy", "/en/disciplines/table.csv", address]

    def queries() -> list[int]:
        counts = []
        for page in pages:
            client.get(page)  # what is kept from search to search is made
            with CaptureQueriesContext(connection) as captured:
                client.get(page)
            counts.append(len(captured))
        return counts

    few = queries()
    for number in range(12):
        other = make_institution(region=make_region(f"KZ-{10 + number}"))
        teach(other, "6B06101", (make_discipline(other, **LEARNING), "core", "5"))
        teach(
            other, "7M01102", (make_discipline(other, title_ru=f"Дисциплина об ИИ {number}"), "applied", "5")
        )
    make_release()
    assert queries() == few
    assert max(few) <= 14
