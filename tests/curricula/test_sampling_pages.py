"""The pages of samples: who gets in, what they say, what they cost, and that what is typed is kept."""

from typing import Any

import pytest
from django.test import Client

from curricula import reviewing
from curricula.models import Period, Sample
from curricula.sampling import draw_sample
from institutions.models import Institution, User
from tests.factories import make_institution, make_member, make_programme, make_submission, make_version

pytestmark = pytest.mark.django_db

LIST = "/en/admin/curricula/sample/"


@pytest.fixture
def sample(institution: Institution, period: Period, lead: User) -> Sample:
    submission = make_submission(institution)
    for _one in range(6):
        make_version(make_programme(institution), state="submitted", submission=submission)
    return draw_sample(
        period=period, of="waiting", size=3, seed="4 8 15", strata="region", by=lead, submission=submission
    )


def pages(sample: Sample) -> list[str]:
    here = f"{LIST}{sample.pk}"
    return [
        LIST,
        f"{LIST}add/",
        f"{here}/change/",
        f"{here}/change/?again=1",
        f"{here}/read/1/",
        f"{here}/history/",
        f"{here}/drawn-from.csv",
    ]


def test_visitors_are_asked_to_sign_in(client: Client, sample: Sample) -> None:
    for page in pages(sample):
        assert client.get(page).url.startswith("/en/admin/login/"), page  # type: ignore[attr-defined]


@pytest.mark.parametrize("person", ["editor", "signatory", "viewer", "stranger"])
def test_universities_have_no_way_in(
    client: Client, sample: Sample, person: str, request: pytest.FixtureRequest
) -> None:
    client.force_login(request.getfixturevalue(person))
    for page in pages(sample):
        assert client.get(page).status_code == 302, page
    assert client.post(f"{LIST}{sample.pk}/read/1/", {"outcome": "stood"}).status_code == 302
    assert not sample.curricula.exclude(outcome="").exists()


def test_staff_without_a_role_neither_look_nor_draw_nor_read(client: Client, sample: Sample) -> None:
    client.force_login(make_member(make_institution(), is_staff=True))
    for page in pages(sample):
        assert client.get(page).status_code in (302, 403), page
    assert client.post(f"{LIST}{sample.pk}/read/1/", {"outcome": "stood"}).status_code == 403
    assert (
        client.post(f"{LIST}add/", {"period": sample.period_id, "of": "waiting", "size": 1}).status_code
        == 403
    )
    assert not sample.curricula.exclude(outcome="").exists()


def test_who_may_only_look_reads_nothing_for_the_sample(
    client: Client, sample: Sample, reviewer: User
) -> None:
    for group in reviewer.groups.all():
        group.permissions.set(group.permissions.filter(codename__startswith="view_"))
    client.force_login(reviewer)
    answer = client.get(f"{LIST}{sample.pk}/read/1/")
    assert "You may look, not read for the sample." in answer.content.decode()
    assert client.post(f"{LIST}{sample.pk}/read/1/", {"outcome": "stood"}).status_code == 403
    assert client.get(f"{LIST}add/").status_code == 403


@pytest.mark.parametrize("person", ["reviewer", "lead"])
@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_the_ministry_opens_every_page(
    client: Client, sample: Sample, person: str, language: str, request: pytest.FixtureRequest
) -> None:
    client.force_login(request.getfixturevalue(person))
    for page in pages(sample):
        answer = client.get(page.replace("/en/", f"/{language}/"))
        assert answer.status_code == 200, page


def test_a_sample_is_drawn_read_and_told_of(client: Client, sample: Sample, reviewer: User) -> None:
    client.force_login(reviewer)
    sent = {
        "submission": sample.submission_id,
        "of": "waiting",
        "size": "2",
        "strata": "none",
        "seed": "1 2 3",
    }
    answer = client.post(f"{LIST}add/", sent, follow=True)
    made = Sample.objects.latest("pk")
    assert (made.size, made.seed, made.submission_id, made.period_id) == (
        2, "1 2 3", sample.submission_id, sample.period_id,
    )  # fmt: skip
    assert "2 curricula of 6 are drawn." in answer.content.decode()
    here = f"{LIST}{made.pk}"
    answer = client.post(f"{here}/read/1/", {"outcome": "failed", "note": ""})
    assert (answer.status_code, "Say what did not stand." in answer.content.decode()) == (422, True)
    client.post(f"{here}/read/1/", {"outcome": "failed", "note": "The <link> is dead."})
    answer = client.post(f"{here}/read/2/", {"outcome": "stood"}, follow=True)
    assert answer.redirect_chain[-1][0] == f"{here}/change/"
    text = answer.content.decode()
    assert "The &lt;link&gt; is dead." in text
    assert "Of all 6, from 1 to 5 would stand (17% to 83%), with 95 % confidence." in text
    assert "the same 2 curricula" in client.get(f"{here}/change/?again=1").content.decode()


def test_a_sample_that_is_too_large_keeps_what_was_typed(client: Client, sample: Sample, lead: User) -> None:
    client.force_login(lead)
    sent = {"period": sample.period_id, "of": "waiting", "size": "70", "strata": "kind", "purpose": "Audit"}
    answer = client.post(f"{LIST}add/", sent)
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "There are only 6 curricula to draw from" in text
    assert 'value="70"' in text
    assert 'value="Audit"' in text


def test_reading_goes_on_with_the_next_and_skips_what_one_decided_on(
    client: Client, sample: Sample, reviewer: User
) -> None:
    client.force_login(reviewer)
    second = sample.curricula.get(position=2)
    reviewing.approve(version=second.version, by=reviewer)
    answer = client.post(f"{LIST}{sample.pk}/read/1/", {"outcome": "stood"})
    assert answer.url == f"{LIST}{sample.pk}/read/3/"  # type: ignore[attr-defined]
    text = client.get(f"{LIST}{sample.pk}/read/2/").content.decode()
    assert "another person must read it" in text
    assert 'value="stood"' not in text


def test_what_it_was_drawn_from_can_be_taken_away(client: Client, sample: Sample, lead: User) -> None:
    client.force_login(lead)
    head, *rows = client.get(f"{LIST}{sample.pk}/drawn-from.csv").content.decode().split()
    assert head == "number,part,lot,drawn"
    assert len(rows) == 6
    drawn = {int(row.split(",")[0]) for row in rows if row.endswith(",1")}
    assert drawn == set(sample.curricula.values_list("version", flat=True))
    lots = [row.split(",")[2] for row in rows]
    assert lots == sorted(lots)


def test_the_form_says_whose_submission_it_draws_from(client: Client, sample: Sample, lead: User) -> None:
    client.force_login(lead)
    text = client.get(f"{LIST}add/?submission={sample.submission_id}").content.decode()
    assert "Draw a sample of submission 1 of Institution kaznu" in text
    assert 'name="period"' not in text


def test_a_foreign_place_is_not_found(client: Client, sample: Sample, lead: User) -> None:
    client.force_login(lead)
    for page in (f"{sample.pk}/read/4/", "99999/read/1/", "99999/change/", "x/change/"):
        assert client.get(f"{LIST}{page}").status_code == 404, page


def test_pages_cost_the_same_for_few_and_many(
    client: Client, sample: Sample, lead: User, django_assert_max_num_queries: Any
) -> None:
    client.force_login(lead)
    large = draw_sample(period=sample.period, of="waiting", size=6, by=lead)
    for number in range(5):
        draw_sample(period=sample.period, of="waiting", size=1, by=lead, seed=str(number))
    for one in (sample, large):
        with django_assert_max_num_queries(10):
            client.get(f"{LIST}{one.pk}/change/?again=1")
        with django_assert_max_num_queries(28):
            client.get(f"{LIST}{one.pk}/read/1/")
    with django_assert_max_num_queries(12):
        client.get(LIST)
