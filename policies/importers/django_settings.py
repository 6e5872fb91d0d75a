"""django-csp 4 and 3 and Django 6 settings: read as a tree, never run. Constants are known by name."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any

from policies.importers.pasted import NONCE, FoundPolicy, Pasted
from policies.policy import Mode

# Names of csp.constants and of django.utils.csp.CSP.
CONSTANTS: dict[str, str] = {
    "NONE": "'none'",
    "SELF": "'self'",
    "NONCE": NONCE,
    "STRICT_DYNAMIC": "'strict-dynamic'",
    "REPORT_SAMPLE": "'report-sample'",
    "UNSAFE_INLINE": "'unsafe-inline'",
    "UNSAFE_EVAL": "'unsafe-eval'",
    "UNSAFE_HASHES": "'unsafe-hashes'",
    "WASM_UNSAFE_EVAL": "'wasm-unsafe-eval'",
    "UNSAFE_ALLOW_REDIRECTS": "'unsafe-allow-redirects'",
}
SETTINGS: dict[str, Mode] = {
    "CONTENT_SECURITY_POLICY": "enforce",
    "CONTENT_SECURITY_POLICY_REPORT_ONLY": "report",
    "SECURE_CSP": "enforce",
    "SECURE_CSP_REPORT_ONLY": "report",
}
# CSP_ settings of django-csp 3 that are no directives.
NO_DIRECTIVES_3 = frozenset({"CSP_REPORT_ONLY", "CSP_INCLUDE_NONCE_IN", "CSP_EXCLUDE_URL_PREFIXES", "CSP_REPORT_PERCENTAGE"})


MAX_SETTINGS = 60_000
MAX_VALUE = 5_000


class _Unreadable(ValueError):
    """An expression that would have to be run."""


def read_django(text: str) -> Pasted | None:
    """Settings of any of the three; a setting that cannot be read without running it is named in a note."""
    if len(text) > MAX_SETTINGS or not any(name in text for name in (*SETTINGS, "CSP_")):
        return None
    try:
        tree = ast.parse(text.strip())
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    values, notes = _assignments(tree)
    found = [*_found_in_dicts(values, notes), *_found_in_version_3(values)]
    if not found:
        return None
    version = "django" if "SECURE_CSP" in text else "django-csp"
    return Pasted("django-csp-3" if any(name.startswith("CSP_") for name in values) else version, tuple(found), tuple(notes))


def _assignments(tree: ast.Module) -> tuple[dict[str, Any], list[str]]:
    values: dict[str, Any] = {}
    notes: list[str] = []
    for target, node in _targets(tree):
        try:
            values[target] = _value(node, values)
        except (_Unreadable, RecursionError):
            if target in SETTINGS or target.startswith("CSP_"):
                notes.append(f"{target} could not be read without running it.")
    return values, notes


def _targets(tree: ast.Module) -> Iterator[tuple[str, ast.expr]]:
    for statement in tree.body:
        if isinstance(statement, ast.Assign) and len(statement.targets) == 1 and isinstance(statement.targets[0], ast.Name):
            yield statement.targets[0].id, statement.value
        elif isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name) and statement.value is not None:
            yield statement.target.id, statement.value


def _value(node: ast.expr, known: dict[str, Any]) -> Any:
    """Strings, numbers, booleans, None, lists, dicts, sums of lists, names assigned before, and the constants."""
    if isinstance(node, ast.Name):
        return _named(node.id, known)
    if isinstance(node, ast.Attribute):
        return _named(node.attr, {})
    if isinstance(node, ast.List | ast.Tuple | ast.Set):
        return _list(node, known)
    if isinstance(node, ast.Dict):
        return _dict(node, known)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return _sum(_value(node.left, known), _value(node.right, known))
    try:
        return ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, MemoryError) as error:
        raise _Unreadable from error


def _named(name: str, known: dict[str, Any]) -> Any:
    if name in known:
        return known[name]
    if name in CONSTANTS:
        return CONSTANTS[name]
    raise _Unreadable(name)


def _list(node: ast.List | ast.Tuple | ast.Set, known: dict[str, Any]) -> list[Any]:
    result: list[Any] = []
    for element in node.elts:
        if isinstance(element, ast.Starred):
            value = _value(element.value, known)
            result.extend(value if isinstance(value, list) else [value])
        else:
            result.append(_value(element, known))
        _bounded(result)
    return result


def _dict(node: ast.Dict, known: dict[str, Any]) -> dict[Any, Any]:
    result: dict[Any, Any] = {}
    for key, item in zip(node.keys, node.values, strict=True):
        value = _value(item, known)
        if key is None:
            result.update(value if isinstance(value, dict) else {})
        else:
            name = _value(key, known)
            result[name if isinstance(name, str) else ""] = value
    return result


def _sum(left: Any, right: Any) -> Any:
    if isinstance(left, list) and isinstance(right, list):
        return _bounded(left + right)
    if isinstance(left, str) and isinstance(right, str):
        return _bounded(left + right)
    raise _Unreadable("+")


def _bounded(value: Any) -> Any:
    """`a = a + a` a few dozen times over would fill the memory."""
    if len(value) > MAX_VALUE:
        raise _Unreadable("too long")
    return value


def _found_in_dicts(values: dict[str, Any], notes: list[str]) -> Iterator[FoundPolicy]:
    for name, disposition in SETTINGS.items():
        setting = values.get(name)
        if not isinstance(setting, dict):
            continue
        is_django_csp = name.startswith("CONTENT_")
        directives = setting.get("DIRECTIVES", {}) if is_django_csp else setting
        if isinstance(directives, dict):
            if is_django_csp and "default-src" not in directives:
                directives = {"default-src": ["'self'"], **directives}
                notes.append(f"{name} sets no default-src, so django-csp sends default-src 'self'.")
            yield FoundPolicy(_policy_text(directives), disposition)
        notes.extend(f"{name}: {key} is not part of the policy." for key in ("EXCLUDE_URL_PREFIXES", "REPORT_PERCENTAGE") if key in setting)


def _found_in_version_3(values: dict[str, Any]) -> Iterator[FoundPolicy]:
    given = {name: value for name, value in values.items() if name.startswith("CSP_")}
    if not given:
        return
    directives: dict[str, Any] = {"default-src": ["'self'"]}
    for name, value in given.items():
        if name not in NO_DIRECTIVES_3:
            directives[name.removeprefix("CSP_").lower().replace("_", "-")] = value
    nonce_in = given.get("CSP_INCLUDE_NONCE_IN", [])
    for directive in nonce_in if isinstance(nonce_in, list) else []:
        if isinstance(directives.get(str(directive)), list):
            directives[str(directive)] = [*directives[str(directive)], NONCE]
    yield FoundPolicy(_policy_text(directives), "report" if given.get("CSP_REPORT_ONLY") else "enforce")


def _policy_text(directives: dict[str, Any]) -> str:
    parts = []
    for name, value in directives.items():
        if value is None or value is False:
            continue
        words = value if isinstance(value, list) else [] if value is True else [value]
        parts.append(" ".join([name, *(word for word in words if isinstance(word, str))]))
    return "; ".join(parts)
