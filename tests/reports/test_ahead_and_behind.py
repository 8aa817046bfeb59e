"""The pages that lead from a figure to its programmes, to what moved it, and to what is ahead of it."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from institutions.models import Institution
from reports.models import Release
from tests.factories import make_institution, make_region, make_version
from tests.reports.releases import PLAIN, make_country, make_release

pytestmark = pytest.mark.django_db


def text(client: Client, path: str) -> str:
    response = client.get(f"/en/{path}")
    assert response.status_code == 200, path
    return " ".join(response.content.decode().replace("\xa0", " ").split())


@pytest.fixture(scope="module")
def moved_once(django_db_setup: None, django_db_blocker: Any) -> Iterator[Institution]:
    """Each test takes back what it did, within this transaction; the module takes back the rest."""
    with django_db_blocker.unblock(), transaction.atomic():
        kaznu = make_institution(code="kaznu", name_en="Al-Farabi")
        other = make_institution(code="other", region=make_region("KZ-75"))
        make_country(
            (kaznu, "6B06101", "met"),
            (kaznu, "6B06102", "not_met"),
            (kaznu, "7M10103", "no_data"),
            (other, "8D10101", "met"),
        )
        make_release()
        make_version(kaznu.programmes.get(code="7M10103"), state="approved")
        make_version(kaznu.programmes.get(code="6B06101"), state="approved", lines=PLAIN)
        make_release()
        yield kaznu
        transaction.set_rollback(True)


@pytest.fixture
def moved(moved_once: Institution, db: None) -> Institution:
    """KazNU with one programme of each outcome; another university elsewhere with one that meets the mandate.

    Since release 1, one programme of KazNU was approved and one got worse; release 2 says so.
    """
    return moved_once


def listed(client: Client, query: str) -> list[str]:
    rows = client.get(f"/en/releases/1/programmes/?{query}").context["rows"]
    return [row.programme.code for row, _field, _reason in rows]


def test_any_cell_opens_into_the_programmes_behind_it(client: Client, moved: Institution) -> None:
    assert len(listed(client, "")) == 4
    assert listed(client, "dimension=region&key=KZ-75") == ["8D10101"]
    assert listed(client, "dimension=institution&key=kaznu&outcome=no_data") == ["7M10103"]
    assert listed(client, "dimension=region,field&key=KZ-71,06") == ["6B06101", "6B06102"]
    assert listed(client, "dimension=field,level&key=10,8D&outcome=met") == ["8D10101"]
    assert listed(client, "q=6b06102") == ["6B06102"]
    assert listed(client, "dimension=kind&key=private") == []


def test_each_programme_says_why_and_the_nearest_come_first_if_asked(
    client: Client, moved: Institution
) -> None:
    shown = text(client, "releases/1/programmes/?dimension=institution&key=kaznu")
    assert "<h1>Al-Farabi</h1>" in shown
    assert "1 AI discipline, 5 credits" in shown
    assert "no accepted AI discipline among the approved lines" in shown
    assert "no approved curriculum for 2025/26" in shown
    assert listed(client, "sort=nearest")[:2] == ["6B06102", "7M10103"]


def test_figures_lead_to_their_cells(client: Client, moved: Institution) -> None:
    pages = {
        "": "dimension=region&amp;key=KZ-75",
        "regions/KZ-71/": "dimension=region,field&amp;key=KZ-71,10",
        "fields/06/": "dimension=field,institution&amp;key=06,kaznu",
        "institutions/kaznu/": "dimension=institution&amp;key=kaznu",
    }
    for page, query in pages.items():
        address = f"/en/releases/2/programmes/?{query}"
        assert f'href="{address}"' in text(client, page), page
        assert client.get(address.replace("&amp;", "&")).context["rows"], page


def test_what_is_no_cell_is_not_found(client: Client, moved: Institution) -> None:
    for query in (
        "dimension=colour&key=red", "dimension=region", "dimension=region,region&key=a,b",
        "dimension=region&key=a,b", "key=KZ-71", "dimension=nation&key=x",
    ):  # fmt: skip
        for page in ("programmes", "changes"):
            assert client.get(f"/en/releases/2/{page}/?{query}").status_code == 404, (page, query)


def test_a_mistaken_filter_is_no_failure(client: Client, moved: Institution) -> None:
    for query in ("outcome=x", "page=x", "page=999", "sort=x", "cause=x", "key=&dimension="):
        for page in ("programmes", "changes"):
            assert client.get(f"/en/releases/2/{page}/?{query}").status_code == 200, (page, query)


def test_each_cause_leads_to_the_programmes_behind_it(client: Client, moved: Institution) -> None:
    home = text(client, "")
    assert 'href="/en/releases/2/changes/?cause=approved"' in home
    shown = client.get("/en/releases/2/changes/?cause=approved")
    (row,) = shown.context["rows"]
    assert (row["programme"].code, row["was"], row["now"]) == ("7M10103", "no_data", "met")
    assert (row["was_reason"], row["now_reason"]) == (
        "no approved curriculum for 2025/26",
        "1 AI discipline, 5 credits",
    )
    assert len(client.get("/en/releases/2/changes/").context["rows"]) == 2
    assert client.get("/en/releases/2/changes/?cause=closed").context["rows"] == []


def test_what_changed_in_a_part_of_the_country_is_told_there(client: Client, moved: Institution) -> None:
    region = text(client, "regions/KZ-71/")
    assert 'href="/en/releases/2/changes/?dimension=region&amp;key=KZ-71"' in region
    changes = client.get("/en/releases/2/changes/?dimension=field&key=10").context
    assert [(one.cause, one.met) for one in changes["changes"]] == [("approved", 1)]
    assert client.get("/en/releases/2/changes/?dimension=region&key=KZ-75").context["rows"] == []


def test_the_first_release_has_nothing_to_be_compared_with(client: Client, moved: Institution) -> None:
    assert client.get("/en/releases/1/changes/").status_code == 404
    assert client.get("/en/releases/9/changes/").status_code == 404
    assert client.get("/en/releases/99999999999/programmes/").status_code == 404
    assert "There is no earlier release to compare with." in text(client, "releases/1/")


def test_the_api_gives_the_same_movements_page_by_page(client: Client, moved: Institution) -> None:
    def ask(query: str) -> dict[str, Any]:
        response = client.get(f"/api/v1/movements/?{query}")
        assert response.status_code == 200, response.content
        found: dict[str, Any] = response.json()
        return found

    nation = ask("dimension=nation")["results"]
    assert [(row["release"], row["since"], row["cause"], row["gained"], row["lost"]) for row in nation] == [
        (2, 1, "approved", 1, 0),
        (2, 1, "superseded", 0, 1),
    ]
    whole = ask("")["results"]
    paged: list[Any] = []
    following = "page_size=3"
    while following:
        page = ask(following)
        paged += page["results"]
        following = str(page["next"] or "").partition("?")[2]
    assert paged == whole
    assert ask("release=1")["results"] == []
    assert ask("dimension=field&key=10&cause=approved")["results"]
    for query in ("cause=x", "release=all", "dimension=x", "key=%00", "cursor=x"):
        assert client.get(f"/api/v1/movements/?{query}").status_code == 400, query


def test_any_two_releases_are_compared_and_the_causes_add_up(client: Client, moved: Institution) -> None:
    make_version(moved.programmes.get(code="6B06102"), state="approved")
    make_release()

    def met(query: str) -> int:
        rows = client.get(f"/api/v1/movements/?dimension=nation&{query}").json()["results"]
        return sum(row["gained"] - row["lost"] for row in rows)

    counts = [
        client.get(f"/api/v1/coverage/?dimension=nation&release={number}").json()["results"][0]["met"]
        for number in (1, 2, 3)
    ]
    assert counts == [2, 2, 3]
    assert [met("release=3"), met("release=3&since=2"), met("release=3&since=1")] == [1, 1, 1]
    shown = client.get("/en/releases/3/changes/?since=1").context
    assert (shown["release_before"].number, shown["sums"]["met"], len(shown["rows"])) == (1, 1, 3)
    nation = client.get("/api/v1/movements/?release=3&since=1&dimension=nation").json()["results"]
    assert {row["since"] for row in nation} == {1}


def test_what_is_no_earlier_release_is_refused_with_the_remedy(client: Client, moved: Institution) -> None:
    for since in ("2", "3", "99", "0", "-1", "x", "1.5", "9" * 40, "%00", "٣"):
        asked = client.get(f"/api/v1/movements/?release=2&since={since}")
        assert asked.status_code == 400, since
        if since != "%00":
            assert asked.json()["errors"][0]["parameter"] == "since", since
        assert client.get(f"/en/releases/2/changes/?since={since}").status_code in (400, 404), since


def test_what_a_correction_changed_can_be_asked_of_the_api(client: Client, moved: Institution) -> None:
    """Unless told, a correction is compared with what came before what it corrects, as its page is."""
    make_version(moved.programmes.get(code="6B06102"), state="approved")
    make_release(corrects=Release.objects.get(number=2), correction_reason="One approval was missing.")

    def since(query: str) -> set[tuple[int, int]]:
        rows = client.get(f"/api/v1/movements/?dimension=nation&{query}").json()["results"]
        return {(row["since"], row["programmes"]) for row in rows}

    assert since("release=3") == {(1, 1), (1, 2)}
    assert since("release=3&since=2") == {(2, 1)}


def test_a_pair_of_dimensions_opens_into_its_changes_as_well(client: Client, moved: Institution) -> None:
    shown = client.get("/en/releases/2/changes/?dimension=region,field,language&key=KZ-71,10,mixed").context
    assert [(row["programme"].code, row["was"], row["now"]) for row in shown["rows"]] == [
        ("7M10103", "no_data", "met")
    ]
    assert client.get("/en/releases/2/changes/?dimension=kind,level&key=state,8D").context["rows"] == []


def queries(client: Client, release: int) -> dict[str, int]:
    """How many each page of a release asks."""
    found = {}
    for page in ("/en/releases/%d/programmes/", "/en/releases/%d/changes/", "/api/v1/movements/?release=%d"):
        with CaptureQueriesContext(connection) as captured:
            assert client.get(page % release).status_code == 200
        found[page] = len(captured)
    return found


def test_the_number_of_queries_does_not_grow(client: Client, moved: Institution) -> None:
    few = queries(client, 2)
    for number in range(6):
        other = make_institution(region=make_region(f"KZ-{10 + number}"))
        make_country((other, "6B01101", "met"), (other, "7M02102", "not_met"))
    make_release()
    assert queries(client, 3) == few
    assert max(few.values()) <= 14


def test_a_correction_is_compared_with_what_came_before_what_it_corrects(
    client: Client, moved: Institution
) -> None:
    make_release(corrects=Release.objects.get(number=2), correction_reason="One was counted twice.")
    assert client.get("/en/releases/3/").context["release_before"].number == 1
    assert client.get("/en/releases/2/").context["release_before"].number == 1
