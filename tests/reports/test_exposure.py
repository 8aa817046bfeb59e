"""Exposure of work to AI: the mean that one works out by hand, against the coverage of a release."""

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils.translation import override

from curricula.models import Field
from institutions.models import User
from reports.comparing import heading, score
from reports.exposure import Exposure, Placed, Scored, exposure, exposures, finding, placed, rounded
from reports.figures import Counts
from reports.models import FieldOccupation, Occupation, Release
from tests.factories import make_field, make_institution
from tests.reports.releases import make_country, make_release
from tests.reports.walking import walk

DEVELOPER = Scored("2512", Decimal("0.53"), "gradient_3")
ANALYST = Scored("2511", Decimal("0.49"), "gradient_2")
INSTALLER = Scored("7422", Decimal("0.24"), "not_exposed")


def link(field: str, group: str) -> FieldOccupation:
    """A link of a field that there is."""
    made = FieldOccupation(field_id=field, group=group)
    made.code = made.pair
    made.save()
    return made


def make_occupations(*rows: Scored) -> None:
    Occupation.objects.bulk_create(
        Occupation(code=code, title_en=code, mean_score=score, sd=0, gradient=gradient)
        for code, score, gradient in rows
    )


def of(mean: str) -> Exposure:
    return Exposure(Decimal(mean), 1, {"gradient_1": 1})


def test_a_field_is_as_exposed_as_its_occupations_are_on_average() -> None:
    found = exposure([DEVELOPER, ANALYST, INSTALLER])
    assert found is not None
    assert found.mean == Decimal("0.420000")
    assert (found.occupations, found.exposed) == (3, 2)
    assert found.share("gradient_3") == Fraction(1, 3)
    assert found.share("gradient_4") == 0


def test_an_occupation_that_is_linked_twice_counts_once() -> None:
    found = exposure([DEVELOPER, ANALYST, DEVELOPER])
    assert found is not None
    assert (found.mean, found.occupations) == (Decimal("0.510000"), 2)


def test_without_an_occupation_there_is_no_exposure_rather_than_none_of_it() -> None:
    assert exposure([]) is None
    assert score(None) == "—"


def test_six_places_are_half_to_even() -> None:
    assert rounded(Fraction(1, 2_000_000)) == Decimal("0.000000")
    assert rounded(Fraction(3, 2_000_000)) == Decimal("0.000002")


def test_the_finding_is_the_least_covered_of_the_more_exposed_half() -> None:
    cells = {"01": Counts(1, 9), "04": Counts(5, 5), "06": Counts(9, 1), "08": Counts(0, 9)}
    exposed = {"01": of("0.2"), "04": of("0.5"), "06": of("0.6"), "08": of("0.1"), "12": of("0.9")}
    fields = placed([*exposed, "10"], exposed, cells)
    assert [one.code for one in fields] == ["12", "06", "04", "01", "08", "10"]
    found = finding(fields)
    assert found is not None
    assert (found.field.code, found.among) == ("04", 2), "12 covers nothing that could be compared"


def test_without_both_figures_there_is_no_finding() -> None:
    assert finding([Placed("06", of("0.5"), Counts())]) is None
    with override("en"):
        assert heading([Placed("06", None, Counts(1))], {}) == "No field has both figures yet"


@pytest.mark.django_db
def test_a_field_has_the_occupations_of_its_directions_and_no_other(db: None) -> None:
    FieldOccupation.objects.all().delete()
    Occupation.objects.all().delete()
    make_occupations(DEVELOPER, ANALYST, INSTALLER)
    for code in ("061", "062", "063"):
        make_field(code)
    for code, group in (("061", "25"), ("062", "2512"), ("062", "7")):
        link(code, group)
    found = exposures()
    assert {code: one.mean for code, one in found.items()} == {
        "06": Decimal("0.420000"),
        "061": Decimal("0.510000"),
        "062": Decimal("0.385000"),
    }
    assert found["06"].occupations == 3


@pytest.fixture(scope="module")
def example_once(django_db_setup: None, django_db_blocker: Any) -> Iterator[Release]:
    """Each test takes back what it did, within this transaction; the module takes back the rest."""
    with django_db_blocker.unblock(), transaction.atomic():
        call_command("load_reference_data", verbosity=0)
        kaznu = make_institution(code="example", name_en="Example")
        make_country((kaznu, "6B06101", "met"), (kaznu, "6B06102", "not_met"), (kaznu, "6B04101", "met"))
        yield make_release()
        transaction.set_rollback(True)


@pytest.fixture
def release(example_once: Release, db: None) -> Release:
    """ICT (0.483889) covers one programme of two, business and law (0.458491) one of one, veterinary nothing."""
    return example_once


@pytest.fixture
def loaded(release: Release) -> None:
    """What ships; a released country, which stands there too, changes nothing of it."""


def test_every_direction_that_ships_is_linked_with_occupations_that_have_scores(loaded: None) -> None:
    assert set(Field.objects.values_list("code", flat=True)) == set(exposures())
    for row in FieldOccupation.objects.all():
        row.clean()


def test_an_edit_and_a_deletion_of_the_ministry_survive_the_next_load(loaded: None) -> None:
    FieldOccupation.objects.get(code="061-35").delete()
    FieldOccupation.objects.filter(code="061-25").update(note="as the ministry sees it")
    link("091", "6121")
    call_command("load_reference_data", verbosity=0)
    assert not FieldOccupation.objects.filter(code="061-35").exists()
    assert FieldOccupation.objects.get(code="061-25").note == "as the ministry sees it"
    assert exposures()["091"].occupations == 3


def test_a_group_without_occupations_is_refused(loaded: None) -> None:
    for group in ("9999", "2x", "25123"):
        with pytest.raises(ValidationError):
            FieldOccupation(field_id="061", group=group).full_clean(exclude=["code"])


def test_the_ministry_links_a_field_and_the_row_names_itself(
    client: Client, lead: User, loaded: None
) -> None:
    client.force_login(lead)
    with override("en"):
        address = reverse("admin:reports_fieldoccupation_add")
    assert client.post(address, {"field": "091", "group": "6121", "note": "farms"}).status_code == 302
    assert FieldOccupation.objects.get(code="091-6121").note == "farms"
    again = client.post(address, {"field": "091", "group": "6121"})
    assert "This field is linked with this group already." in again.content.decode()


@pytest.mark.parametrize(("language", "number"), [("kk", "0,48"), ("ru", "0,48"), ("en", "0.48")])
def test_the_page_states_the_finding_with_both_figures(
    client: Client, release: Release, language: str, number: str
) -> None:
    response = client.get(f"/{language}/work/")
    shown = response.content.decode()
    assert response.context["picture"].chosen == "06"
    assert f"<td>{number}</td>" in shown
    assert response.context["picture"].heading in client.get(f"/{language}/").content.decode()
    assert number in client.get(f"/{language}/fields/06/").content.decode()
    assert all(statement.source in shown for statement in response.context["statements"])


def test_the_page_of_a_release_holds_nothing_that_may_change(client: Client, release: Release) -> None:
    before = client.get("/en/releases/1/").content
    tag = client.get("/en/work/")["ETag"]
    FieldOccupation.objects.filter(code__startswith="06").delete()
    assert client.get("/en/releases/1/").content == before
    assert client.get("/en/work/", headers={"If-None-Match": tag}).status_code == 200
    assert "—" in client.get("/en/work/").content.decode()


def test_the_api_hands_out_both_figures_of_every_field(client: Client, release: Release) -> None:
    found = {row["field"]: row for row in client.get("/api/v1/exposure/").json()["results"]}
    assert len(found) == 12
    assert found["06"] == {
        "release": 1,
        "requirement": "ai-in-every-programme",
        "field": "06",
        "exposure": "0.483889",
        "occupations": 18,
        "occupations_exposed": 15,
        "in_scope": 2,
        "met": 1,
        "exempt": 0,
        "share": "0.500000",
    }
    assert (found["09"]["exposure"], found["09"]["share"]) == ("0.140000", None)
    FieldOccupation.objects.filter(code__startswith="09").delete()
    row = client.get("/api/v1/exposure/?field=09").json()["results"][0]
    assert (row["exposure"], row["occupations"]) == (None, 0)


def test_pages_of_the_api_hold_every_field_once(client: Client, release: Release) -> None:
    seen = [row["field"] for row in walk(client, "exposure/?page_size=5")]
    assert seen == [f"{number:02}" for number in range(1, 13)]
