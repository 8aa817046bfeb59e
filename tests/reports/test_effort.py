"""The national AI effort: what others have stated, each with its source and the day of reading, beside our figures."""

import re
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from curricula.models import Programme
from institutions.models import User
from reports.models import EffortEntry, ReferenceValue, Release, Target
from reports.views.effort import Shown
from tests.factories import three_names
from tests.reports.entries import make_effort_entry
from tests.reports.releases import make_release

pytestmark = pytest.mark.django_db


def shown(client: Client, language: str = "en") -> str:
    response = client.get(f"/{language}/effort/")
    assert response.status_code == 200
    return " ".join(response.content.decode().replace("\xa0", " ").split())


def entry_in(page: str, code: str) -> str:
    found = re.search(rf'<li id="{code}">.*?</p> </li>', page)
    assert found, f"{code} is not on the page"
    return found[0]


def test_an_entry_stands_with_its_source_and_the_day_on_which_it_was_read(
    client: Client, release: Release
) -> None:
    make_effort_entry(
        status="running", value="2", unit_kk="экзафлопс", unit_ru="экзафлопса", unit_en="exaflops",
        partners="First Partner\n\n Second ", institutions=["kaznu", "unknown"], starts_on="2025-07-01",
        ends_on="2025-08-01",
    )  # fmt: skip
    said = entry_in(shown(client), "cloud")
    assert '<h3>A national cloud <span class="tag running">under way</span></h3>' in said
    assert "<strong>2</strong> exaflops" in said
    assert "1 July 2025 – 1 August 2025" in said
    assert "First Partner, Second" in said
    assert 'href="/en/institutions/kaznu/"' in said
    assert "unknown" not in said
    assert 'Source: <a href="https://gazette.example/cloud" rel="noopener">The Gazette</a>' in said
    assert f"last read on {timezone.localdate():%-d %B %Y}" in said
    assert "not verified" not in said
    assert "more than a year" not in said


@pytest.mark.parametrize(("language", "source"), [("kk", "Газет"), ("ru", "Газета"), ("en", "The Gazette")])
def test_each_language_has_its_own_words(
    client: Client, release: Release, language: str, source: str
) -> None:
    make_effort_entry()
    assert f">{source}</a>" in shown(client, language)


def test_an_entry_that_nobody_has_found_says_who_stated_it_and_that_it_is_not_verified(
    client: Client, release: Release
) -> None:
    make_effort_entry(verified=False, source_url="")
    said = entry_in(shown(client), "cloud")
    assert '<span class="tag no_data">not verified</span> Stated in: The Gazette' in said


def test_an_entry_that_was_read_more_than_a_year_ago_is_marked(client: Client, release: Release) -> None:
    today = timezone.localdate()
    make_effort_entry("old", read_on=today - timedelta(days=366))
    make_effort_entry("young", read_on=today - timedelta(days=365))
    page = shown(client)
    assert "more than a year ago" in entry_in(page, "old")
    assert "more than a year ago" not in entry_in(page, "young")


def test_a_copy_is_good_until_an_entry_is_edited_or_the_day_ends(
    client: Client, release: Release, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = make_effort_entry(read_on=timezone.localdate() - timedelta(days=365))  # tomorrow that is long ago

    def again(etag: str, path: str = "/en/effort/") -> int:
        return client.get(path, headers={"if-none-match": etag}).status_code

    first = client.get("/en/effort/")["ETag"]
    of_release = client.get("/en/releases/1/")["ETag"]
    assert again(first) == 304
    EffortEntry.objects.filter(pk=entry.pk).update(status="done")
    second = client.get("/en/effort/")["ETag"]
    assert again(first) == 200
    tomorrow = timezone.localdate() + timedelta(days=1)
    of_release = client.get("/en/releases/1/")["ETag"]
    monkeypatch.setattr(timezone, "localdate", lambda: tomorrow)
    assert again(second) == 200
    assert again(of_release, "/en/releases/1/") == 304


def test_the_first_page_and_the_foot_of_every_page_lead_there(client: Client, release: Release) -> None:
    for language in ("kk", "ru", "en"):
        for page in ("", "releases/1/"):
            assert (
                client.get(f"/{language}/{page}").content.decode().count(f'href="/{language}/effort/"') >= 2
            )
        assert f'href="/{language}/effort/"' in client.get(f"/{language}/methodology/").content.decode()


def test_hidden_entries_are_nobodys_and_sections_without_any_are_left_out(
    client: Client, release: Release
) -> None:
    make_effort_entry("hidden", shown=False, section="ecosystem", title_en="Nobody sees this")
    page = shown(client)
    assert "Nobody sees this" not in page
    assert 'id="ecosystem"' not in page
    assert 'id="plan"' in page


def test_entries_stand_in_the_order_that_the_ministry_gives(client: Client, release: Release) -> None:
    for code, order in (("third", 30), ("first", 10), ("second", 20)):
        make_effort_entry(code, order=order)
    (entries,) = [
        entries
        for code, _name, entries in client.get("/en/effort/").context["sections"]
        if code == "computing"
    ]
    assert [one.entry.code for one in entries] == ["first", "second", "third"]
    assert isinstance(entries[0], Shown)


def test_the_plan_says_where_the_released_share_stands_on_each_target(
    client: Client, release: Release
) -> None:
    rule = client.get("/en/effort/").context["edition"].requirement.code
    for share, due in (("0.3", "2026-01-01"), ("0.6", "2099-01-01")):
        Target.objects.create(requirement_code=rule, due_on=due, share=share, **three_names(f"Phase {share}"))
    page = shown(client)
    assert "33% (1 of 3)</strong> of the programmes meet the mandate as at" in page
    assert "The next target, 60% by 1 January 2099, is 1 programme away" in page
    assert re.search(r"Phase 0\.3</span>.*?<strong>reached</strong>", page)
    assert re.search(r"Phase 0\.6</span>.*?<strong>can&#x27;t be told</strong>", page)


def test_what_was_stated_of_dedicated_programmes_stands_beside_what_is_registered(
    client: Client, release: Release
) -> None:
    Programme.objects.filter(institution__code="kaznu").update(is_ai_dedicated=True)
    said = {"value": 42, "unit": "count", "stated_on": "2026-01-31", "text_en": "42 are being run"}
    ReferenceValue.objects.create(code="stated", indicator="ai_programmes", **said)
    make_release()
    response = client.get("/en/effort/")
    counted = {measure.name: measure for measure in response.context["measures"]}
    assert (counted["ai_programmes"].numerator, counted["ai_programmes"].denominator) == (3, 4)
    assert counted["institutions_with_ai_programmes"].numerator == 1
    assert [(one.code, number) for one, number in response.context["dedicated"]] == [("kaznu", 3)]
    assert "Stated in January 2026: 42" in response.content.decode()


def test_the_page_asks_as_often_with_many_entries_as_with_one(client: Client, release: Release) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            client.get("/en/effort/")
        return len(captured)

    make_effort_entry(institutions=["kaznu"])
    one = queries()
    for number in range(20):
        make_effort_entry(f"more-{number}", institutions=["kaznu", "satbayev"])
    assert queries() == one <= 12


@pytest.mark.parametrize(
    "over",
    [
        {"source_ru": ""},
        {"source_url": ""},
        {"value": "2"},
        {"unit_kk": "т", "unit_ru": "т", "unit_en": "t"},
        {"ends_on": date(2026, 1, 1)},
        {"starts_on": date(2026, 1, 2), "ends_on": date(2026, 1, 1)},
    ],
    ids=[
        "no source",
        "verified nowhere",
        "figure without unit",
        "unit without figure",
        "no start",
        "backwards",
    ],
)
def test_the_database_refuses_what_nobody_can_check(over: dict[str, Any]) -> None:
    with pytest.raises(DatabaseError), transaction.atomic():
        make_effort_entry(**over)


def test_the_code_of_an_entry_stays() -> None:
    entry = make_effort_entry()
    with pytest.raises(DatabaseError, match="stays"), transaction.atomic():
        EffortEntry.objects.filter(pk=entry.pk).update(code="other")


@pytest.fixture
def loaded() -> None:
    call_command("load_reference_data", verbosity=0)


def test_what_ships_is_whole_in_three_languages_and_names_no_partner_of_the_university(loaded: None) -> None:
    entries = list(EffortEntry.objects.all())
    assert {entry.section for entry in entries} == {*EffortEntry.Section.values} - {"programmes"}
    for entry in entries:
        entry.full_clean()
        for language in ("kk", "ru", "en"):
            for part in ("title", "text", "source"):
                assert getattr(entry, f"{part}_{language}"), f"{entry.code}: {part} in {language}"
    assert not any(entry.partners for entry in entries if entry.section == "university")


def test_an_entry_that_the_ministry_has_edited_stays_whole(
    loaded: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    """Else a newer day of reading would stand under words that nobody has compared with the source."""
    import reports.reference

    EffortEntry.objects.filter(code="alem-cloud").update(text_en="As the ministry has it")
    EffortEntry.objects.get(code="tomorrow-school").delete()
    for path in reports.reference.HERE.glob("*.csv"):
        (tmp_path / path.name).write_text(path.read_text().replace("2026-11-30", "2027-01-15"))
    monkeypatch.setattr(reports.reference, "HERE", tmp_path)
    call_command("load_reference_data", verbosity=0)
    edited = EffortEntry.objects.get(code="alem-cloud")
    assert (edited.text_en, edited.read_on) == ("As the ministry has it", date(2026, 11, 30))
    assert EffortEntry.objects.get(code="year-2026").read_on == date(2027, 1, 15)
    assert not EffortEntry.objects.filter(code="tomorrow-school").exists()


def form(**over: Any) -> dict[str, Any]:
    words = {f"{part}_{code}": "x" for part in ("title", "text", "source") for code in ("kk", "ru", "en")}
    return {
        "code": "x", "section": "computing", "order": 1, "shown": "on", "verified": "on", **words,
        "source_url": "https://gazette.example/", "read_on": "2026-11-30", **over,
    }  # fmt: skip


def test_the_ministry_adds_an_entry_with_its_source(client: Client, release: Release, lead: User) -> None:
    client.force_login(lead)
    with override("en"):
        address = reverse("admin:reports_effortentry_add")
    refused = client.post(address, form(source_url=""))
    assert "Give the address of the source, or say that it is not verified." in refused.content.decode()
    refused = client.post(address, form(institutions=["nobody"]))
    assert "nobody is not one of the available choices" in refused.content.decode()
    assert client.post(address, form(institutions=["kaznu"])).status_code == 302
    assert EffortEntry.objects.get(code="x").institutions == ["kaznu"]
