"""The conditions of ignore rules: which evidence they match, in words, and when one rule covers another. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from policies.address import parse_address
from policies.directives import family_of

FIELDS = {
    "host": "blocked host",
    "directive": "directive",
    "page": "page",
    "source": "source file",
    "sample": "sample",
    "kind": "kind",
}
OPS = {"is": "is", "under": "is or is under", "contains": "contains"}
MOST = 4
SHORTEST = 3  # characters of a `contains`, so that it can't mean everything


@dataclass(frozen=True, slots=True)
class Condition:
    """`under` means: a host and its subdomains, a directive and its -elem and -attr, a page or file and what starts with it."""

    field: str
    op: str
    value: str

    @property
    def words(self) -> str:
        return f"{FIELDS[self.field]} {OPS[self.op]} {self.value}"

    def stored(self) -> dict[str, str]:
        return {"field": self.field, "op": self.op, "value": self.value}


@dataclass(frozen=True, slots=True)
class Facts:
    """One row of evidence, as conditions see it."""

    host: str = ""
    directive: str = ""
    page: str = ""
    source: str = ""
    sample: str = ""
    kind: str = ""


def facts_of(directive: str, kind: str, blocked: str, page: str, source: str, sample: str) -> Facts:
    address = parse_address(blocked)
    host = address.netloc or (f"{address.scheme}:" if address.scheme else "")
    return Facts(host, directive, page, source, sample, kind)


def conditions_of(stored: Iterable[Mapping[str, str]]) -> tuple[Condition, ...]:
    """From an IgnoreRule's JSON; what is malformed makes a rule that matches nothing rather than everything."""
    return tuple(Condition(str(each.get("field")), str(each.get("op")), str(each.get("value"))) for each in stored)


def problems_of(conditions: Sequence[Condition]) -> list[str]:
    """Why these conditions can't be a rule, in words."""
    problems = [] if conditions else ["Give at least one condition."]
    if len(conditions) > MOST:
        problems.append(f"{MOST} conditions are the most a rule can have.")
    for each in conditions:
        if each.field not in FIELDS or each.op not in OPS:
            problems.append("Choose what to compare, and how, from the lists.")
        elif not each.value:
            problems.append(f"Say which {FIELDS[each.field]} is meant.")
        elif each.op == "contains" and len(each.value) < SHORTEST:
            problems.append(f"“contains {each.value}” would match too much: {SHORTEST} characters at least.")
        elif each.field == "host" and each.op == "under" and "." not in each.value and each.value != "localhost":
            problems.append(f"“{each.value}” would hide every host under it. Name a whole domain.")
    return problems


def matches(conditions: Sequence[Condition], facts: Facts) -> bool:
    """All of them; a rule without conditions matches nothing."""
    return bool(conditions) and all(_holds(each, facts) for each in conditions)


def covers(wide: Sequence[Condition], narrow: Sequence[Condition]) -> bool:
    """Whatever `narrow` matches, `wide` matches too."""
    return bool(wide) and all(any(_implies(one, each) for one in narrow) for each in wide)


def _holds(condition: Condition, facts: Facts) -> bool:
    if condition.field not in FIELDS:
        return False
    seen, value = getattr(facts, condition.field), condition.value
    if condition.op == "is":
        return bool(seen == value)
    if condition.op == "under":
        return _is_under(condition.field, seen, value)
    return condition.op == "contains" and value.lower() in seen.lower()


def _is_under(field: str, seen: str, value: str) -> bool:
    if field == "host":
        host = seen if seen.endswith(":") else seen.split(":")[0]
        return host == value or host.endswith(f".{value}")
    if field == "directive":
        return seen == value or seen.startswith(f"{value}-") or family_of(seen) == value
    return seen.startswith(value)


def _implies(one: Condition, other: Condition) -> bool:
    """If `one` holds then `other` does."""
    if one.field != other.field:
        return False
    if one == other:
        return True
    if other.op == "under" and one.op in ("is", "under"):
        return _is_under(one.field, one.value, other.value)
    return other.op == "contains" and one.op in ("is", "contains") and other.value.lower() in one.value.lower()
