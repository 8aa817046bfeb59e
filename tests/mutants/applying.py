"""Putting a mutant into a process that runs already: its functions get other code, and its constants are made anew.

Whoever imported a function or a constant holds it, so neither the file nor an import could be changed any more; and
to begin anew, with Django, services and a database, would cost a hundred times what the tests of a module take.
"""

import ast
import functools
import gc
import inspect
import sys
from collections.abc import Iterator
from types import CodeType, FunctionType, ModuleType
from typing import Any

from django.db import connection

from tests.mutants.making import ROOT, Mutant, sql_variants

OURS = ("institutions", "curricula", "reports", "config", "tests")


def apply(mutant: Mutant) -> None:
    tree = mutant.tree()
    file = str(ROOT / mutant.path)
    new = {(code.co_qualname, code.co_firstlineno): code for code in _codes(compile(tree, file, "exec"))}
    functions, caches = _alive()
    for function in functions.get(file, []):
        code = function.__code__
        function.__code__ = new.get((code.co_qualname, code.co_firstlineno), code)
    for cache in caches:
        cache.cache_clear()
    module = sys.modules[mutant.path.removesuffix(".py").replace("/", ".").removesuffix(".__init__")]
    if not mutant.in_method:
        changed = next(top for top in tree.body if top.lineno == mutant.top.lineno)
        if isinstance(changed, ast.FunctionDef):
            _renew_defaults(module, changed)
        _make_anew(module, tree, _bound_by(changed), changed)


@functools.cache
def _alive() -> tuple[dict[str, list[FunctionType]], list[Any]]:
    """The functions of each file, and the caches of functions: looked for once, before the first fork."""
    functions: dict[str, list[FunctionType]] = {}
    caches = []
    for kept in gc.get_objects():
        if type(kept) is FunctionType:
            functions.setdefault(kept.__code__.co_filename, []).append(kept)
        elif type(kept) is functools._lru_cache_wrapper and (kept.__module__ or "").startswith(OURS):
            caches.append(kept)
    return functions, caches


def prepare() -> None:
    """So that a fork shares the memory of its parent, and does not copy it piece by piece."""
    _alive()
    gc.collect()
    gc.freeze()
    gc.disable()


def _codes(code: CodeType) -> Iterator[CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _codes(constant)


def is_built_upon(mutant: Mutant) -> bool:
    """Whether the module makes something of it as it is imported: then every test may notice."""
    tree = mutant.tree()
    changed = next(top for top in tree.body if top.lineno == mutant.top.lineno)
    return not mutant.in_method and bool(_following(tree, _bound_by(changed), changed))


def _following(tree: ast.Module, names: set[str], changed: ast.stmt | None) -> list[ast.stmt]:
    """The constants that follow from `names`, or are what was changed; `names` grows by them and what mentions them."""
    found: list[ast.stmt] = []
    for top in tree.body:
        if isinstance(top, ast.FunctionDef):
            if names & _mentioned(top.args):
                found.append(top)
            if names & _mentioned(top):
                names.add(top.name)
        elif isinstance(top, ast.Assign | ast.AnnAssign) and (top is changed or names & _mentioned(top)):
            found.append(top)
            names |= _bound_by(top)
    return found


def _make_anew(module: ModuleType, tree: ast.Module, names: set[str], changed: ast.stmt | None) -> None:
    """Constants of the module that follow from `names`, then those of the modules that have imported any of them."""
    for top in _following(tree, names, changed):
        if isinstance(top, ast.FunctionDef):
            _renew_defaults(module, top)
        else:
            exec(compile(ast.Module([top], []), str(module.__file__), "exec"), module.__dict__)  # noqa: S102 - our own
    for other in list(sys.modules.values()):
        if other is module or not other.__name__.startswith(OURS) or not getattr(other, "__file__", None):
            continue
        its_tree = _tree(str(other.__file__))
        taken = {
            alias.asname or alias.name: alias.name
            for line in its_tree.body
            if isinstance(line, ast.ImportFrom) and line.module == module.__name__
            for alias in line.names
            if alias.name in names
        }
        other.__dict__.update({name: getattr(module, original) for name, original in taken.items()})
        if taken:
            _make_anew(other, its_tree, set(taken), None)


def _renew_defaults(module: ModuleType, definition: ast.FunctionDef) -> None:
    """Of its arguments, which a function that is there already has kept."""

    def value(node: ast.expr) -> Any:
        return eval(compile(ast.Expression(node), str(module.__file__), "eval"), module.__dict__)  # noqa: S307 - our own

    function = inspect.unwrap(getattr(module, definition.name))
    given = definition.args
    function.__defaults__ = tuple(map(value, given.defaults)) or None
    by_name = zip(given.kwonlyargs, given.kw_defaults, strict=True)
    function.__kwdefaults__ = {one.arg: value(default) for one, default in by_name if default} or None


@functools.cache
def _tree(file: str) -> ast.Module:
    with open(file, encoding="utf-8") as source:
        return ast.parse(source.read())


def _mentioned(node: ast.AST) -> set[str]:
    return {one.id for one in ast.walk(node) if isinstance(one, ast.Name)}


def _bound_by(node: ast.stmt) -> set[str]:
    if isinstance(node, ast.FunctionDef):
        return {node.name}
    targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
    return {target.id for target in targets if isinstance(target, ast.Name)}


# What the database itself keeps: the rules in the bodies of triggers, and the policies of the wall.
TRIGGERS = """
    SELECT relname || '.' || regexp_replace(tgname, '^pgtrigger_|_[0-9a-f]{5}$', '', 'g'),
        pg_get_functiondef(proc.oid), prosrc
    FROM pg_trigger JOIN pg_proc AS proc ON proc.oid = tgfoid JOIN pg_class AS class ON class.oid = tgrelid
    WHERE NOT tgisinternal AND prosrc LIKE '%%RAISE EXCEPTION%%' AND relname = ANY(%s) ORDER BY relname, tgname
"""
POLICIES = """
    SELECT format('%s.%s', tablename, policyname), format('DROP POLICY %s ON %s', policyname, tablename),
        format('CREATE POLICY %s ON %s AS RESTRICTIVE FOR %s TO %s %s %s', policyname, tablename, cmd, roles[1],
            'USING (' || qual || ')', 'WITH CHECK (' || with_check || ')')
    FROM pg_policies AS one WHERE permissive = 'RESTRICTIVE' AND qual IS DISTINCT FROM 'true'
        AND has_table_privilege(roles[1], format('%I', tablename), cmd)
        AND (cmd IN ('SELECT', 'INSERT') OR qual NOT IN (
            SELECT qual FROM pg_policies AS read WHERE read.tablename = one.tablename AND read.cmd = 'SELECT'))
    ORDER BY tablename, policyname
"""


def spoilt_triggers(tables: list[str]) -> Iterator[tuple[str, str, str]]:
    """A name, a statement that spoils a trigger, and one that puts it right again."""
    with connection.cursor() as cursor:
        cursor.execute(TRIGGERS, [tables])
        for name, definition, body in cursor.fetchall():
            for what, spoilt in sql_variants(body):
                yield f"database {name}: {what}", definition.replace(body, spoilt), definition


def missing_policies() -> Iterator[tuple[str, str, str]]:
    """Those of which each is needed: what nobody can read nobody can change either, whatever else is said of it."""
    with connection.cursor() as cursor:
        cursor.execute(POLICIES)
        for name, drop, create in cursor.fetchall():
            yield f"database {name}: no such policy", drop, create
