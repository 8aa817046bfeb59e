"""The page of a university: its place, its programmes to choose from, what it teaches, how to say that it is wrong."""

from datetime import timedelta
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from institutions.models import Institution
from tests.factories import make_discipline, make_institution, make_programme, make_version
from tests.reports.releases import make_country, make_release

pytestmark = pytest.mark.django_db

PAGE = "/en/institutions/kaznu/"


@pytest.fixture
def kaznu() -> Institution:
    """One programme of three meets the mandate, one does not, one is silent."""
    kaznu = make_institution(code="kaznu", name_en="Al-Farabi", kind="national")
    make_country((kaznu, "6B06101", "met"), (kaznu, "6B01102", "not_met"), (kaznu, "7M06103", "no_data"))
    return kaznu


def text(client: Client, path: str = PAGE) -> str:
    response = client.get(path)
    assert response.status_code == 200, path
    return " ".join(response.content.decode().replace("\xa0", " ").split())


def listed(client: Client, query: str) -> list[str]:
    return [row.programme.code for row, _field, _reason in client.get(f"{PAGE}?{query}").context["rows"]]


def test_programmes_are_chosen_by_outcome_level_field_and_title_and_put_in_order_without_scripts(
    client: Client, kaznu: Institution
) -> None:
    make_release()
    assert listed(client, "") == ["6B01102", "6B06101", "7M06103"]
    assert listed(client, "outcome=met") == ["6B06101"]
    assert listed(client, "level=6B") == ["6B01102", "6B06101"]
    assert listed(client, "field=06&level=7M") == ["7M06103"]
    assert listed(client, "q=06103") == ["7M06103"]
    assert listed(client, "sort=nearest") == ["6B01102", "7M06103", "6B06101"]
    assert listed(client, "sort=field") == ["6B01102", "6B06101", "7M06103"]
    assert listed(client, "outcome=met&level=7M") == []


def test_a_choice_keeps_to_the_release_that_is_looked_at(client: Client, kaznu: Institution) -> None:
    make_release()
    make_version(kaznu.programmes.get(code="7M06103"), state="approved")
    make_release()
    assert listed(client, "outcome=no_data") == []
    assert listed(client, "outcome=no_data&release=1") == ["7M06103"]
    assert '<input type="hidden" name="release" value="1">' in text(client, f"{PAGE}?release=1")
    assert 'name="release"' not in text(client)


@pytest.mark.parametrize(
    "query",
    [
        "outcome=x&level=x&field=x&sort=x",
        "page=99",
        "q=%ED%A0%80",
        "q=%25_%27",
        f"q={'x' * 5000}",
        "field=999999",
    ],
)
def test_a_mistaken_choice_is_no_failure(client: Client, kaznu: Institution, query: str) -> None:
    make_release()
    assert client.get(f"{PAGE}?{query}").status_code == 200


def test_figures_by_level_and_field_lead_to_the_programmes_behind_them(
    client: Client, kaznu: Institution
) -> None:
    make_release()
    shown = text(client)
    for query in ("institution,level&amp;key=kaznu,6B", "institution,field&amp;key=kaznu,06"):
        assert f'href="/en/releases/1/programmes/?dimension={query}">1 of 2</a>' in shown


def test_its_place_is_told_among_enough_peers_and_not_among_few(client: Client, kaznu: Institution) -> None:
    for number in range(8):
        make_country((make_institution(kind="private"), "6B06101", "met" if number < 5 else "not_met"))
    make_release()
    shown = text(client)
    assert "Among all universities: in the quarter below the median" in shown
    assert "All: 9 universities" in shown
    assert "Same kind (national): 1 university" in shown
    assert "too few to compare with" in shown


def test_one_without_programmes_in_scope_has_no_place(client: Client, kaznu: Institution) -> None:
    make_institution(code="empty")
    make_release()
    shown = text(client, "/en/institutions/empty/")
    assert "Among all universities" not in shown
    assert "No programme of this university is in scope of the mandate." in shown


def test_a_discipline_is_told_with_category_credits_languages_and_the_way_to_who_else_teaches_it(
    client: Client, kaznu: Institution
) -> None:
    ethics = make_discipline(kaznu, title_en="Ethics & AI", title_kk="Этика", title_ru="Этика")
    for language, number in (("kk", "3"), ("en", "5")):
        line = {"discipline": ethics, "ai_category": "ethics", "credits": number}
        programme = make_programme(kaznu, language=language)
        make_version(programme, state="approved", lines=[line], at=timezone.now() - timedelta(days=1))
    make_release()
    response = client.get(PAGE)
    shown = " ".join(response.content.decode().split())
    assert 'AI ethics and law</td><td data-label="Credits">3–5</td><td>Kazakh, English</td>' in shown
    entry = response.context["disciplines"][0]
    assert (entry.title, entry.programmes) == ("Ethics & AI", 2)
    assert f'href="{entry.address}?institution=kaznu">Ethics &amp; AI</a>' in shown
    assert client.get(f"{entry.address}?institution=kaznu").status_code == 200


def test_languages_are_those_of_the_release(client: Client, kaznu: Institution) -> None:
    programme = kaznu.programmes.get(code="6B06101")
    kaznu.programmes.update(language="ru")
    make_release()
    programme.language = "en"
    programme.save(update_fields=["language"])
    assert "<td>Russian</td>" in text(client)


def test_of_many_disciplines_those_most_taught_are_shown_and_all_are_in_the_catalogue(
    client: Client, kaznu: Institution
) -> None:
    lines = [{"ai_category": "core"} for _number in range(33)]
    make_version(kaznu.programmes.get(code="7M06103"), state="approved", lines=lines)
    make_release()
    response = client.get(PAGE)
    assert len(response.context["disciplines"]) == 10
    shown = response.content.decode()
    assert "34 AI disciplines are taught" in shown
    every = "/en/disciplines/?institution=kaznu"
    assert f'href="{every}">' in shown
    assert client.get(every).context["page_obj"].paginator.count == 34


def test_a_letter_about_an_error_names_the_release_and_the_page_for_good(
    client: Client, kaznu: Institution
) -> None:
    make_release()
    response = client.get(PAGE).content.decode()
    begins = response.index('href="mailto:') + len('href="')
    letter = urlsplit(unescape(response[begins : response.index('"', begins)]))
    assert letter.path == "figures@ministry.example"
    written = parse_qs(letter.query)
    assert written["subject"] == ["Qamtu, release 1: Al-Farabi"]
    page = f"Page: {settings.SITE_URL}/en/institutions/kaznu/?release=1"
    assert written["body"][0].startswith(f"{page}\r\nRelease: 1, as at")


def test_without_an_address_the_ministry_alone_is_named(
    client: Client, kaznu: Institution, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "CONTACT_EMAIL", "")
    make_release()
    shown = text(client)
    assert "mailto:" not in shown
    assert "Write to the ministry: name this page and release 1" in shown


def test_the_number_of_queries_does_not_grow_with_what_there_is(client: Client, kaznu: Institution) -> None:
    make_release()

    def queries(query: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(f"{PAGE}?{query}").status_code == 200
        return len(captured)

    few = [queries(query) for query in ("", "outcome=met&sort=nearest")]
    for number in range(10):
        programme = make_programme(kaznu, code=f"8D0{number % 4 + 1}1{number:02}")
        make_version(programme, state="approved", at=timezone.now() - timedelta(hours=number + 1))
        make_country((make_institution(kind="national"), "6B06101", "met"))
    make_release()
    assert [queries(query) for query in ("", "outcome=met&sort=nearest")] == few
    assert max(few) <= 19
