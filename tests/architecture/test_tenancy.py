"""No query of a service goes round the tenant scope, and no subject is built by hand.

After the organisation-scope linter of polarsource/polar. A call that concerns no tenant says so:
``# every tenant: <reason>`` on the line of the call or above it.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
QUERIES = {
    "find",
    "find_one",
    "count_documents",
    "update_one",
    "update_many",
    "replace_one",
    "delete_one",
    "delete_many",
    "find_one_and_update",
    "find_one_and_replace",
    "find_one_and_delete",
    "distinct",
    "aggregate",
    "UpdateOne",
    "ReplaceOne",
    "DeleteOne",
}
MARK = "every tenant:"
STREAM = re.compile(
    r"^(activity|coverage|findings|incidents|alerts|timers|directory|policies|feed|dead)\.$"
)


def _sources() -> Iterator[Path]:
    for folder in ("services", "gateway"):
        yield from sorted((ROOT / folder).rglob("*.py"))


def _name(call: ast.Call) -> str:
    function = call.func
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def _scoped_names(scope: ast.AST) -> set[str]:
    """Names that are assigned from an expression in which ``scoped`` is called."""
    names: set[str] = set()
    while True:
        found = set(names)
        for node in ast.walk(scope):
            if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                if _mentions_scope(node.value, names):
                    found |= {t.id for t in targets if isinstance(t, ast.Name)}
        if found == names:
            return names
        names = found


def _mentions_scope(node: ast.AST, names: set[str]) -> bool:
    if _is_tenant(node) or (isinstance(node, ast.Call) and node.args and _is_tenant(node.args[0])):
        return True  # a function of ours that takes the tenant first
    return any(
        (isinstance(n, ast.Call) and _name(n) == "scoped")
        or (isinstance(n, ast.Name) and n.id in names)
        for n in ast.walk(node)
    )


def _is_tenant(node: ast.AST) -> bool:
    return isinstance(node, ast.Name) and node.id in {"school", "tenant"}


def unscoped(source: str) -> list[int]:
    """Lines of queries whose first argument does not come from ``scoped``."""
    tree = ast.parse(source)
    lines = source.splitlines()
    names = _scoped_names(tree)
    found = []
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or _name(node) not in QUERIES:
            continue
        if isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Constant):
            continue  # a string's find
        if node.args and _mentions_scope(node.args[0], names):
            continue
        near = lines[max(0, node.lineno - 3) : node.lineno + 1]
        if not any(MARK in line for line in near):
            found.append(node.lineno)
    return found


def hand_made_subjects(source: str) -> list[int]:
    """Lines of f-strings that look like a stream's subject."""
    return [
        node.lineno
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.JoinedStr)
        and node.values
        and isinstance(node.values[0], ast.Constant)
        and STREAM.match(str(node.values[0].value))
    ]


def test_every_query_is_scoped_to_a_tenant() -> None:
    assert {
        str(path.relative_to(ROOT)): lines
        for path in _sources()
        if "pymongo" in path.read_text() and (lines := unscoped(path.read_text()))
    } == {}


def test_no_subject_is_made_by_hand() -> None:
    assert {
        str(path.relative_to(ROOT)): lines
        for path in _sources()
        if (lines := hand_made_subjects(path.read_text()))
    } == {}


def test_the_rule_finds_what_it_is_for() -> None:
    assert unscoped("rows.find_one({'_id': x})") == [1]
    assert unscoped("rows.find_one(scoped(t, {'_id': x}))") == []
    assert unscoped("q = scoped(t)\nrows.find({'$and': [q, y]})") == []
    assert unscoped("# every tenant: the sweep\nrows.find({})") == []
    assert hand_made_subjects("f'incidents.{school}.{x}'") == [1]
    assert hand_made_subjects("f'place:{school}'") == []
