"""A university goes up in another: shown first, and its programmes go on there."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from curricula.errors import Refused
from curricula.models import Period, Programme
from curricula.uniting import foresee, unite
from institutions.models import Institution, Merger, User
from tests.factories import make_institution, make_period, make_programme, make_version

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]

WHY = "Order 18 of the government."


def in_days(number: int) -> date:
    return timezone.localdate() + timedelta(days=number)


@pytest.fixture
def successor(db: None) -> Institution:
    return make_institution(code="successor")


@pytest.fixture
def taught(institution: Institution, successor: Institution) -> list[Programme]:
    make_programme(institution, code="6B06103", active_to=in_days(-400))
    make_programme(successor, code="6B06102")
    return [make_programme(institution, code=code) for code in ("6B06101", "6B06102")]


def test_programmes_go_on_and_those_of_one_code_become_one(
    institution: Institution, successor: Institution, taught: list[Programme], lead: User
) -> None:
    unite(institution=institution, successor=successor, merged_on=in_days(0), reason=WHY, by=lead)
    assert sorted(successor.programmes.values_list("code", flat=True)) == ["6B06101", "6B06102"]
    new = successor.programmes.get(code="6B06101")
    assert (new.active_from, new.active_to, new.title_ru) == (in_days(0), None, taught[0].title_ru)
    old = Programme.objects.get(pk=taught[0].pk)
    assert (old.active_to, old.institution) == (in_days(-1), institution)
    institution.refresh_from_db()
    assert institution.closed_on == in_days(0)
    assert old.events.order_by("-pgh_id").first().pgh_context.metadata["reason"] == WHY  # type: ignore[attr-defined]


def test_what_it_would_do_is_counted_before(
    institution: Institution, successor: Institution, taught: list[Programme], period: Period
) -> None:
    make_version(taught[0], period=period, state="approved")
    make_version(taught[1], period=period, state="submitted")
    foreseen = foresee(institution=institution, successor=successor, merged_on=in_days(0))
    assert [one.code for one in foreseen.goes_on] == ["6B06101"]
    assert [one.code for one in foreseen.there_already] == ["6B06102"]
    assert (foreseen.losing_data, foreseen.awaiting) == (1, 1)


def test_a_day_amid_the_year_that_has_not_come_is_refused(
    institution: Institution, successor: Institution, taught: list[Programme], period: Period, lead: User
) -> None:
    first = period.ends_on + timedelta(days=1)
    make_period(
        "2026",
        starts_on=first,
        ends_on=first + timedelta(days=360),
        opens_on=first,
        due_on=first,
        closes_on=first,
    )
    with pytest.raises(Refused, match="has not come"):
        unite(institution=institution, successor=successor, merged_on=in_days(9), reason=WHY, by=lead)
    unite(institution=institution, successor=successor, merged_on=first, reason=WHY, by=lead)
    active = Programme.objects.active_in(period).order_by("institution", "code")
    assert active.filter(institution=institution).count() == 2
    assert active.filter(institution=successor).count() == 1


@pytest.mark.parametrize("wrong", ["same", "planned", "closed", "not ministry", "no reason", "changed"])
def test_mergers_that_can_not_be(
    institution: Institution, successor: Institution, lead: User, editor: User, wrong: str
) -> None:
    cases: dict[str, dict[str, Any]] = {
        "same": {"successor": institution},
        "planned": {"successor": make_institution(kind="planned")},
        "closed": {"successor": make_institution(closed_on=in_days(-1))},
        "not ministry": {"by": editor},
        "no reason": {"reason": " "},
        "changed": {"seen": "what was shown before"},
    }
    over = cases[wrong]
    plan: dict[str, Any] = {
        "institution": institution, "successor": successor, "merged_on": in_days(0), "reason": WHY, "by": lead
    }  # fmt: skip
    with pytest.raises(Refused):
        unite(**{**plan, **over})
    institution.refresh_from_db()
    assert institution.closed_on is None


class TestThePage:
    page = "admin:institutions_merger_add"

    def test_only_who_keeps_the_registry_merges(
        self, client: Client, lead: User, reviewer: User, editor: User
    ) -> None:
        for user, status in ((lead, 200), (reviewer, 403), (editor, 302)):
            client.force_login(user)
            assert client.get(reverse(self.page)).status_code == status
            assert client.post(reverse(self.page), {}).status_code in (status, 422)

    def test_the_first_press_shows_and_the_second_does(
        self,
        client: Client,
        institution: Institution,
        successor: Institution,
        taught: list[Programme],
        lead: User,
    ) -> None:
        client.force_login(lead)
        sent = {
            "institution": institution.pk, "successor": successor.pk, "merged_on": in_days(0).isoformat(),
            "reason": WHY,
        }  # fmt: skip
        shown = client.post(reverse(self.page), sent)
        assert "1 programme goes on at the successor" in shown.content.decode()
        assert not Merger.objects.exists()
        seen = shown.context["foreseen"].fingerprint
        assert f'value="{seen}"' in shown.content.decode()
        make_programme(institution, code="6B06107")
        moved = client.post(reverse(self.page), {**sent, "seen": seen})
        assert "Something has changed" in moved.content.decode()
        assert "2 programmes go on at the successor" in moved.content.decode()
        done = client.post(
            reverse(self.page), {**sent, "seen": moved.context["foreseen"].fingerprint}, follow=True
        )
        assert "goes up in" in done.content.decode()
        merger = Merger.objects.get()
        assert merger.decided_by == lead
        told = client.get(reverse("admin:institutions_merger_change", args=[merger.pk])).content.decode()
        assert WHY in told
