"""Every step says in the trail what it was in words, not by its name in the code."""

import ast
from pathlib import Path

from institutions.trail.wording import STEPS

ROOT = Path(__file__).resolve().parents[2]
# What opens the transaction of a step, and which of its arguments names the step.
OPENS = {"_moving": 1, "_registering": 1, "_deciding": 1, "_decision": 1, "_at": 2, "context": None}


def steps() -> dict[str, str]:
    """Each step that any module names, with the place."""
    found = {}
    for app in ("institutions", "curricula", "reports"):
        for path in (ROOT / app).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call):
                    name = getattr(node.func, "id", getattr(node.func, "attr", ""))
                    for said in named(node, OPENS[name]) if name in OPENS else ():
                        if isinstance(said, ast.Constant):
                            found[str(said.value)] = f"{path.relative_to(ROOT)}:{node.lineno}"
    return found


def named(node: ast.Call, place: int | None) -> list[ast.expr]:
    if place is None:
        return [keyword.value for keyword in node.keywords if keyword.arg == "action"]
    return node.args[place : place + 1]


def test_every_step_has_words() -> None:
    assert {"approve", "return", "adopt", "grant", "rename", "set up second factor"} <= steps().keys()
    without = {step: place for step, place in steps().items() if step not in STEPS}
    assert not without, f"Say in institutions/trail/wording.py what these are: {without}"


def test_no_words_are_kept_for_a_step_that_is_gone() -> None:
    assert not STEPS.keys() - steps().keys()
