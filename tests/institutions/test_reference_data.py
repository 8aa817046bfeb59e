"""The reference data loads, loads again without change, and never undoes what the ministry has edited."""

from datetime import date
from io import StringIO
from pathlib import Path

import pytest
from django.contrib.auth.models import Group, Permission
from django.core.management import call_command
from django.db import connection
from django.utils.translation import override

import curricula.reference
import institutions.reference
import reports.reference
from curricula.models import Field, Period
from institutions.models import FormerName, Institution, InstitutionState, Region
from reports.models import ReferenceValue, Requirement
from reports.reference.roles import OURS

pytestmark = pytest.mark.django_db


@pytest.fixture
def loaded() -> None:
    call_command("load_reference_data", verbosity=0)


def other_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, old: str, new: str) -> None:
    """As if the next release of the program shipped another list of institutions."""
    for path in institutions.reference.HERE.glob("*.csv"):
        (tmp_path / path.name).write_text(path.read_text().replace(old, new))
    monkeypatch.setattr(institutions.reference, "HERE", tmp_path)


def everything() -> list[str]:
    """All rows with their row versions: what is written again, even unchanged, shows."""
    tables = ["institutions_institution", "institutions_region", "curricula_field", "curricula_period"]
    tables += [
        "reports_referencevalue",
        "reports_effortentry",
        "reports_requirement",
        "institutions_formername",
        "auth_group_permissions",
    ]
    with connection.cursor() as cursor:
        rows = []
        for table in tables:
            cursor.execute(f"SELECT ctid::text, t::text FROM {table} t ORDER BY 2")
            rows += [f"{table} {row}" for row in cursor.fetchall()]
    return rows


def test_all_institutions_regions_and_fields_are_there(loaded: None) -> None:
    assert Institution.objects.count() == 122
    assert Region.objects.count() == 20
    assert Field.objects.filter(kind="field").count() == 12
    assert Field.objects.filter(kind="direction").count() == 45
    assert list(Period.objects.values_list("code", flat=True)) == ["2026", "2025", "2024"]
    assert Institution.objects.open_now().count() == 121, "the planned university is not open"


def test_every_field_has_a_name_and_a_short_name_in_three_languages(loaded: None) -> None:
    for field in Field.objects.all():
        for language in ("kk", "ru", "en"):
            with override(language):
                assert field.name, field.code
                assert 0 < len(field.short_name) <= 28, field.short_name


def test_a_second_load_writes_nothing(loaded: None) -> None:
    before = everything()
    output = StringIO()
    call_command("load_reference_data", stdout=output)
    assert everything() == before
    assert "institutions: 0 added, 0 renewed, 122 unchanged" in output.getvalue()


def test_an_edit_of_the_ministry_survives_the_next_load(loaded: None) -> None:
    Institution.objects.filter(code="kaznu").update(name_en="KazNU", website="https://kaznu.edu.kz")
    Field.objects.filter(code="061").update(name_kk="Басқа атау")
    ReferenceValue.objects.filter(code="faculty-trained-2026-01").update(value=55)
    Period.objects.filter(code="2026").update(due_on=date(2026, 11, 15))
    call_command("load_reference_data", verbosity=0)
    assert Institution.objects.get(code="kaznu").name_en == "KazNU"
    assert Field.objects.get(code="061").name_kk == "Басқа атау"
    assert ReferenceValue.objects.get(code="faculty-trained-2026-01").value == 55
    assert Period.objects.get(code="2026").due_on == date(2026, 11, 15)


def test_a_newer_file_renews_what_nobody_has_edited_and_keeps_the_former_name(
    loaded: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    Institution.objects.filter(code="kaznu").update(city="Алматы")
    other_file(monkeypatch, tmp_path, "Al-Farabi Kazakh National University", "Farabi University")
    institutions.reference.load()
    kaznu = Institution.objects.get(code="kaznu")
    assert (kaznu.name_en, kaznu.city) == ("Farabi University", "Алматы")
    assert FormerName.objects.get(institution=kaznu).name_en == "Al-Farabi Kazakh National University"


def test_what_was_edited_stays_edited_when_the_file_changes_as_well(
    loaded: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    Institution.objects.filter(code="kaznu").update(name_en="KazNU")
    other_file(monkeypatch, tmp_path, "Al-Farabi Kazakh National University", "Farabi University")
    assert institutions.reference.load()["institutions"].edited == 1
    institutions.reference.load()
    assert Institution.objects.get(code="kaznu").name_en == "KazNU"


def test_a_deleted_statement_does_not_come_back(loaded: None) -> None:
    ReferenceValue.objects.filter(code="workforce-potential-2026-01").delete()
    call_command("load_reference_data", verbosity=0)
    assert not ReferenceValue.objects.filter(code="workforce-potential-2026-01").exists()


def test_first_institutions_count_for_the_past_and_later_ones_from_their_day(
    loaded: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    first_period = Period.objects.get(code="2024").starts_on
    assert not InstitutionState.objects.filter(valid_from__date__gte=first_period).exists()
    other_file(monkeypatch, tmp_path, "\nkaznu,", "\nnewcomer,New,Новый,Жаңа,private,Almaty,KZ-75,\nkaznu,")
    institutions.reference.load()
    assert InstitutionState.objects.get(institution__code="newcomer").valid_from.date() > first_period


def test_the_default_requirement_reads_the_public_statement_literally(loaded: None) -> None:
    requirement = Requirement.objects.get()
    assert requirement.min_disciplines == 1
    assert requirement.min_credits == 0
    assert (requirement.levels, requirement.fields, requirement.kinds) == ([], [], [])
    assert set(requirement.categories) == {"foundations", "applied", "core", "ethics"}
    assert requirement.effective_from == date(2025, 1, 1)


def test_public_statements_are_stored_with_their_source(loaded: None) -> None:
    stated = dict(ReferenceValue.objects.values_list("indicator", "value"))
    assert stated["institutions_with_ai"] == 95
    assert stated["ai_programmes"] == 42
    assert stated["institutions_with_ai_programmes"] == 30
    assert stated["faculty_trained"] == 54
    assert not ReferenceValue.objects.filter(source_kk="").exists()


def test_each_load_brings_the_roles_to_what_is_written_and_leaves_the_ministry_s_own(loaded: None) -> None:
    reviewer, lead = Group.objects.get(name="reviewer"), Group.objects.get(name="lead")
    codenames = set(reviewer.permissions.values_list("codename", flat=True))
    assert {"view_curriculumversion", "change_curriculumversion"} <= codenames
    assert "add_releaseproposal" not in codenames
    right = lead.permissions.get(codename="add_releaseproposal")
    lead.permissions.remove(right)  # as after an update that brings a new page
    reviewer.permissions.add(right)
    own = Group.objects.create(name="own")
    own.permissions.add(right)
    assert reports.reference.load()["roles"].renewed == 2
    assert list(Group.objects.filter(permissions=right).order_by("name")) == [lead, own]
    assert reports.reference.load()["roles"].unchanged == 4


def test_an_auditor_may_look_at_everything_and_change_nothing(loaded: None) -> None:
    rights = Group.objects.get(name="auditor").permissions.all()
    assert {right.codename.partition("_")[0] for right in rights} == {"view", "read", "watch", "oversee"}
    ours = Permission.objects.filter(content_type__app_label__in=OURS, codename__startswith="view_")
    assert not ours.exclude(pk__in=rights).exists()


def test_a_data_steward_keeps_reference_data_and_neither_rules_nor_people(loaded: None) -> None:
    rights = Group.objects.get(name="data-steward").permissions.exclude(codename__startswith="view_")
    codenames = set(rights.values_list("codename", flat=True))
    assert {"change_institution", "change_region", "change_field", "add_programme"} <= codenames
    kept_from = (
        "user",
        "membership",
        "requirement",
        "exemption",
        "snapshot",
        "release",
        "submission",
        "period",
    )
    assert not {name for name in codenames if name.partition("_")[2] in kept_from}


def test_a_lead_may_give_every_role_for_it_has_the_rights_of_all(loaded: None) -> None:
    lead = Group.objects.get(name="lead")
    assert not Group.objects.filter(permissions__in=Permission.objects.exclude(group=lead)).values_list(
        "name", "permissions__codename"
    )


def test_periods_and_fields_of_the_ministry_s_own_are_left_alone(loaded: None) -> None:
    Field.objects.create(code="064", kind="direction", parent=Field.objects.get(code="06"), name_kk="Жаңа")
    assert curricula.reference.load()["directions"].unchanged == 45
    assert Field.objects.get(code="064").name_kk == "Жаңа"
