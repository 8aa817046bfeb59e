"""The ministry's pages in Kazakh and Russian: no keys of the database, no English, and no noun in the wrong case."""

import re

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse
from django.utils import translation

from institutions.models import Institution, InstitutionState, User
from tests.rules import make_requirement

pytestmark = pytest.mark.django_db


def page(client: Client, language: str, name: str, *args: object) -> str:
    with translation.override(language):
        answer = client.get(reverse(f"admin:{name}", args=args))
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


@pytest.mark.parametrize(
    ("language", "words"), [("ru", "Всего: 1"), ("kk", "Барлығы: 1"), ("en", "1 in all")]
)
def test_a_list_says_how_many_rows_it_has_without_a_noun_that_would_need_a_case(
    client: Client, lead: User, institution: Institution, language: str, words: str
) -> None:
    client.force_login(lead)

    assert f'<p class="paginator"> {words}' in page(client, language, "institutions_institution_changelist")


def test_russian_titles_do_not_put_the_name_of_a_row_into_the_wrong_case(client: Client, lead: User) -> None:
    client.force_login(lead)

    assert "Выберите для просмотра: публикация" in page(client, "ru", "reports_release_changelist")


def test_the_state_of_an_institution_names_university_and_region(
    client: Client, lead: User, institution: Institution
) -> None:
    client.force_login(lead)
    state = InstitutionState.objects.get(institution=institution)
    listed = page(client, "ru", "institutions_institutionstate_changelist")
    alone = page(client, "ru", "institutions_institutionstate_change", state.pk)

    for shown in (listed, alone):
        assert institution.name_ru in shown
        assert institution.region.name_ru in shown
        assert institution.region.code not in shown.replace(institution.region.name_ru, "")
        assert "Institution:" not in shown
        assert ">Institution<" not in shown


def test_roles_and_their_rights_are_named_and_not_keyed(client: Client, lead: User) -> None:
    client.force_login(lead)
    auditors = Group.objects.get(name="auditor")

    assert "куратор данных" in page(client, "ru", "auth_group_changelist")
    shown = page(client, "ru", "auth_group_change", auditors.pk)
    assert "аудитор" in shown
    assert "просмотреть" in shown
    assert "Can view" not in shown


def test_a_requirement_names_what_it_accepts(client: Client, lead: User) -> None:
    client.force_login(lead)
    shown = page(client, "ru", "reports_requirement_change", make_requirement().pk)

    assert "основы ИИ" in shown
    assert "foundations" not in shown
    assert 'name="categories"' not in shown


@pytest.mark.parametrize("name", ["reports_snapshot_changelist", "reports_releaseproposal_changelist"])
def test_a_list_numbers_its_rows_in_words_of_people(client: Client, lead: User, name: str) -> None:
    client.force_login(lead)

    shown = page(client, "ru", name)
    assert "Pk" not in re.findall(
        r"\w+", re.sub('value="[^"]*"', "", shown)
    )  # a token may spell it by chance


def test_days_of_a_period_out_of_order_are_told_at_their_field(client: Client, lead: User) -> None:
    client.force_login(lead)
    days = {
        "starts_on": "2031-09-01",
        "ends_on": "2032-08-31",
        "opens_on": "2031-09-01",
        "closes_on": "2032-06-30",
    }
    with translation.override("ru"):
        address = reverse("admin:curricula_period_add")
        answer = client.post(address, {"code": "2031", **days, "due_on": "2031-08-01"})

    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == ["due_on"]


def test_an_address_that_has_an_account_is_told_at_its_field(client: Client, lead: User) -> None:
    client.force_login(lead)
    with translation.override("kk"):
        answer = client.post(reverse("admin:institutions_user_add"), {"email": lead.email.upper()})

    errors = answer.context["adminform"].form.errors
    assert "email" in errors
    assert "__all__" not in errors


@pytest.mark.parametrize("language", ["ru", "kk"])
def test_a_broken_constraint_is_not_told_by_its_name_in_the_database(language: str) -> None:
    with translation.override(language):
        assert "%(name)s" not in translation.gettext("Constraint “%(name)s” is violated.")
