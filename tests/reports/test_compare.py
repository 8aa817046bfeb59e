"""Up to five universities, regions or fields beside each other, by an address that can be shared."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from curricula import reviewing
from institutions.models import Institution
from tests.factories import make_institution, make_region, make_reviewer, make_submission, make_version
from tests.reports.releases import make_country, make_release

pytestmark = pytest.mark.django_db

NAMES = {
    "a": "Aral University",
    "b": "Baikal University",
    "c": "Caspian",
    "d": "Dala",
    "e": "Edil",
    "f": "Farab",
}


@pytest.fixture(scope="module")
def country_once(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    with django_db_blocker.unblock(), transaction.atomic():
        for code, name in NAMES.items():
            place = make_region("KZ-75" if code == "b" else "KZ-71", name_en=f"Place of {code}")
            institution = make_institution(code=code, name_en=name, name_kk=name, name_ru=name, region=place)
            make_country((institution, "6B06101", "met"), (institution, "7M01102", "not_met"))
        make_country((Institution.objects.get(code="b"), "6B06103", "no_data"))
        make_institution(code="silent", name_en="Silent")
        staff = make_submission(Institution.objects.get(code="a"))
        reviewing.approve_staff_figures(submission=staff, by=make_reviewer())
        make_release()
        make_version(Institution.objects.get(code="b").programmes.get(code="6B06103"), state="approved")
        make_release()
        yield
        transaction.set_rollback(True)


@pytest.fixture(autouse=True)
def country(country_once: None, db: None, english: None) -> None:
    """Of six universities half of the programmes meet the mandate; at `b` one of three did, two do since release 2."""


def compare(client: Client, query: str, status: int = 200) -> Any:
    response = client.get(f"/en/compare/?{query}")
    assert response.status_code == status, query
    return response


def compared(response: Any) -> list[str]:
    return [column.thing.code for column in response.context.get("columns", [])]


def rows(response: Any, group: int = 0) -> dict[str, list[str]]:
    _heading, found = response.context["groups"][group]
    return {label: [cell.text for _column, cell in cells] for label, cells in found}


def text(response: Any) -> str:
    return " ".join(response.content.decode().replace("\xa0", " ").split())


def test_figures_stand_side_by_side_with_their_counts_in_the_order_of_the_address(client: Client) -> None:
    response = compare(client, "institution=b&institution=a")
    assert compared(response) == ["b", "a"]
    figures = rows(response)
    assert figures["Programmes that meet the mandate"] == ["67% (2 of 3)", "50% (1 of 2)"]
    assert figures["Do not meet it"] == ["1", "1"]
    assert figures["No approved data"] == ["0", "0"]
    assert figures["AI disciplines taught"] == ["2", "1"]
    assert figures["Faculty who have completed training in AI"] == ["—", "54% (54 of 100)"]
    assert figures["Students in programmes that meet the mandate"] == ["67% (50 of 75)", "50% (25 of 50)"]
    assert rows(response, 1)["Bachelor"] == ["100% (2 of 2)", "100% (1 of 1)"]
    assert rows(response, 1)["Master"] == ["0% (0 of 1)", "0% (0 of 1)"]
    assert list(rows(response, 2).values()) == [
        ["0% (0 of 1)", "0% (0 of 1)"],
        ["100% (2 of 2)", "100% (1 of 1)"],
    ]


def test_regions_and_fields_are_compared_too(client: Client) -> None:
    regions = rows(compare(client, "region=KZ-71&region=KZ-75"))
    assert regions["Programmes that meet the mandate"] == ["50% (5 of 10)", "67% (2 of 3)"]
    fields = compare(client, "field=06&field=01")
    assert rows(fields)["Programmes that meet the mandate"] == ["100% (7 of 7)", "0% (0 of 6)"]
    assert "Faculty who have completed training in AI" not in rows(fields), "it is not counted by field"
    assert rows(fields, 2)["Place of b"] == ["100% (2 of 2)", "0% (0 of 1)"]


def test_series_are_in_one_chart_with_a_heading_that_states_the_finding_and_a_table(client: Client) -> None:
    response = compare(client, "institution=a&institution=b")
    assert response.context["finding"] == "Grown most: Baikal University, by 33 points"
    chart = response.context["wide"]
    assert chart.count('class="c-series-1"') == 2, "the line and its key"
    assert "<title>Baikal University, " in chart
    newest, oldest = response.context["series"]
    assert [cell.text for cell in newest.cells] == ["50% (1 of 2)", "67% (2 of 3)"]
    assert [cell.text for cell in oldest.cells] == ["50% (1 of 2)", "33% (1 of 3)"]


def test_what_is_silent_has_dashes_and_never_zeros(client: Client) -> None:
    response = compare(client, "institution=silent&institution=a")
    figures = rows(response)
    for label in (
        "Programmes that meet the mandate",
        "Do not meet it",
        "No approved data",
        "AI disciplines taught",
    ):
        assert figures[label][0] == "—", label
    assert figures["Faculty who have completed training in AI"][0] == "—"


def test_more_than_five_leave_the_others_out_and_say_so(client: Client) -> None:
    response = compare(client, "&".join(f"institution={code}" for code in NAMES))
    assert compared(response) == ["a", "b", "c", "d", "e"]
    assert "At most 5 are compared. Left out: Farab." in text(response)


def test_unknown_codes_are_named_and_the_rest_is_kept(client: Client) -> None:
    response = compare(client, "institution=a&institution=zz&institution=b&institution=a&institution=")
    assert compared(response) == ["a", "b"]
    assert "There is nothing with this code: zz." in text(response)


def test_different_kinds_are_refused_kindly(client: Client) -> None:
    response = compare(client, "institution=a&region=KZ-71", status=400)
    assert compared(response) == []
    assert "Universities, regions and fields can&#x27;t be set beside each other" in text(response)
    assert 'name="add"' in text(response), "and the form is there to begin anew"


@pytest.mark.parametrize(
    "query",
    [
        "institution=%00", "institution=<script>", "institution=" + "x" * 5000, "&".join(["institution=q"] * 900),
        "kind=planets", "add=%F0%9F%8E%93", "add=" + "y" * 3000, "release=x&institution=a", "field=061&region=",
    ],
)  # fmt: skip
def test_hostile_addresses_break_nothing(client: Client, query: str) -> None:
    response = client.get(f"/en/compare/?{query}")
    assert response.status_code in (200, 400, 404)
    assert "<script>" not in response.content.decode()


def test_a_name_that_is_typed_leads_to_the_address_with_its_code(client: Client) -> None:
    response = client.get("/en/compare/?institution=a&add=Baikal+University")
    assert response.status_code == 302
    assert response["Location"] == "/en/compare/?institution=a&institution=b"
    assert (
        client.get("/en/compare/?add=Байкал&release=1")["Location"] == "/en/compare/?institution=b&release=1"
    )


def test_a_name_that_may_stand_for_several_is_asked_about(client: Client) -> None:
    response = compare(client, "institution=c&add=university")
    assert "Which one do you mean?" in text(response)
    assert 'href="/en/compare/?institution=c&amp;institution=a">Aral University</a>' in text(response)
    assert "Nothing is called “qqq”." in text(compare(client, "add=qqq"))


def test_each_can_be_removed_and_regions_are_ticked(client: Client) -> None:
    response = compare(client, "institution=a&institution=b")
    assert 'href="/en/compare/?institution=b">Remove<span class="hidden"> Aral University</span>' in text(
        response
    )
    ticked = text(compare(client, "region=KZ-75"))
    assert '<input type="checkbox" name="region" value="KZ-75" checked>' in ticked
    assert '<input type="checkbox" name="region" value="KZ-71">' in ticked


def test_pages_lead_here(client: Client) -> None:
    for page, query in (
        ("institutions/a", "institution=a"),
        ("regions/KZ-71", "region=KZ-71"),
        ("fields/06", "field=06"),
    ):
        assert f'href="/en/compare/?{query}"' in text(client.get(f"/en/{page}/")), page


def test_an_old_release_is_compared_as_it_was(client: Client) -> None:
    response = compare(client, "institution=b&release=1")
    assert rows(response)["Programmes that meet the mandate"] == ["33% (1 of 3)"]
    assert response.context["finding"] == "One release so far: the series begins here"


@pytest.mark.parametrize("kind", ["institution", "region", "field"])
def test_queries_stay_the_same_however_many_are_compared(client: Client, kind: str) -> None:
    codes = {"institution": list("abcde"), "region": ["KZ-71", "KZ-75"], "field": ["06", "01"]}[kind]

    def queries(chosen: list[str]) -> int:
        with CaptureQueriesContext(connection) as captured:
            compare(client, "&".join(f"{kind}={code}" for code in chosen))
        return len(captured)

    assert queries(codes) == queries(codes[:1])
    assert queries(codes) <= 16
