"""The public pages as a visitor sees them: the figures, their denominators, and nothing that is not released."""

from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from institutions.models import Deployment, FormerName, Institution, User
from institutions.registering import record_merger
from reports.models import Exemption, Release
from tests.factories import make_institution, make_region, make_reviewer, make_version
from tests.reports.releases import make_country, make_release

pytestmark = pytest.mark.django_db

PAGES = (
    "",
    "institutions/",
    "institutions/kaznu/",
    "regions/",
    "regions/KZ-71/",
    "fields/",
    "fields/06/",
    "work/",
    "effort/",
    "disciplines/",
    "compare/?institution=kaznu",
    "search/?q=kaznu",
    "releases/",
    "releases/1/",
    "releases/1/programmes/",
    "methodology/",
    "downloads/",
    "trail/",
    "getting-started/",
)


@pytest.fixture
def country() -> Institution:
    """One programme of three meets the mandate, one does not, one is silent; another university has none."""
    kaznu = make_institution(code="kaznu", name_en="Al-Farabi", name_kk="әл-Фараби", name_ru="Аль-Фараби")
    make_institution(code="empty", name_en="Without programmes")
    make_country((kaznu, "6B06101", "met"), (kaznu, "6B06102", "not_met"), (kaznu, "7M06103", "no_data"))
    return kaznu


def text(client: Client, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200, path
    return " ".join(response.content.decode().replace("\xa0", " ").split())


def test_every_page_answers_a_visitor_in_every_language_and_leads_to_the_others(
    client: Client, country: Institution
) -> None:
    make_release()
    for page in PAGES:
        for language in ("kk", "ru", "en"):
            shown = text(client, f"/{language}/{page}")
            assert f'<html lang="{language}">' in shown
            for other in ("kk", "ru", "en"):
                assert f'href="/{other}/{page}" lang="{other}"' in shown


def test_before_the_first_release_pages_say_so(client: Client, country: Institution) -> None:
    for page in ("", "institutions/", "institutions/kaznu/", "methodology/", "downloads/"):
        assert "Nothing has been released yet" in text(client, f"/en/{page}")


def test_the_national_figure_names_numerator_denominator_missing_moment_and_rules(
    client: Client, country: Institution
) -> None:
    release = make_release()
    shown = text(client, "/en/")
    assert "<strong>33%</strong>" in shown
    assert "1 of 3 programmes meet the mandate" in shown
    assert "1 do not meet it, 1 have no approved data and count against, 0 are exempt" in shown
    assert "Of those with data, 50% meet it." in shown
    assert f"Release {release.number}" in shown
    assert "Every programme has at least one AI discipline, version 1" in shown
    assert "methodology 1" in shown


def test_an_exempt_programme_leaves_the_denominator(client: Client, country: Institution) -> None:
    today = timezone.localdate()
    Exemption.objects.create(
        institution=country,
        programme=country.programmes.get(code="7M06103"),
        requirement_code="ai-in-every-programme",
        reason="Closes this year",
        decided_by=make_reviewer(),
        decided_at=timezone.now() - timedelta(hours=1),
        starts_on=today - timedelta(days=2),
        ends_on=today + timedelta(days=9),
    )
    make_release()
    assert "1 of 2 programmes meet the mandate" in text(client, "/en/")
    assert "Closes this year" not in text(client, "/en/institutions/kaznu/")


def test_without_a_denominator_there_is_a_dash_and_never_zero_per_cent(
    client: Client, country: Institution
) -> None:
    make_release()
    shown = text(client, "/en/institutions/empty/")
    assert '<p class="figure"><strong>—</strong> <span>no programmes in scope</span>' in shown
    assert "<strong>0%</strong>" not in shown


def test_a_university_reads_the_reason_of_each_outcome(client: Client, country: Institution) -> None:
    make_release()
    shown = text(client, "/en/institutions/kaznu/")
    assert "1 AI discipline, 5 credits" in shown
    assert "no accepted AI discipline among the approved lines" in shown
    assert "no approved curriculum for 2025/26" in shown


def test_drafts_and_what_came_after_the_release_do_not_show(client: Client, country: Institution) -> None:
    make_release()
    before = text(client, "/en/institutions/kaznu/"), text(client, "/en/disciplines/")
    silent = country.programmes.get(code="7M06103")
    make_version(silent, state="draft")
    make_version(country.programmes.get(code="6B06102"), state="approved")
    assert (text(client, "/en/institutions/kaznu/"), text(client, "/en/disciplines/")) == before


def test_a_release_kept_back_is_not_public(client: Client, country: Institution) -> None:
    make_release(publish_at=timezone.now() + timedelta(hours=1))
    assert "Nothing has been released yet" in text(client, "/en/")
    make_release()
    assert client.get("/en/releases/1/").status_code == 404
    assert client.get("/en/?release=1").status_code == 404
    assert client.get("/en/releases/1/coverage-nation.csv").status_code == 404
    assert "Release 1" not in text(client, "/en/releases/")


def test_an_old_release_keeps_its_figures_and_names_the_newest(client: Client, country: Institution) -> None:
    make_release()
    make_version(country.programmes.get(code="7M06103"), state="approved")
    make_release()
    assert "2 of 3 programmes meet the mandate" in text(client, "/en/")
    old = text(client, "/en/releases/1/")
    assert "1 of 3 programmes meet the mandate" in old
    assert "The newest figures are those of" in old


def test_what_moved_the_figure_is_counted_programme_by_programme(
    client: Client, country: Institution
) -> None:
    make_release()
    make_version(country.programmes.get(code="7M06103"), state="approved")
    make_version(country.programmes.get(code="6B06101"), state="approved", lines=({"ai_category": "none"},))
    make_release()
    shown = text(client, "/en/")
    assert 'cause=approved">Newly approved</a></th><td>1</td><td>+1</td><td>0</td>' in shown
    assert 'cause=superseded">Superseded by a newer version</a></th><td>1</td><td>−1</td><td>0</td>' in shown
    assert "<td></td><td>0</td><td>0</td></tr></tfoot>" in shown
    assert "The rules are the same." in shown


def test_a_correction_is_announced_on_the_release_that_it_corrects(
    client: Client, country: Institution
) -> None:
    first = make_release()
    make_release(corrects=first, correction_reason="A university was counted twice.")
    assert "A university was counted twice." in text(client, "/en/releases/1/")
    assert "Corrects release 1" in text(client, "/en/releases/2/")
    assert "Release 1," not in text(client, "/en/"), "the series leaves out what was corrected"


@pytest.mark.parametrize("demonstration", [True, False])
def test_generated_data_are_called_so_on_every_page(
    client: Client, country: Institution, demonstration: bool
) -> None:
    Deployment.objects.update_or_create(pk=1, defaults={"demonstration": demonstration})
    make_release()
    for page in PAGES:
        assert ("<strong>Demonstration data.</strong>" in text(client, f"/en/{page}")) is demonstration, page


def test_what_there_is_not_is_not_found(client: Client, country: Institution) -> None:
    make_release()
    for path in (
        "institutions/unknown/",
        "regions/KZ-99/",
        "fields/061/",
        "releases/9/",
        "releases/99999999999999999999/",
        "?release=zero",
        "?release=99999999999999999999",
        "releases/1/coverage-password.csv",
    ):
        assert client.get(f"/en/{path}").status_code == 404, path


def test_a_mistaken_filter_is_no_failure(client: Client, country: Institution) -> None:
    make_release()
    for query in ("page=99999", "page=x", "region=zz&kind=zz", "sort=zz", "q=%25_%27", "category=zz"):
        for page in ("institutions", "disciplines"):
            assert client.get(f"/en/{page}/?{query}").status_code == 200, query


def test_a_university_is_found_by_any_of_its_names(client: Client, country: Institution) -> None:
    FormerName.objects.create(institution=country, name_ru="КазГУ имени Кирова")
    make_release()
    for wanted in ("ӘЛ-ФАРАБИ", "аль-фараби", "farabi", "КазГУ"):
        response = client.get("/en/institutions/", {"q": wanted})
        assert [row[0].code for row in response.context["page_obj"]] == ["kaznu"], wanted


def test_a_merged_university_leads_to_its_successor_and_back(
    client: Client, country: Institution, lead: User
) -> None:
    merged = make_institution(code="merged")
    make_country((merged, "6B06101", "met"))
    make_release()
    with transaction.atomic():
        record_merger(
            institution=merged, successor=country, merged_on=timezone.localdate(), reason="why", by=lead
        )
    assert (
        f'href="/en/institutions/{country.code}/"' in client.get("/en/institutions/merged/").content.decode()
    )
    successor = client.get(f"/en/institutions/{country.code}/").content.decode()
    assert "Took over" in successor
    assert 'href="/en/institutions/merged/"' in successor


def test_those_furthest_behind_come_first_if_asked_and_the_silent_last(
    client: Client, country: Institution
) -> None:
    behind = make_institution(code="behind")
    make_country((behind, "6B06101", "not_met"))
    make_release()

    def order(sort: str) -> list[str]:
        return [row[0].code for row in client.get("/en/institutions/", {"sort": sort}).context["page_obj"]]

    assert order("") == ["kaznu", "behind", "empty"]
    assert order("behind") == ["behind", "kaznu", "empty"]


def test_names_cannot_smuggle_markup(client: Client) -> None:
    hostile = "<script>alert(1)</script>"
    institution = make_institution(
        code="kaznu", name_en=hostile, region=make_region("KZ-71", name_en=hostile)
    )
    make_country((institution, "6B06101", "met"))
    make_release()
    for page in PAGES:
        assert hostile not in text(client, f"/en/{page}"), page


def test_the_number_of_queries_does_not_grow_with_the_country(client: Client, country: Institution) -> None:
    make_release()

    def queries() -> dict[str, int]:
        found = {}
        for page in PAGES:
            with CaptureQueriesContext(connection) as captured:
                assert client.get(f"/en/{page}").status_code == 200
            found[page] = len(captured)
        return found

    few = queries()
    for number in range(8):
        other = make_institution(region=make_region(f"KZ-{10 + number}"))
        make_country(
            (other, f"6B{number + 1:02}1{number:02}", "met"),
            (other, f"8D{number + 1:02}1{number:02}", "not_met"),
        )
    make_release(corrects=Release.objects.get(), correction_reason="Universities were missing.")
    many = queries()
    assert {page: many[page] for page in PAGES if many[page] > few[page]} == {}
    assert max(few.values()) <= 20
