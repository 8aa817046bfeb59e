"""What ships with the program about the mandate: public statements, the default requirement, the ministry's roles."""

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction

from curricula.models import AICategory, Component, Field
from institutions.models import Institution
from institutions.reference.merging import Merged, merge, read
from reports.models import EffortEntry, FieldOccupation, Mandate, Occupation, ReferenceValue, Requirement
from reports.reference.roles import load_roles

HERE = Path(__file__).parent

DEFAULT_REQUIREMENT = "ai-in-every-programme"

SOURCE = "ҚР ҒЖБМ · МНВО РК · MSHE RK, 2026-01"


@transaction.atomic
def load() -> dict[str, Merged]:
    return {
        "statements": load_statements(),
        "occupations": load_occupations(),
        "occupations of fields": load_field_occupations(),
        "entries on the national effort": load_effort(),
        "requirements": load_mandate(),
        "roles": load_roles(),
    }


def load_statements() -> Merged:
    rows = read(HERE / "reference_values.csv")
    return merge(
        ReferenceValue,
        [
            {**row, "value": Decimal(row["value"]), "stated_on": date.fromisoformat(row["stated_on"])}
            for row in rows
        ],
    )


# As the published data set writes them.
GRADIENTS = {
    "Not Exposed": Occupation.Gradient.NOT_EXPOSED,
    "Minimal Exposure": Occupation.Gradient.MINIMAL,
    "Exposed: Gradient 1": Occupation.Gradient.GRADIENT_1,
    "Exposed: Gradient 2": Occupation.Gradient.GRADIENT_2,
    "Exposed: Gradient 3": Occupation.Gradient.GRADIENT_3,
    "Exposed: Gradient 4": Occupation.Gradient.GRADIENT_4,
}


def load_occupations() -> Merged:
    return merge(
        Occupation,
        [
            {
                "code": row["isco08"],
                "title_en": row["title_en"],
                "mean_score": Decimal(row["mean_score_2025"]),
                "sd": Decimal(row["sd_2025"]),
                "gradient": GRADIENTS[row["exposure_2025"]].value,
            }
            for row in read(HERE / "occupation_ai_exposure.csv")
        ],
    )


def load_field_occupations() -> Merged:
    """A link of a field that the ministry's classifier has not is passed over."""
    there = set(Field.objects.values_list("code", flat=True))
    return merge(
        FieldOccupation,
        [
            {
                "code": f"{row['field']}-{row['group']}",
                "field_id": row["field"],
                "group": row["group"],
                "note": row["note"],
            }
            for row in read(HERE / "field_occupations.csv")
            if row["field"] in there
        ],
    )


def load_effort() -> Merged:
    """What others have stated about the national AI effort; each with its source, so edited or renewed as a whole."""
    there = set(Institution.objects.values_list("code", flat=True))
    rows = [entry_of(row, there) for row in read(HERE / "effort_entries.csv")]
    return merge(EffortEntry, rows, whole=True)


def entry_of(row: dict[str, str], there: set[str]) -> dict[str, Any]:
    """A row of the file as columns; a university that the ministry's registry has not is passed over."""
    return {
        **row,
        "order": int(row["order"]),
        "value": Decimal(row["value"]) if row["value"] else None,
        "institutions": [code for code in row["institutions"].split() if code in there],
        "verified": row["verified"] == "yes",
        **{
            name: date.fromisoformat(row[name]) if row[name] else None
            for name in ("starts_on", "ends_on", "read_on")
        },
    }


def load_mandate() -> Merged:
    """The public statement read literally: every programme has at least one AI discipline.

    The thresholds of the order are not public. Once there is any requirement of this code, or any other mandate, the
    rules are the ministry's.
    """
    if Mandate.objects.exists() or Requirement.objects.exists():
        return Merged(unchanged=1)
    mandate = Mandate.objects.create(
        code="ai-2025",
        name_kk="Жасанды интеллект дағдыларын барлық білім беру бағдарламасына енгізу",
        name_ru="Интеграция навыков искусственного интеллекта во все образовательные программы",
        name_en="Integration of AI skills into all educational programmes",
        legal_reference=SOURCE,
    )
    Requirement.objects.create(
        mandate=mandate,
        code=DEFAULT_REQUIREMENT,
        name_kk="Әр білім беру бағдарламасында жасанды интеллект бойынша кемінде бір пән бар",
        name_ru="В каждой образовательной программе есть хотя бы одна дисциплина по искусственному интеллекту",
        name_en="Every programme has at least one AI discipline",
        legal_reference=SOURCE,
        min_disciplines=1,
        min_credits=0,
        categories=[category for category in AICategory.values if category != AICategory.NONE],
        components=list(Component.values),
        adopted_at=datetime(2025, 1, 1, tzinfo=ZoneInfo("Asia/Almaty")),
        effective_from=date(2025, 1, 1),
    )
    return Merged(added=1)
