"""The pages of regions and fields, and the tables of them all."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from institutions.models import Institution
from reports.models import Target
from tests.factories import make_discipline, make_institution, make_region, make_version, three_names
from tests.reports.releases import make_country, make_release

pytestmark = pytest.mark.django_db


@pytest.fixture
def kaznu() -> Institution:
    """In KZ-71 one programme of two meets the mandate, in KZ-75 none of one."""
    kaznu = make_institution(code="kaznu", name_en="Al-Farabi")
    other = make_institution(code="other", region=make_region("KZ-75"))
    make_country((kaznu, "6B06101", "met"), (kaznu, "6B01102", "not_met"), (other, "8D06101", "no_data"))
    return kaznu


def text(client: Client, path: str) -> str:
    response = client.get(f"/en/{path}")
    assert response.status_code == 200, path
    return " ".join(response.content.decode().replace("\xa0", " ").split())


def test_whoever_cuts_an_address_finds_all_regions_and_all_fields(client: Client, kaznu: Institution) -> None:
    make_release()
    for name, parts in (("regions", ("KZ-71", "KZ-75")), ("fields", ("01", "06"))):
        shown = text(client, f"{name}/")
        for part in parts:
            assert f'href="/en/{name}/{part}/"' in shown
            assert f'href="/en/{name}/"' in text(client, f"{name}/{part}/")


def test_the_nation_and_the_list_of_universities_lead_there(client: Client, kaznu: Institution) -> None:
    make_release()
    for page in ("", "institutions/"):
        assert 'href="/en/regions/"' in text(client, page)
        assert 'href="/en/fields/"' in text(client, page)


def test_every_outcome_of_a_part_leads_to_its_programmes(client: Client, kaznu: Institution) -> None:
    make_release()
    for part, query in (
        ("regions/KZ-71", "dimension=region&key=KZ-71"),
        ("fields/06", "dimension=field&key=06"),
    ):
        shown = text(client, f"{part}/")
        for outcome, number in (
            ("met", 1),
            ("not_met", int("region" in part)),
            ("no_data", int("field" in part)),
        ):
            address = f"/en/releases/1/programmes/?{query}&outcome={outcome}"
            assert f'href="{address.replace("&", "&amp;")}"' in shown
            assert len(client.get(address).context["rows"]) == number


def test_a_part_tells_what_its_target_takes_and_who_reported(client: Client, kaznu: Institution) -> None:
    due = timezone.localdate() + timedelta(days=200)
    Target.objects.create(
        requirement_code="ai-in-every-programme", due_on=due, share=1, **three_names("All of it")
    )
    make_release()
    shown = text(client, "regions/KZ-71/")
    assert "<strong>1</strong> more programme has to meet the mandate" in shown
    assert "2025/26: 1 of 1 university has an approved curriculum; 2 in all." in shown
    silent = text(client, "regions/KZ-75/")
    assert "2025/26: 0 of 1 university has an approved curriculum; 0 in all." in silent
    assert "The first of these was signed on" not in silent


def test_what_most_universities_of_a_part_teach_comes_first(client: Client, kaznu: Institution) -> None:
    for number in range(3):
        university = make_institution()
        make_country((university, "6B06101", "no_data"))
        shared = make_discipline(university, title_kk="Ортақ", title_ru="Общее", title_en="Shared")
        lines = [{"discipline": shared, "ai_category": "core"}]
        if number == 0:
            lines.append({"ai_category": "core"})
        make_version(university.programmes.get(), state="approved", lines=lines)
    make_release()
    taught = client.get("/en/fields/06/").context["disciplines"]
    assert (taught[0].title, taught[0].universities) == ("Shared", 3)
    assert {entry.universities for entry in taught[1:]} == {1}
    assert f'href="{taught[0].address}?field=06">Shared</a>' in text(client, "fields/06/")
    assert client.get("/en/fields/01/").context["disciplines"] == []


def test_a_part_without_programmes_says_so(client: Client, kaznu: Institution) -> None:
    make_region("KZ-10")
    make_release()
    shown = text(client, "regions/KZ-10/")
    assert "no programmes in scope" in shown
    assert "No university has programmes in scope here." in shown


def test_its_universities_come_fifty_a_page(client: Client, kaznu: Institution) -> None:
    for _number in range(51):
        make_country((make_institution(), "6B06101", "not_met"))
    make_release()
    assert len(client.get("/en/regions/KZ-71/").context["page_obj"]) == 50
    assert [row.label for row in client.get("/en/regions/KZ-71/?page=2").context["page_obj"]]
    assert client.get("/en/regions/KZ-71/?page=x").status_code == 200


def test_universities_are_counted_and_the_silent_come_first_if_asked(
    client: Client, kaznu: Institution
) -> None:
    make_institution(code="empty")
    make_release()
    assert "3 universities, 1 of them without programmes that count" in text(client, "institutions/")
    rows = client.get("/en/institutions/?sort=silent").context["page_obj"]
    assert next(institution.code for institution, _counts in rows) == "other"


def test_the_number_of_queries_does_not_grow(client: Client, kaznu: Institution) -> None:
    make_release()
    pages = ("regions/", "fields/", "regions/KZ-71/", "fields/06/")

    def queries() -> dict[str, int]:
        found = {}
        for page in pages:
            with CaptureQueriesContext(connection) as captured:
                assert client.get(f"/en/{page}").status_code == 200
            found[page] = len(captured)
        return found

    few = queries()
    for number in range(8):
        make_country((make_institution(region=make_region(f"KZ-{10 + number}")), "6B06101", "met"))
        make_country((make_institution(), "8D06101", "not_met"))
    make_release()
    assert queries() == few
    assert max(few.values()) <= 17
