"""Two of the ministry at one row of a register: the second is told what the first has written, field by field."""

import re
from collections import Counter
from html import unescape
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client
from django.urls import reverse

from institutions.admin.base import MinistryAdmin
from institutions.models import Institution, User
from tests.at_once import at_once
from tests.factories import make_reviewer
from tests.full import IN_FULL
from tests.institutions.test_admin import sent

pytestmark = pytest.mark.usefixtures("english")

PEOPLE, ROUNDS = 20, 50 if IN_FULL else 1


def page_of(row: Any) -> str:
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])


def opened(client: Client, row: Any) -> str:
    """What travels in the form of whoever opens the page now."""
    found = re.search(r'name="seen" value="([^"]+)"', client.get(page_of(row)).content.decode())
    assert found
    return unescape(found[1])


def told(answer: Any) -> list[str]:
    return re.findall(r"Somebody has written “(.*?)” meanwhile", answer.content.decode())


@pytest.fixture
def leading(client: Client, lead: User) -> Client:
    client.force_login(lead)
    return client


@pytest.mark.django_db
def test_the_second_is_told_and_saves_again_knowing_it(leading: Client, institution: Institution) -> None:
    seen = opened(leading, institution)
    Institution.objects.filter(pk=institution.pk).update(city="Almaty", kind="private")
    mine = sent(institution, city="Shymkent", seen=seen)
    answer = leading.post(page_of(institution), mine)
    assert (answer.status_code, told(answer)) == (200, ["private", "Almaty"])
    institution.refresh_from_db()
    assert institution.city == "Almaty"
    again = re.search(r'name="seen" value="([^"]+)"', answer.content.decode())
    assert again
    knowing = {**mine, "seen": unescape(again[1]), "kind": "private"}
    assert leading.post(page_of(institution), knowing).status_code == 302
    institution.refresh_from_db()
    assert (institution.city, institution.kind) == ("Shymkent", "private")


@pytest.mark.django_db
def test_who_wrote_the_same_or_into_an_untouched_row_is_told_nothing(
    leading: Client, institution: Institution
) -> None:
    seen = opened(leading, institution)
    assert leading.post(page_of(institution), sent(institution, city="A", seen=seen)).status_code == 302
    assert leading.post(page_of(institution), sent(institution, city="A", seen=seen)).status_code == 302


@pytest.mark.django_db
def test_groups_of_a_person_too(leading: Client) -> None:
    person = make_reviewer()
    seen = opened(leading, person)
    person.groups.set(Group.objects.filter(name="auditor"))
    groups = [str(one.pk) for one in Group.objects.filter(name="data-steward")]
    form = {"email": person.email, "is_active": "on", "is_staff": "on", "groups": groups, "seen": seen}
    rows = {"memberships-TOTAL_FORMS": 0, "memberships-INITIAL_FORMS": 0}
    answer = leading.post(page_of(person), {**form, **rows})
    assert told(answer) == ["auditor"]
    assert [one.name for one in person.groups.all()] == ["auditor"]


@pytest.mark.django_db
def test_who_adds_what_somebody_has_added_meanwhile_is_told(
    leading: Client, institution: Institution
) -> None:
    seen = opened(leading, institution)
    form = sent(institution, seen=seen, **{"aliases-TOTAL_FORMS": 1, "aliases-0-name": "КазГУ"})
    assert leading.post(page_of(institution), form).status_code == 302
    answer = leading.post(page_of(institution), form, follow=True)
    assert answer.redirect_chain == [(page_of(institution), 302)]
    assert "Something has changed since you looked" in answer.content.decode()
    assert institution.aliases.count() == 1


def twenty_at_once(institution: Institution, person: User, turn: int) -> list[Any]:
    """What came of it when all had opened the same page and each wrote another city."""
    clients = [Client() for _number in range(PEOPLE)]
    for client in clients:
        client.force_login(person)
    institution.refresh_from_db()
    address = page_of(institution)  # made within a thread it would be in that one's language
    seen = opened(clients[0], institution)
    forms = [sent(institution, city=f"{turn}-{number}", seen=seen) for number in range(PEOPLE)]
    both = zip(clients, forms, strict=True)
    return at_once(*(lambda client=client, form=form: client.post(address, form) for client, form in both))


@pytest.mark.processes
@pytest.mark.django_db(transaction=True)
def test_of_twenty_at_once_one_saves_and_nineteen_are_told(institution: Institution, lead: User) -> None:
    for turn in range(ROUNDS):
        answers = twenty_at_once(institution, lead, turn)
        assert Counter(answer.status_code for answer in answers) == {302: 1, 200: PEOPLE - 1}
        assert sum(bool(told(answer)) for answer in answers) == PEOPLE - 1
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM institutions_institutionevent WHERE city LIKE '%-%'")
        assert cursor.fetchone()[0] == ROUNDS


@pytest.mark.processes
@pytest.mark.django_db(transaction=True)
def test_without_the_lock_several_would_believe_to_have_saved(
    institution: Institution, lead: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control."""
    monkeypatch.setattr(MinistryAdmin, "get_object", admin.ModelAdmin.get_object)
    for turn in range(10):
        answers = twenty_at_once(institution, lead, turn)
        if [answer.status_code for answer in answers].count(302) > 1:
            return
    pytest.fail("twenty at once never met, so the test above proves nothing")
