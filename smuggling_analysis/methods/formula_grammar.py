"""What a formula may say: a grammar, because formulaic runs what it is given as Python.

A formula is cut into its words first, then read with Python's own parser without being run. Only covariates, numbers,
the operators of formulas and calls of `FUNCTIONS` by their names pass; nothing that a call gives back can be called.
What would take all memory or never end is refused, too.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

FUNCTIONS = ("I", "C", "log", "log2", "log10", "exp", "center", "scale", "poly", "bs", "cs", "cr")
"""What a formula may apply to a covariate."""
COUNTED = {"poly": 20, "bs": 100, "cs": 100, "cr": 100}
"""Functions that take a whole number besides, and the largest: the degree or the columns."""
LONGEST = 1_000
"""Letters of a formula."""
MOST_TERMS = 5_000
"""Terms that a formula may be multiplied out to."""

_TOKEN = re.compile(r"(?P<space>\s+)|`(?P<quoted>[^`\n]+)`|(?P<name>[^\W\d]\w*)|[0-9]{1,15}(\.[0-9]{1,15})?(?!\w)"
                    r"|\*\*|[-+*/:^(),]")
_READ_AS = {":": "@", "^": "**"}


def names_of(text: str) -> tuple[str, ...]:
    """Return the covariates that a formula names, sorted, wherever they stand in it.

    Raises
    ------
    ValueError
        If it holds anything else than a formula does, or would be multiplied out without end.

    Examples
    --------
    >>> names_of("sex + poly(age, 2)")
    ('age', 'sex')
    """
    if len(text) > LONGEST:
        raise ValueError(f"a formula has up to {LONGEST:,} letters, this one {len(text):,}")
    if "|" in text:
        raise ValueError(f"the formula {text!r} has two parts: write covariates joined by +, : or *")
    if "~" in text:
        raise ValueError(f"the formula {text!r} names what is counted: give the covariates alone, "
                         f"for example {text.rpartition('~')[2].strip()!r}")
    words, names = _words(text)
    if not words.strip():
        return ()
    try:
        tree = ast.parse(words, mode="eval").body
        terms = _Reader(text, names).terms(tree)
    except (SyntaxError, RecursionError, MemoryError) as error:
        raise _unreadable(text) from error
    if terms > MOST_TERMS:
        raise ValueError(f"the formula {text!r} would be multiplied out to more than {MOST_TERMS:,} terms: "
                         "name those that matter")
    return tuple(sorted({names[word] for word in _bare(tree)}))


def _words(text: str) -> tuple[str, dict[str, str]]:
    """Return the formula with a plain word for each name, and the names by these words."""
    words: list[str] = []
    names: dict[str, str] = {}
    brackets: list[bool] = []
    place = 0
    while place < len(text):
        token = _TOKEN.match(text, place)
        if token is None:
            raise ValueError(f"the formula {text!r} cannot be read at {text[place:place + 10]!r}: write covariates "
                             "joined by +, : or *; put a name with other signs in it between `backticks`")
        name = token["quoted"] or token["name"]
        if name:
            if name.startswith("__"):
                raise ValueError(f"the formula {text!r} names {name}, which is no covariate")
            names[word := f"name{len(names)}"] = name
        elif token[0] == "(":
            brackets.append(bool(words) and words[-1] in names)
        elif token[0] == ")" and brackets:
            brackets.pop()
        elif token[0] == "^" and any(brackets):
            # Outside of calls it is a power, and within them Python would combine bits.
            raise ValueError(f"the formula {text!r} has a ^ within a call: write ** for a power")
        words.append(" " if token["space"] else word if name else _READ_AS.get(token[0], token[0]))
        place = token.end()
    return "".join(words).strip(), names


def _bare(tree: ast.expr) -> set[str]:
    """Return the words that stand for covariates, not for functions."""
    called = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and id(node) not in called}


@dataclass(frozen=True)
class _Reader:
    """Reads the tree of one formula."""

    text: str
    names: Mapping[str, str]

    def terms(self, node: ast.expr) -> int:
        """Return an upper bound of the terms that this part is multiplied out to."""
        match node:
            case ast.Name() | ast.Constant():
                return 1
            case ast.Call():
                self._check_call(node)
                return 1
            case ast.UnaryOp(op=ast.UAdd() | ast.USub()):
                return self.terms(node.operand)
            case ast.BinOp(op=ast.Pow(), right=ast.Constant(value=int(times))):
                # Beyond the limit the power itself need not be known.
                return min((1 + self.terms(node.left)) ** min(times, 15) - 1, MOST_TERMS + 1)
            case ast.BinOp() if type(node.op) in _TERMS:
                return min(_TERMS[type(node.op)](self.terms(node.left), self.terms(node.right)), MOST_TERMS + 1)
        raise _unreadable(self.text)

    def _check_call(self, node: ast.Call) -> None:
        if not isinstance(node.func, ast.Name):
            raise ValueError(f"the formula {self.text!r} calls what another call gives back: a formula may call "
                             f"{', '.join(FUNCTIONS)}")
        name = self.names[node.func.id]
        if name not in FUNCTIONS:
            raise ValueError(f"the formula {self.text!r} calls {name}: a formula may call {', '.join(FUNCTIONS)}")
        if not node.args or node.keywords or not self._calculates(node.args[0]):
            raise ValueError(f"the formula {self.text!r} gives {name} no covariate")
        others = node.args[1:]
        most = COUNTED.get(name, 0)
        counts = [other.value for other in others if isinstance(other, ast.Constant) and isinstance(other.value, int)]
        if len(others) > bool(most) or len(counts) < len(others) or not all(0 < count <= most for count in counts):
            raise ValueError(f"the formula {self.text!r}: {name} takes a covariate" + (
                f" and a whole number from 1 to {most}" if most else " and nothing else"))

    def _calculates(self, node: ast.expr) -> bool:
        """Check what is calculated within a call, and return whether a covariate is in it."""
        match node:
            case ast.Name():
                return True
            case ast.Constant():
                return False
            case ast.Call():
                self._check_call(node)
                return True
            case ast.UnaryOp(op=ast.UAdd() | ast.USub()):
                return self._calculates(node.operand)
            case ast.BinOp(op=ast.Add() | ast.Sub() | ast.Mult() | ast.Div() | ast.Pow()):
                both = (self._calculates(node.left), self._calculates(node.right))
                # Whole numbers to the power of whole numbers have no end.
                if any(both) or not isinstance(node.op, ast.Pow):
                    return any(both)
        raise _unreadable(self.text)


_TERMS: Mapping[type[ast.operator], Callable[[int, int], int]] = {
    ast.Add: lambda left, right: left + right, ast.Sub: lambda left, right: left + right,
    ast.MatMult: lambda left, right: left * right, ast.Mult: lambda left, right: left + right + left * right,
    ast.Div: lambda left, right: left + right,
}
"""How many terms come of two parts, by what stands between them; ":" is read as "@", which binds as "*" does."""


def _unreadable(text: str) -> ValueError:
    return ValueError(f"the formula {text!r} cannot be read: write covariates joined by +, : or *")
