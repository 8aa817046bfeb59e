"""docs/checks.md lists the rules that there are."""

import re
from pathlib import Path

from curricula.checking import RULES
from curricula.checking.catalogue import ENOUGH_CURRICULA, FAR_CREDITS, FAR_TIMES
from curricula.risk import HIGH, MIDDLE, MOST
from curricula.spreadsheets.columns import CREDITS_LEAST, CREDITS_LIMIT
from curricula.worklist import ANSWER_WITHIN

PAGE = (Path(__file__).parents[2] / "docs" / "checks.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| `(\w+)` \| (\w+) \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE)


def test_every_rule_is_listed_once_with_its_kind_in_the_same_order() -> None:
    listed = [(code, kind) for code, kind, *_rest in ROW.findall(PAGE)]
    assert listed == [(rule.code, str(rule.kind)) for rule in RULES.values()]


def test_the_numbers_are_those_of_the_code() -> None:
    said = {code: what for code, _kind, what, *_rest in ROW.findall(PAGE)}
    assert f"from {CREDITS_LEAST} to {CREDITS_LIMIT} credits" in said["credits_range"]
    assert f"more than {FAR_TIMES} times the median" in said["ai_above_median"]
    assert f"at least {FAR_CREDITS} more" in said["ai_above_median"]
    assert f"fewer than {ENOUGH_CURRICULA} of them" in said["ai_above_median"]


def test_the_points_of_the_risk_are_those_of_the_code() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (\d+) \| [^|]+ \|$", PAGE, re.MULTILINE)
    assert {code: int(most) for code, most in rows} == {str(rule): most for rule, most in MOST.items()}
    assert f"From {HIGH} points" in PAGE
    assert f"from {MIDDLE} on" in PAGE
    assert f"for more than {ANSWER_WITHIN} days" in PAGE.replace("\n", " ")
