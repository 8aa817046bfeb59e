"""A country so many times as large: every institution with all that figures are made of, copied by SQL.

For benchmarks and tests that ask what grows with the country. Guards and keys are passed over, as only the owner of the
tables may, so the copies must be right as they are: each is the original with all its numbers moved on.
"""

from django.db import connection, models, transaction
from django.db.models import Max, Min

from curricula.models import AISum, CurriculumVersion, Discipline, Line, Programme, ProgrammeState, Submission
from institutions.models import Generation, Institution, InstitutionState
from reports.models import Exemption, LiveAssessment

OF_INSTITUTIONS: tuple[type[models.Model], ...] = (
    Institution, InstitutionState, Generation, Programme, ProgrammeState, Submission, CurriculumVersion, AISum,
    Exemption, LiveAssessment,
)  # fmt: skip
OF_LINES: tuple[type[models.Model], ...] = (Discipline, Line)


def grow(times: int, *, with_lines: bool) -> None:
    """Copies beside what there is, so that there is `times` as much; verification alone reads lines."""
    copied = OF_INSTITUTIONS + (OF_LINES if with_lines else ())
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        steps = {model: _step(model) for model in copied if _number(model)}
        for model in copied:
            columns = {
                str(field.column): _moved(field, steps)
                for field in model._meta.local_concrete_fields
                if not field.generated
            }
            table = model._meta.db_table
            cursor.execute(
                f"INSERT INTO {table} ({', '.join(columns)}) OVERRIDING SYSTEM VALUE"
                f" SELECT {', '.join(columns.values())} FROM {table}, generate_series(1, %s::bigint) AS copy",
                [times - 1],
            )
            if model in steps:
                cursor.execute(
                    f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))"
                )
        cursor.execute("SET LOCAL session_replication_role = origin")


def _number(model: type[models.Model]) -> bool:
    return isinstance(model._meta.pk, models.AutoField)


def _step(model: type[models.Model]) -> int:
    """So far a copy's numbers lie from those before."""
    ends = model._default_manager.aggregate(first=Min("pk"), last=Max("pk"))
    return int(ends["last"] - ends["first"] + 1) if ends["last"] else 0


def _moved(field: "models.Field[object, object]", steps: dict[type[models.Model], int]) -> str:
    """SQL for the value of a copy."""
    target = field.related_model or (field.model if field.primary_key else None)
    if target in steps:
        return f"{field.column} + copy * {steps[target]}"
    if field.model is Institution and field.name == "code":
        return f"'grown-' || (id + copy * {steps[Institution]})"  # unlike any other, also of what has grown before
    return str(field.column)
