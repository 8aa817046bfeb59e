"""Institutions open, close and are renamed by steps that keep day, reason and former name."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from institutions import registering
from institutions.errors import Refused
from institutions.models import FormerName, Institution, Merger, User
from tests.factories import make_institution

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]

WHY = "Order 17 of the government."
NEW = {"name_kk": "Жаңа атау", "name_ru": "Новое имя", "name_en": "New name"}
PAGES = ["open", "close", "reopen", "rename"]


def in_days(number: int) -> date:
    return timezone.localdate() + timedelta(days=number)


@pytest.fixture
def planned(db: None) -> Institution:
    return make_institution(code="ai-university", kind="planned")


@pytest.fixture
def leading(client: Client, lead: User) -> Client:
    client.force_login(lead)
    return client


def counts(institution: Institution) -> bool:
    return Institution.objects.open_now().filter(pk=institution.pk).exists()


def test_the_planned_university_counts_from_the_day_that_it_opens(planned: Institution, lead: User) -> None:
    step: dict[str, Any] = {"institution": planned, "kind": "national", "reason": WHY, "by": lead}
    registering.open_institution(opened_on=in_days(1), **step)
    assert not counts(planned)  # nothing has to be done on the day: the days decide
    registering.open_institution(opened_on=in_days(0), **step)
    assert counts(planned)
    state = planned.states.get(valid_to=None)
    assert (state.kind, state.opened_on) == ("national", in_days(0))
    event = planned.events.order_by("-pgh_id").first()  # type: ignore[attr-defined]
    assert event.pgh_context.metadata["reason"] == WHY
    with pytest.raises(Refused, match="open already"):
        registering.open_institution(opened_on=in_days(2), **step)


def test_a_university_closes_on_a_day_and_opens_again(institution: Institution, lead: User) -> None:
    registering.close_institution(institution=institution, closed_on=in_days(1), reason=WHY, by=lead)
    assert counts(institution)
    with pytest.raises(Refused, match="already"):
        registering.close_institution(institution=institution, closed_on=in_days(9), reason=WHY, by=lead)
    registering.reopen_institution(institution=institution, reason=WHY, by=lead)
    registering.close_institution(institution=institution, closed_on=in_days(0), reason=WHY, by=lead)
    assert not counts(institution)
    assert institution.states.count() == 4
    registering.reopen_institution(institution=institution, reason=WHY, by=lead)
    with pytest.raises(Refused, match="not closed"):
        registering.reopen_institution(institution=institution, reason=WHY, by=lead)


def test_a_new_name_keeps_the_old_one_with_its_day(institution: Institution, lead: User) -> None:
    old = institution.name_ru
    registering.rename(institution=institution, names=NEW, since=in_days(-3), reason=WHY, by=lead)
    former = FormerName.objects.get()
    assert (former.name_ru, former.until) == (old, in_days(-3))
    institution.refresh_from_db()
    assert institution.name_en == "New name"
    assert institution.states.count() == 1  # no figure hangs on a name


@pytest.mark.parametrize(
    ("names", "since", "words"),
    [
        (NEW, 1, "enter it on the day"),
        (NEW, -9, "since"),
        ({**NEW, "name_kk": " "}, 0, "all three"),
        ({"name_kk": "Б", "name_ru": "Б", "name_en": "B"}, 0, "names that it has"),
    ],
)
def test_names_that_can_not_be(lead: User, names: dict[str, str], since: int, words: str) -> None:
    institution = make_institution(name_kk="Б", name_ru="Б", name_en="B")
    FormerName.objects.create(institution=institution, name_ru="А", until=in_days(-5))
    with pytest.raises(Refused, match=words):
        registering.rename(institution=institution, names=names, since=in_days(since), reason=WHY, by=lead)


def test_no_step_without_a_reason_or_by_a_university(
    institution: Institution, planned: Institution, lead: User, editor: User
) -> None:
    steps: list[Callable[..., Any]] = [
        lambda **who: registering.open_institution(
            institution=planned, kind="state", opened_on=in_days(0), **who
        ),
        lambda **who: registering.close_institution(institution=institution, closed_on=in_days(0), **who),
        lambda **who: registering.reopen_institution(institution=institution, **who),
        lambda **who: registering.rename(institution=institution, names=NEW, since=in_days(0), **who),
    ]
    for step in steps:
        with pytest.raises(Refused, match="Say why"):
            step(reason="", by=lead)
        with pytest.raises(Refused, match="Only the ministry"):
            step(reason=WHY, by=editor)


def test_a_merger_is_never_changed(institution: Institution, lead: User) -> None:
    with transaction.atomic():
        registering.record_merger(
            institution=institution, successor=make_institution(), merged_on=in_days(0), reason=WHY, by=lead
        )
    for change in (lambda: Merger.objects.all().update(reason="Other"), Merger.objects.all().delete):
        with pytest.raises(IntegrityError), transaction.atomic():
            change()
    with pytest.raises(Refused, match="part of"):
        registering.reopen_institution(institution=institution, reason=WHY, by=lead)


class TestPages:
    @pytest.mark.parametrize("name", PAGES)
    def test_who_keeps_the_registry_opens_them_and_nobody_else(
        self, client: Client, institution: Institution, lead: User, reviewer: User, editor: User, name: str
    ) -> None:
        page = reverse(f"admin:institutions_institution_{name}", args=[institution.pk])
        for user, status in ((lead, 200), (reviewer, 403), (editor, 302)):
            client.force_login(user)
            assert client.get(page).status_code == status
            if user != lead:
                assert client.post(page, {"reason": WHY}).status_code == status
        client.force_login(lead)
        absent = reverse(f"admin:institutions_institution_{name}", args=[999_999])
        assert client.get(absent).status_code == 404

    def test_each_step_is_one_form_and_says_what_was_done(
        self, leading: Client, institution: Institution, planned: Institution
    ) -> None:
        def sent(one: Institution, name: str, **form: Any) -> str:
            page = reverse(f"admin:institutions_institution_{name}", args=[one.pk])
            return leading.post(page, {"reason": WHY, **form}, follow=True).content.decode()

        assert "is now called New name" in sent(institution, "rename", since=in_days(0).isoformat(), **NEW)
        assert "counts from" in sent(planned, "open", kind="state", opened_on=in_days(30).isoformat())
        text = sent(institution, "close", closed_on=in_days(0).isoformat())
        assert "does not count from" in text
        assert reverse("admin:institutions_institution_reopen", args=[institution.pk]) in text
        assert "counts again" in sent(institution, "reopen")
        refused = sent(institution, "reopen")
        assert "is not closed" in refused
        assert WHY in refused
        history = reverse("admin:institutions_institution_history", args=[institution.pk])
        assert WHY in leading.get(history).content.decode()
