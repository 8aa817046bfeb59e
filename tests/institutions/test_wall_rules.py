"""Every table has its rule: a new one with a way to an institution fails here until somebody has decided."""

from collections.abc import Iterator

import pytest
from django.db import connection, models

from institutions.models import Institution
from institutions.wall.building import POLICY, build_wall, missing
from institutions.wall.rules import RULES, WRITTEN, rule_of, tables
from institutions.wall.standing import ROLE

pytestmark = pytest.mark.django_db

# Tables that lead to an institution and have no rule, with the reason. Keep it short.
EVERYBODYS: dict[str, str] = {}


def ways(model: type[models.Model], seen: frozenset[type[models.Model]] = frozenset()) -> Iterator[str]:
    """The foreign keys that lead from a model to an institution, by how many steps it may take."""
    for field in model._meta.concrete_fields:
        to = field.related_model
        if not isinstance(to, type) or to in seen or to is model:
            continue
        if to is Institution:
            yield field.name
        else:
            yield from (f"{field.name}.{rest}" for rest in ways(to, seen | {model}))


def test_whatever_leads_to_an_institution_has_a_rule_or_a_reason() -> None:
    leading = {model._meta.db_table: list(ways(model)) for model in tables() if list(ways(model))}
    without = {table for table in leading if not rule_of(model_of(table))}
    assert without == set(EVERYBODYS)
    assert len(leading) > 40


def test_the_lists_name_tables_that_there_are() -> None:
    there = {model._meta.db_table for model in tables()}
    assert set(RULES) | WRITTEN | set(EVERYBODYS) <= there
    assert not WRITTEN & set(RULES)


def test_all_of_it_is_in_the_database_after_migrating() -> None:
    with connection.cursor() as cursor:
        assert missing(cursor) == {}


@pytest.mark.parametrize(
    "damage",
    [
        "ALTER TABLE curricula_line DISABLE ROW LEVEL SECURITY",
        f"DROP POLICY {POLICY} ON curricula_line",
        f"DROP POLICY {POLICY}_select ON curricula_line",
        f"ALTER POLICY {POLICY}_update ON curricula_line USING (true)",
        f"GRANT TRUNCATE ON curricula_line TO {ROLE}",
        f"REVOKE SELECT ON curricula_line FROM {ROLE}",
        f"GRANT UPDATE ON curricula_period TO {ROLE}",
    ],
)
def test_what_is_missing_is_put_back_by_the_next_migration(damage: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(damage)
        assert len(missing(cursor)) == 1
        build_wall()
        assert missing(cursor) == {}


def model_of(table: str) -> type[models.Model]:
    return next(model for model in tables() if model._meta.db_table == table)
