"""The search of every page: best match first, what was meant where nothing is called so, and nothing unreleased."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from institutions.models import Alias, FormerName, Institution
from tests.factories import make_discipline, make_institution, make_programme, make_region, make_version
from tests.reports.releases import make_country, make_release

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def country_once(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    with django_db_blocker.unblock(), transaction.atomic():
        kaznu = make_institution(
            code="kaznu",
            name_kk="әл-Фараби атындағы Қазақ ұлттық университеті",
            name_ru="Казахский национальный университет имени аль-Фараби",
            name_en="Al-Farabi Kazakh National University",
            region=make_region("KZ-75", name_kk="Алматы қаласы", name_ru="город Алматы", name_en="Almaty"),
        )
        FormerName.objects.create(institution=kaznu, name_ru="КазГУ имени Кирова")
        nu = make_institution(code="nu", name_kk="Назарбаев Университеті", name_ru="Назарбаев Университет")
        Alias.objects.create(institution=nu, name="Левый берег")
        make_country((kaznu, "6B06101", "met"), (kaznu, "6B06102", "not_met"), (nu, "7M06103", "no_data"))
        vision = make_discipline(
            nu, title_kk="Компьютерлік көру", title_ru="Компьютерное зрение", title_en="Vision"
        )
        make_version(
            make_programme(nu, code="6B06108", title_en="Robotics", title_ru="Робототехника"),
            state="approved",
            lines=[{"discipline": vision, "ai_category": "core"}],
        )
        make_release()
        yield
        transaction.set_rollback(True)


@pytest.fixture(autouse=True)
def country(country_once: None, db: None, english: None) -> None:
    """KazNU in Almaty, NU elsewhere; NU teaches computer vision in its programme of robotics."""


def search(client: Client, text: str, language: str = "en") -> Any:
    response = client.get(f"/{language}/search/", {"q": text})
    assert response.status_code == 200
    return response


def text(response: Any) -> str:
    return " ".join(response.content.decode().replace("\xa0", " ").split())


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("farabi", "kaznu"), ("фараби", "kaznu"), ("КазНУ", "kaznu"), ("ҚазҰУ", "kaznu"), ("казгу кирова", "kaznu"),
        ("Nazarbaev", "nu"), ("назарбаев", "nu"), ("Левый берег", "nu"), ("Алматы", "KZ-75"), ("almaty", "KZ-75"),
    ],
)  # fmt: skip
def test_the_best_match_comes_first(client: Client, typed: str, code: str) -> None:
    response = search(client, typed)
    assert response.context["names"][0].thing.code == code
    assert not response.context["nothing"]


def test_what_is_found_has_its_figure_and_the_name_that_it_was_found_by(client: Client) -> None:
    shown = text(search(client, "казгу кирова"))
    assert 'href="/en/institutions/kaznu/">Al-Farabi Kazakh National University</a>' in shown
    assert '<span class="note">КазГУ имени Кирова</span>' in shown
    assert "programmes that meet the mandate: 50% (1 of 2)" in shown
    assert "КазГУ имени Кирова" not in text(search(client, "farabi"))


def test_where_nothing_is_called_so_the_nearest_names_are_offered(client: Client) -> None:
    response = search(client, "назарбоев")
    assert "Nothing is called “назарбоев”." in text(response)
    assert "Did you mean" in text(response)
    assert [found.thing.code for found in response.context["names"]] == ["nu"]


def test_where_nothing_is_near_the_page_says_what_was_searched(client: Client) -> None:
    shown = text(search(client, "zzqqxx"))
    assert "Nothing is called “zzqqxx”." in shown
    assert "Did you mean" not in shown
    assert "Searched are the names of universities, regions and fields of education" in shown


@pytest.mark.parametrize("typed", ["компьютерное зрение", "Компьютерлик кору", "vision"])
def test_ai_disciplines_are_found_in_three_languages(client: Client, typed: str) -> None:
    response = search(client, typed)
    assert [entry.title for entry in response.context["disciplines"]] == ["Vision"]
    assert response.context["disciplines"][0].address in text(response)


def test_a_slip_in_the_title_of_a_discipline_is_forgiven(client: Client) -> None:
    response = search(client, "копьютерное зрене")
    assert [entry.title for entry in response.context["nearest"]] == ["Vision"]


@pytest.mark.parametrize("typed", ["6B06108", "6b0610", "робототехника", "Robotics"])
def test_programmes_are_found_by_code_and_title(client: Client, typed: str) -> None:
    assert "6B06108" in [row.programme.code for row in search(client, typed).context["programmes"]]


def test_a_long_list_leads_to_all_of_it(client: Client) -> None:
    kaznu = Institution.objects.get(code="kaznu")
    for number in range(3, 9):
        programme = make_programme(kaznu, code=f"6B061{number:02}", title_en=f"Robots {number}")
        robots = make_discipline(kaznu, title_ru=f"Роботы {number}")
        make_version(programme, state="approved", lines=[{"discipline": robots, "ai_category": "core"}])
    make_release()
    shown = text(search(client, "robots"))
    assert 'href="/en/releases/2/programmes/?q=robots">All 6 programmes</a>' in shown
    assert "All 6 AI disciplines</a>" in text(search(client, "роботы"))
    assert client.get("/en/releases/2/programmes/?q=robots").context["page_obj"].paginator.count == 6


def test_drafts_are_not_found(client: Client) -> None:
    nu = Institution.objects.get(code="nu")
    secret = make_discipline(nu, title_en="Quantum secrets")
    make_version(
        make_programme(nu, title_en="Cryptozoology"), lines=[{"discipline": secret, "ai_category": "core"}]
    )
    for typed in ("quantum secrets", "cryptozoology"):
        assert search(client, typed).context["nothing"], typed


def test_every_page_has_the_search_in_its_head(client: Client) -> None:
    for page in ("/kk/", "/ru/disciplines/", "/en/institutions/kaznu/", "/en/sign-in/"):
        assert f'action="/{page[1:3]}/search/" role="search"' in text(client.get(page)), page


@pytest.mark.parametrize(
    "typed", ["", " ", "%", "_", "'", "<script>alert(1)</script>", "я" * 5000, "🎓", "a" * 300]
)
def test_anything_may_be_typed(client: Client, typed: str) -> None:
    shown = text(search(client, typed))
    assert "<script>" not in shown
    assert '<meta name="robots" content="noindex">' in shown


def test_an_old_release_is_searched_for_what_it_taught(client: Client) -> None:
    nu = Institution.objects.get(code="nu")
    newer = make_discipline(nu, title_en="Agents")
    make_version(
        make_programme(nu, code="6B06109"),
        state="approved",
        lines=[{"discipline": newer, "ai_category": "core"}],
    )
    make_release()
    assert search(client, "agents").context["disciplines"]
    assert client.get("/en/search/", {"q": "agents", "release": "1"}).context["nothing"]


def test_the_list_of_universities_is_searched_alike(client: Client) -> None:
    for typed in ("Nazarbaev", "назарбоев", "Левый берег", "nu"):
        listed = client.get("/en/institutions/", {"q": typed}).context["page_obj"]
        assert [institution.code for institution, _counts in listed] == ["nu"], typed


def test_queries_stay_the_same_however_much_is_found(client: Client) -> None:
    def queries(typed: str) -> int:
        search(client, typed)
        with CaptureQueriesContext(connection) as captured:
            search(client, typed)
        return len(captured)

    few = queries("университет"), queries("6B061"), queries("zzqqxx")
    for number in range(12):
        other = make_institution(name_ru=f"Университет {number}", region=make_region(f"KZ-{20 + number}"))
        make_country((other, f"6B061{number:02}", "met"))
    make_release()
    assert (queries("университет"), queries("6B061"), queries("zzqqxx")) == few
    assert max(few) <= 14


def test_a_page_that_somebody_kept_is_new_after_an_alias_was_added_or_taken_away(client: Client) -> None:
    nu = Institution.objects.get(code="nu")
    for change in (
        lambda: Alias.objects.create(institution=nu, name="Сол жаға"),
        lambda: Alias.objects.get(name="Сол жаға").delete(),
    ):
        etag = search(client, "сол жаға")["ETag"]
        change()
        kept = client.get("/en/search/", {"q": "сол жаға"}, headers={"If-None-Match": etag})
        assert kept.status_code == 200
