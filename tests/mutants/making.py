"""Mutants: a module with one place changed as a person might get it wrong, in its Python or within its SQL."""

import ast
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]

OTHER_WAY: dict[type, Any] = {
    ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt,
    ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.And: ast.Or, ast.Or: ast.And,
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.BitOr: ast.BitAnd,
    ast.BitAnd: ast.BitOr,
}  # fmt: skip
OTHER_NAME = {"min": "max", "max": "min", "any": "all", "all": "any"}
NARROWING = {"filter", "exclude", "update"}

# Not what anything depends on: what is logged, types, how a decorator is set, the texts and codes of an error.
PASSED_OVER = {"annotation", "returns", "decorator_list", "exc", "cause"}
LOGGING = {"log", "structlog"}

IS_SQL = re.compile(
    r"\b(SELECT|FROM|WHERE|JOIN|AND|OR|WHEN|UPDATE|DELETE|IS NULL|IS DISTINCT|EXISTS|NEW|OLD)\b"
)
OPERAND = r"(?:ANY ?\((?:[^()]|\([^()]*\))*\)|%\(\w+\)s|'[^']*'|[\w.]+)"
SQL_RULES = [
    (r"<=", "<"), (r">=", ">"), (r"<(?![=>])", "<="), (r"(?<![<>=-])>(?!=)", ">="), (r"<>", "="),
    (r"(?<![<>:!])=", "<>"), (rf"[\w.]+ (?:=|<>|<=|>=|<|>) {OPERAND}", "true"), (r"[\w.]+ IS (?:NOT )?NULL", "true"),
    (r"\bAND\b", "OR"), (r"\bOR\b(?! REPLACE)", "AND"), (r"\bIS NULL", "IS NOT NULL"),
    (r"\bIS NOT NULL", "IS NULL"), (r"\bIS DISTINCT", "IS NOT DISTINCT"), (r"\bIS NOT DISTINCT", "IS DISTINCT"),
    (r"\bNOT (?=\(|EXISTS|IN|coalesce)", ""), (r"(?<!NOT )\bEXISTS\b", "NOT EXISTS"), (r"\bsum\(", "max("),
    (r"\bmax\(", "min("), (r"\bcount\(\*\)", "sum(2)"), (r"\bcount\((?=\w)", "count(DISTINCT "),
    (r"(?<!IS )(?<!NOT )\bDISTINCT (?!FROM)", ""), (r"\bUNION ALL\b", "UNION"), (r"\bLEFT JOIN\b", "JOIN"),
    (r"(?<!LEFT )\bJOIN\b", "LEFT JOIN"), (r"\btrue\b", "false"), (r"\bfalse\b", "true"), (r" DESC\b", ""),
    (r"\bOLD\b", "NEW"), (r"\bNEW\b", "OLD"), (r"(?<![\w.'])\d+(?![\w.'])", lambda n: str(int(n[0]) + 1)),
]  # fmt: skip


@dataclass(frozen=True)
class Mutant:
    """`name` says what was changed, and stays the same when lines move; `top` is the statement of the module."""

    path: str
    name: str
    top: ast.stmt
    lines: range
    tree: Callable[[], ast.Module]
    in_method: bool = False


def mutants_of(path: str) -> list[Mutant]:
    """All that can be made of a module, in the order of its lines."""
    return made_of(path, (ROOT / path).read_text(encoding="utf-8"))


def made_of(path: str, text: str) -> list[Mutant]:
    seen: Counter[str] = Counter()
    made = []
    for place, (node, within, statement) in enumerate(_places(ast.parse(text))):
        for number, (what, _new) in enumerate(_variants(node)):
            scope = ".".join(one.name for one in within if hasattr(one, "name"))
            name = f"{path} {scope}: {what}"
            seen[name] += 1
            made.append(
                Mutant(
                    path,
                    name if seen[name] == 1 else f"{name} #{seen[name]}",
                    within[0],
                    _span(statement),
                    lambda place=place, number=number: _made(text, place, number),  # type: ignore[misc]
                    isinstance(within[0], ast.ClassDef),
                )
            )
    return made


def _span(statement: ast.stmt) -> range:
    """The lines on which it runs: of one with a body, those before the body."""
    inner = getattr(statement, "body", None)
    last = inner[0].lineno - 1 if isinstance(inner, list) else (statement.end_lineno or statement.lineno)
    return range(statement.lineno, max(last, statement.lineno) + 1)


Place = tuple[ast.AST, list[ast.stmt], ast.stmt]


def _places(module: ast.Module) -> list[Place]:
    """Every node that may be changed, with the definitions around it, the module's first, and its statement."""
    return [found for top in module.body for found in _below(top, [top], top)]


def _below(node: ast.AST, within: list[ast.stmt], statement: ast.stmt) -> Iterator[Place]:
    if isinstance(node, ast.Assert | ast.Import | ast.ImportFrom) or _says_nothing(node):
        return
    if isinstance(node, ast.keyword) and node.arg == "strict":  # of zip: it asserts, too
        return
    yield node, within, statement
    for name, value in ast.iter_fields(node):
        if name in PASSED_OVER:
            continue
        for child in value if isinstance(value, list) else [value]:
            if not isinstance(child, ast.AST) or (_declares(node) and not isinstance(child, ast.FunctionDef)):
                continue
            inner = [*within, child] if isinstance(child, ast.FunctionDef | ast.ClassDef) else within
            yield from _below(child, inner, child if isinstance(child, ast.stmt) else statement)


def _declares(node: ast.AST) -> bool:
    """Of a class only the methods: its fields are in the migrations."""
    return isinstance(node, ast.ClassDef)


def _says_nothing(node: ast.AST) -> bool:
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Constant) or ast.unparse(node).split(".")[0] in LOGGING
    return isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"


def _made(text: str, place: int, number: int) -> ast.Module:
    tree = ast.parse(text)
    node = _places(tree)[place][0]
    _what, new = list(_variants(node))[number]
    for parent in ast.walk(tree):
        for name, value in ast.iter_fields(parent):
            if value is node:
                setattr(parent, name, new)
            elif isinstance(value, list) and any(child is node for child in value):
                setattr(parent, name, [new if child is node else child for child in value])
    return ast.fix_missing_locations(tree)


def _variants(node: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    """What a node may be changed into."""
    for new in _changed(node):
        yield f"{_short(node)} -> {_short(new)}", ast.copy_location(new, node)
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and IS_SQL.search(node.value):
        for what, text in sql_variants(node.value):
            yield what, ast.copy_location(ast.Constant(text), node)


def _changed(node: ast.AST) -> Iterator[ast.AST]:
    match node:
        case ast.Compare(left, [op], right):
            yield ast.Compare(left, [OTHER_WAY[type(op)]()], right)
        case ast.Compare(left, [first, *others], right):
            yield ast.Compare(left, [OTHER_WAY[type(first)](), *others], right)
        case ast.BoolOp(op, values):
            yield ast.BoolOp(OTHER_WAY[type(op)](), values)
        case ast.BinOp(left, op, right) if type(op) in OTHER_WAY and not _is_text(left) | _is_text(right):
            yield ast.BinOp(left, OTHER_WAY[type(op)](), right)
        case ast.UnaryOp(ast.Not(), operand):
            yield operand
        case ast.Constant(bool(value)):
            yield ast.Constant(not value)
        case ast.Constant(int(value)):
            yield ast.Constant(value + 1)
        case ast.If(test, body, orelse):
            yield ast.If(ast.UnaryOp(ast.Not(), test), body, orelse)
            if isinstance(body[-1], ast.Return | ast.Continue):
                yield ast.If(test, [*body[:-1], ast.Pass()], orelse)
        case ast.IfExp(test, body, orelse):
            yield ast.IfExp(ast.UnaryOp(ast.Not(), test), body, orelse)
        case ast.comprehension(target, source, [_, *ifs], is_async):
            yield ast.comprehension(target, source, ifs, is_async)
        case ast.Return(ast.expr() as value) if not isinstance(value, ast.Constant):
            yield ast.Return(ast.Constant(None))
        case ast.Raise() | ast.Expr(ast.Call()):
            yield ast.Pass()
        case ast.Call(ast.Name(name), args, keywords) if name in OTHER_NAME:
            yield ast.Call(ast.Name(OTHER_NAME[name], ast.Load()), args, keywords)
        case ast.Call(ast.Attribute(_, name), args, keywords) if name in NARROWING:
            for given in args:
                yield ast.Call(node.func, [one for one in args if one is not given], keywords)
            for named in keywords:
                yield ast.Call(node.func, args, [one for one in keywords if one is not named])


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str))


def _short(node: ast.AST) -> str:
    text = " ".join(ast.unparse(node).split())
    return text if len(text) <= 100 else f"{text[:97]}..."


def sql_variants(text: str) -> Iterator[tuple[str, str]]:
    """A statement, or a part of one, with one word of it changed; what was said around it names the place."""
    for pattern, replacement in SQL_RULES:
        for found in re.finditer(pattern, text):
            if re.search(r"--[^\n]*$|RAISE EXCEPTION '[^;]*$", text[: found.start()]):
                continue  # in a comment or in what is said
            new = replacement(found) if callable(replacement) else replacement
            before, after = text[: found.start()], text[found.end() :]
            around = " ".join(f"{before[-30:]}[{found[0]}]{after[:30]}".split())
            yield f"{around} -> {new or 'nothing'}", f"{before}{new}{after}"
