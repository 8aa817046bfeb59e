"""Every outcome has its reason in words, and says of what falls short only what does."""

from decimal import Decimal

import pytest
from django.utils.translation import override

from reports.explaining import reason


@pytest.mark.parametrize(
    ("outcome", "found", "asked", "expected"),
    [
        ("exempt", (0, "0"), (1, "0"), "excused by a decision of the ministry"),
        ("no_data", (0, "0"), (1, "0"), "no approved curriculum for 2025/26"),
        ("met", (1, "5.0"), (1, "3.0"), "1 AI discipline, 5 credits"),
        ("met", (4, "10.0"), (1, "0"), "4 AI disciplines, 10 credits"),
        ("not_met", (0, "0.0"), (2, "6.0"), "no accepted AI discipline among the approved lines"),
        ("not_met", (1, "2.0"), (1, "3.0"), "2 ECTS of AI, 3 required"),
        ("not_met", (1, "2.5"), (1, "10.0"), "2.5 ECTS of AI, 10 required"),
        ("not_met", (1, "9.0"), (2, "6.0"), "1 AI discipline, 2 required"),
        ("not_met", (1, "2.0"), (2, "6.0"), "1 AI discipline, 2 credits; needed are 2 and 6"),
    ],
)
def test_a_reason_is_one_that_can_be_acted_on(
    outcome: str, found: tuple[int, str], asked: tuple[int, str], expected: str
) -> None:
    with override("en"):
        said = reason(
            outcome,
            disciplines=found[0],
            credit_sum=found[1],
            min_disciplines=asked[0],
            min_credits=Decimal(asked[1]),
            period="2025/26",
        )
    assert said == expected
