"""What stands under a release's own address stays: every figure, whatever is renamed, taught or released later."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from curricula.models import Field, Programme
from institutions.models import Institution, Region
from reports.models import Release, Requirement
from tests.factories import make_institution, make_programme, make_region, make_reviewer, make_version
from tests.reports.releases import make_country, make_release
from tests.reports.test_public_at_once import NEWEST
from tests.rules import make_exemption

pytestmark = pytest.mark.django_db

OWN = (
    "/en/releases/1/",
    "/en/releases/1/programmes/",
    "/en/releases/1/programmes/?dimension=region&key=KZ-75",
)
FILES = ("/en/releases/1/coverage-institution.csv", "/en/releases/1/files/coverage.csv")
# The note that a newer release is out, or corrects this one; and what one may choose from, which are today's names.
NO_FIGURES = re.compile(r'<div class="notice.*?</div>|<select.*?</select>', re.DOTALL)


def figures(client: Client, path: str) -> list[str]:
    """Every number that is to be read in the page's own part, or in a picture, charts included, in its order."""
    response = client.get(path)
    assert response.status_code == 200, path
    content = NO_FIGURES.sub("", response.content.decode())
    if response["Content-Type"].startswith("text/html"):
        [content] = re.findall("<main.*</main>", content, re.DOTALL)
    return re.findall(r"\d+(?:[.,\u00a0]\d+)*\s?%?", re.sub("<[^>]*>", " ", content))


def own_pages(client: Client) -> dict[str, list[str]]:
    newest = [path for name, path in NEWEST.items() if name not in ("release-list", "release-feed")]
    return {
        path: figures(client, path)
        for path in (*OWN, *(f"{path}{'&' if '?' in path else '?'}release=1" for path in newest))
    }


def rename(name: str) -> None:
    """Names without digits, which would be taken for figures."""
    for model in (Institution, Region, Field):
        model.objects.update(name_en=name, name_kk=name, name_ru=name)
    Programme.objects.update(title_en=name, title_kk=name, title_ru=name)


def change_everything(institution: Institution) -> None:
    """Teach, excuse, open, move, rename: what happens in a year."""
    for programme in Programme.objects.filter(institution=institution, versions__isnull=True):
        make_version(programme, state="approved")
    make_exemption(Programme.objects.latest("pk"), requirement_code=Requirement.objects.get().code)
    newcomer = make_institution(
        code="newcomer", name_en="Newcomer", region=make_region("KZ-10"), in_registry_since=timezone.now()
    )
    make_version(make_programme(newcomer, code="6B01101"), state="approved")
    Institution.objects.filter(pk=institution.pk).update(region=newcomer.region, kind="private")
    rename("Renamed")


def test_a_release_keeps_every_figure_whatever_comes_later(client: Client) -> None:
    kaznu = make_institution(code="kaznu", name_en="Al-Farabi", region=make_region("KZ-71"))
    satbayev = make_institution(code="satbayev", name_en="Satbayev", region=make_region("KZ-75"))
    make_country(
        (kaznu, "6B06101", "met"),
        (kaznu, "6B06102", "not_met"),
        (kaznu, "7M06103", "no_data"),
        (satbayev, "8D10101", "met"),
    )
    rename("Named")
    first = make_release()
    before, files = own_pages(client), [client.get(path).content for path in FILES]
    assert any("50%" in numbers for numbers in before.values())

    change_everything(kaznu)
    for path, now in own_pages(client).items():
        assert now == before[path], path
    make_release(corrects=first, correction_reason="The share was counted twice", by=make_reviewer())
    make_release(publish_at=timezone.now() + timedelta(days=1))
    for path, now in own_pages(client).items():
        assert now == before[path], path
    assert [client.get(path).content for path in FILES] == files
    assert "releases/2/" in client.get("/en/releases/1/").content.decode(), "it says that it was corrected"
    assert figures(client, "/en/") != before["/en/?release=1"], "a change that would show if it could"


def test_a_page_of_which_nothing_has_changed_keeps_its_validator(client: Client, release: Release) -> None:
    tags = {path: client.get(path)["ETag"] for path in OWN[1:]}
    make_release()
    assert {path: client.get(path)["ETag"] for path in tags} == tags
