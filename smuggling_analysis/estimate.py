"""Estimates: what every method returns, and how they compute with one another.

An `Estimate` refuses to exist when it is nonsense. Arithmetic works on draws,
so that a market value carries the uncertainty of everything beneath it:

- draws that come from one joint distribution (one bootstrap, one posterior) share a name in
  `Draws.joint` and stay aligned, draw by draw;
- draws of different joints are combined as independent, and a caution says so. They are put in an
  order that depends on the joint's name alone, so that two methods run with the same seed are not
  mistaken for correlated ones.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from statistics import NormalDist
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from smuggling_analysis import units

IMPLIED_DRAWS = 4000


class NoEstimate(Exception):
    """A method cannot answer: why not, and which data would make an answer possible.

    A refused estimate is a result: chapters print it in place of a number.

    Parameters
    ----------
    reason : str
        The reason in the field's words.
    needed : str
        The data that would make an estimate possible.

    Examples
    --------
    >>> raise NoEstimate("no person is on both lists", "records that share an identifier")
    Traceback (most recent call last):
    ...
    smuggling_analysis.estimate.NoEstimate: no person is on both lists. Needed: records that share an identifier
    """

    def __init__(self, reason: str, needed: str):
        self.reason, self.needed = reason, needed
        super().__init__(f"{reason}. Needed: {needed}")

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle by the two sentences, so that a worker's refusal reaches its caller whole."""
        return (type(self), (self.reason, self.needed))


def digest(*parts: object) -> str:
    """Return the SHA-256 of the parts' texts, in hexadecimal: the fingerprint of what they describe."""
    state = hashlib.sha256()
    for part in parts:
        text = repr(part).encode()
        state.update(len(text).to_bytes(8, "big") + text)
    return state.hexdigest()


@dataclass(frozen=True, eq=False)
class Draws:
    """Draws from the distribution of an estimate.

    Parameters
    ----------
    values : (draws,) array
        The draws, finite, read-only.
    joint : frozenset of str
        The names of the joint distributions they were drawn from.
    """

    values: NDArray[np.float64]
    joint: frozenset[str]

    @classmethod
    def of(cls, values: ArrayLike, joint: str) -> Draws:
        """Take draws in the order that belongs to their joint distribution.

        Parameters
        ----------
        values : (draws,) array-like
            Draws; row `i` of every quantity of one joint belongs together.
        joint : str
            The joint distribution's name, for example the evidence's fingerprint and the method.
        """
        array = np.array(values, dtype=float).ravel()
        if array.size < 2 or not np.isfinite(array).all():
            raise ValueError(f"draws must be two or more finite numbers, got {array.size} of which "
                             f"{int((~np.isfinite(array)).sum())} are not finite: drop or count the failed replicates")
        # The number of draws is part of the name: rows of different lengths cannot belong together.
        name = digest(joint, array.size)
        array = array[np.random.default_rng(int(name[:16], 16)).permutation(array.size)]
        array.flags.writeable = False
        return cls(array, frozenset({name}))


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class Estimate:
    """An estimated number with its uncertainty and everything needed to review it.

    Parameters
    ----------
    value, lower, upper : float
        The estimate and the limits of its interval, in `unit`.
    unit : str
        What is counted or measured: "persons", "deaths", "crossings", "USD", "deaths per departure".
    method : str
        The method's name and, where there is a choice, the model.
    confidence_level : float
        The interval's level, between 0 and 1.
    population, place, period : str
        Who is counted, where, when.
    observed : float, optional
        How many of them were observed; no estimate of persons may lie below it.
    se : float, optional
        Standard error, in `unit`.
    interval : str
        How the interval was made: "log-normal", "profile likelihood", "BCa bootstrap of 1,000 replicates".
    draws : Draws, optional
        Draws from the estimate's distribution.
    diagnostics : mapping
        What the method measured of itself: deviance, convergence, replicates that failed, R-hat ...
    cautions : tuple of str
        Sentences a reader must see beside the number.
    rating : str, optional
        A, B, C or D (see assessment rules).
    fingerprint : str
        Fingerprint of the evidence the estimate rests on.
    unbounded : bool
        Declares that an infinite limit is meant.
    simulated : bool
        Whether simulated data lies beneath: such an estimate is watermarked wherever it is shown.

    Raises
    ------
    ValueError
        If the numbers are nonsense: not finite, limits crossed, a population below the number observed.

    Examples
    --------
    >>> clients = Estimate(value=500.0, lower=400.0, upper=650.0, unit="persons", method="chapman")
    >>> fee = Estimate(value=150.0, lower=120.0, upper=200.0, unit="USD per person", method="survey mean")
    >>> revenue = clients * fee
    >>> revenue.value, revenue.unit
    (75000.0, 'USD')
    """

    value: float
    lower: float
    upper: float
    unit: str
    method: str
    confidence_level: float = 0.95
    population: str = ""
    place: str = ""
    period: str = ""
    observed: float | None = None
    se: float | None = None
    interval: str = ""
    draws: Draws | None = None
    diagnostics: Mapping[str, Any] = field(default_factory=dict)
    cautions: tuple[str, ...] = ()
    rating: str | None = None
    fingerprint: str = ""
    unbounded: bool = False
    simulated: bool = False

    def __post_init__(self) -> None:
        for name in ("value", "lower", "upper", "confidence_level", "observed", "se"):
            given = getattr(self, name)
            if given is not None:
                object.__setattr__(self, name, float(given))
        object.__setattr__(self, "diagnostics", MappingProxyType(dict(self.diagnostics)))
        _refuse_nonsense(self)
        object.__setattr__(self, "cautions", _distinct((*self.cautions, *_own_cautions(self))))

    @classmethod
    def from_draws(cls, draws: ArrayLike, *, joint: str, unit: str, method: str, value: float | None = None,
                   confidence_level: float = 0.95, **described: Any) -> Estimate:
        """Make an estimate from draws: median (unless `value` is given), equal-tailed interval, SD as SE.

        Parameters
        ----------
        draws : (draws,) array-like
            Draws of the quantity; row `i` of everything drawn together belongs together.
        joint : str
            Name of the joint distribution, the same for everything drawn together.
        unit, method, value, confidence_level
            As in `Estimate`.
        **described
            Any other field of `Estimate`.

        Examples
        --------
        >>> import numpy as np
        >>> Estimate.from_draws(np.arange(101.0), joint="demo", unit="persons", method="uniform").value
        50.0
        """
        made = Draws.of(draws, joint)
        lower, upper = _equal_tailed(made.values, confidence_level)
        return cls(value=float(np.median(made.values)) if value is None else value, lower=lower, upper=upper,
                   unit=unit, method=method, confidence_level=confidence_level, draws=made,
                   **{"se": float(made.values.std(ddof=1)), "interval": "equal-tailed, from draws", **described})

    def with_draws(self) -> Estimate:
        """Return the estimate with draws, implied by its interval where the method gave none.

        The implied distribution has half its mass on either side of `value` and the interval's limits as
        its quantiles: log-normal in the number not observed where the lower limit allows it (the scale on
        which population sizes are skewed), else normal. The draws depend on the estimate alone.

        Raises
        ------
        NoEstimate
            If a limit is infinite: such an interval implies no distribution.
        """
        if self.draws is not None:
            return self
        if math.isinf(self.lower) or math.isinf(self.upper):
            raise NoEstimate(f"the interval of {self.method} is unbounded, so nothing can be computed with it",
                             "an estimate with two finite limits")
        joint = digest("implied", self.method, self.fingerprint, self.value, self.lower, self.upper, self.unit,
                       self.population, self.place, self.period)
        scores = np.random.default_rng(int(joint[:16], 16)).standard_normal(IMPLIED_DRAWS)
        values, shape = _implied(self, scores)
        caution = f"draws of {self.population or self.method} are implied by its interval ({shape})"
        return replace(self, draws=Draws.of(values, joint), cautions=(*self.cautions, caution))

    def described(self, **fields: Any) -> Estimate:
        """Return the same numbers under other words: population, place, period, unit, method, rating, cautions."""
        allowed = {"population", "place", "period", "unit", "method", "rating", "cautions", "interval", "simulated"}
        if wrong := set(fields) - allowed:
            raise TypeError(f"described() changes words, not numbers: it cannot set {', '.join(sorted(wrong))}")
        return replace(self, **fields)

    def to_dict(self) -> dict[str, Any]:
        """Return every field but the draws, ready for JSON."""
        plain = {name: getattr(self, name) for name in self.__dataclass_fields__ if name != "draws"}
        plain["cautions"] = list(self.cautions)
        plain["diagnostics"] = {key: _plain(item) for key, item in self.diagnostics.items()}
        for name in ("lower", "upper"):
            plain[name] = None if math.isinf(plain[name]) else plain[name]
        plain["draws"] = 0 if self.draws is None else int(self.draws.values.size)
        return plain

    def __repr__(self) -> str:
        words = " ".join(part for part in (self.place, self.period) if part)
        text = (f"Estimate({_show(self.value)} {self.unit}, {self.confidence_level:.0%} interval {_show(self.lower)} to "
                f"{_show(self.upper)}; {self.method}{'; ' + words if words else ''}")
        if self.cautions:
            text += f"; {len(self.cautions)} caution{'s' * (len(self.cautions) > 1)}"
        return text + ")"

    def __add__(self, other: Estimate | float) -> Estimate:
        return _combine(self, other, "+")

    def __radd__(self, other: float) -> Estimate:
        return self if other == 0 else _combine(other, self, "+")

    def __sub__(self, other: Estimate | float) -> Estimate:
        return _combine(self, other, "-")

    def __rsub__(self, other: float) -> Estimate:
        return _combine(other, self, "-")

    def __mul__(self, other: Estimate | float) -> Estimate:
        return _combine(self, other, "x")

    __rmul__ = __mul__

    def __truediv__(self, other: Estimate | float) -> Estimate:
        return _combine(self, other, "/")

    def __rtruediv__(self, other: float) -> Estimate:
        return _combine(other, self, "/")


def _refuse_nonsense(estimate: Estimate) -> None:
    numbers = {"value": estimate.value, "lower": estimate.lower, "upper": estimate.upper, "se": estimate.se}
    for name, number in numbers.items():
        if number is not None and math.isnan(number):
            raise ValueError(f"{estimate.method}: {name} is not a number; raise NoEstimate where there is no answer")
    if math.isinf(estimate.value) or (estimate.se is not None and not 0 <= estimate.se < math.inf):
        raise ValueError(f"{estimate.method}: value {estimate.value} and se {estimate.se} must be finite, "
                         "and se not negative; raise NoEstimate where there is no answer")
    if estimate.lower > estimate.upper:
        raise ValueError(f"{estimate.method}: the lower limit {estimate.lower} lies above the upper {estimate.upper}")
    if not estimate.unbounded and (math.isinf(estimate.lower) or math.isinf(estimate.upper)):
        raise ValueError(f"{estimate.method}: an infinite limit must be declared with unbounded=True")
    if not 0 < estimate.confidence_level < 1:
        raise ValueError(f"confidence_level is a share between 0 and 1, got {estimate.confidence_level}")
    if not estimate.unit:
        raise ValueError(f"{estimate.method}: an estimate needs a unit, for example 'persons'")
    if estimate.rating not in (None, "A", "B", "C", "D"):
        raise ValueError(f"rating is A, B, C or D, got {estimate.rating!r}")
    if estimate.observed is not None and estimate.value < estimate.observed * (1 - 1e-12):
        raise ValueError(f"{estimate.method}: a population of {estimate.value} is below the {estimate.observed} observed")


def _own_cautions(estimate: Estimate) -> list[str]:
    found = []
    if not estimate.lower <= estimate.value <= estimate.upper:
        found.append("the interval leaves out its own point")
    if estimate.observed is not None and estimate.lower < estimate.observed:
        found.append("the lower limit lies below the number observed")
    return found


def _distinct(sentences: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(sentences))


def _show(number: float) -> str:
    return f"{number:,.0f}" if 1000 <= abs(number) < math.inf else f"{number:.4g}"


def _plain(item: Any) -> Any:
    if isinstance(item, np.ndarray):
        return item.tolist()
    if isinstance(item, np.generic):
        return item.item()
    if isinstance(item, Mapping):
        return {str(key): _plain(value) for key, value in item.items()}
    if isinstance(item, (list, tuple)):
        return [_plain(value) for value in item]
    return item


def _equal_tailed(values: NDArray[np.float64], confidence_level: float) -> tuple[float, float]:
    tail = (1 - confidence_level) / 2
    lower, upper = np.quantile(values, [tail, 1 - tail])
    return float(lower), float(upper)


def _implied(estimate: Estimate, scores: NDArray[np.float64]) -> tuple[NDArray[np.float64], str]:
    z = NormalDist().inv_cdf(0.5 + estimate.confidence_level / 2)
    value, lower, upper = (estimate.value, min(estimate.lower, estimate.value), max(estimate.upper, estimate.value))
    floor = estimate.observed if estimate.observed is not None and lower > estimate.observed else 0.0
    if lower > floor:
        steps = np.where(scores < 0, math.log((value - floor) / (lower - floor)),
                         math.log((upper - floor) / (value - floor)))
        return floor + (value - floor) * np.exp(steps * scores / z), "two-piece log-normal"
    return value + np.where(scores < 0, value - lower, upper - value) * scores / z, "two-piece normal"


_OPERATIONS: dict[str, Callable[[Any, Any], Any]] = {
    "+": lambda left, right: left + right,
    "-": lambda left, right: left - right,
    "x": lambda left, right: left * right,
    "/": lambda left, right: left / right,
}


def _combine(left: Estimate | float, right: Estimate | float, symbol: str) -> Estimate:
    for operand in (left, right):
        if not isinstance(operand, (Estimate, int, float, np.integer, np.floating)):
            raise TypeError(f"an Estimate combines with an Estimate or a number, got {type(operand).__name__}")
    parts = [operand.with_draws() for operand in (left, right) if isinstance(operand, Estimate)]
    compute = _OPERATIONS[symbol]
    if symbol == "/":
        _refuse_zero(right)
    size = min(part.draws.values.size for part in parts if part.draws is not None)
    # Draws are in random order, so the first `size` of each are a fair sample and stay aligned.
    value = compute(_number(left), _number(right))
    values = compute(_values(left, parts, size, first=True), _values(right, parts, size, first=False))
    level = max(part.confidence_level for part in parts)
    lower, upper = _equal_tailed(values, level)
    values = np.array(values, dtype=float)
    values.flags.writeable = False
    joint: frozenset[str] = frozenset().union(*(part.draws.joint for part in parts if part.draws is not None))
    return Estimate(
        value=value, lower=lower, upper=upper, unit=_unit(left, right, symbol),
        method=f"{_name(left)} {symbol} {_name(right)}", confidence_level=level,
        population=_shared(parts, "population"), place=_shared(parts, "place"), period=_shared(parts, "period"),
        se=float(values.std(ddof=1)), interval="equal-tailed, from draws", draws=Draws(values, joint),
        cautions=(*(caution for part in parts for caution in part.cautions if caution not in _POINT_CAUTIONS),
                  *_independence(parts)),
        fingerprint=digest(symbol, *(part.fingerprint for part in parts),
                           *(operand for operand in (left, right) if not isinstance(operand, Estimate))),
        simulated=any(part.simulated for part in parts),
    )


# These say something of one estimate's own limits and are found afresh for the result's.
_POINT_CAUTIONS = ("the interval leaves out its own point", "the lower limit lies below the number observed")


def _values(operand: Estimate | float, parts: list[Estimate], size: int, *, first: bool) -> Any:
    if not isinstance(operand, Estimate):
        return float(operand)
    drawn = (parts[0] if first else parts[-1]).draws
    assert drawn is not None
    return drawn.values[:size]


def _number(operand: Estimate | float) -> float:
    return operand.value if isinstance(operand, Estimate) else float(operand)


def _name(operand: Estimate | float) -> str:
    return f"({operand.method})" if isinstance(operand, Estimate) else f"{operand:,g}"


def _unit(left: Estimate | float, right: Estimate | float, symbol: str) -> str:
    if not isinstance(left, Estimate) or not isinstance(right, Estimate):
        if isinstance(left, Estimate):
            return left.unit
        assert isinstance(right, Estimate)
        return f"1 per {right.unit}" if symbol == "/" else right.unit
    if symbol == "x":
        return units.product(left.unit, right.unit)
    if symbol == "/":
        return units.ratio(left.unit, right.unit)
    if left.unit != right.unit:
        raise ValueError(f"cannot compute {left.unit} {symbol} {right.unit}: convert one to the other's unit first")
    return left.unit


def _refuse_zero(divisor: Estimate | float) -> None:
    if not isinstance(divisor, Estimate):
        if divisor == 0:
            raise ZeroDivisionError("an estimate cannot be divided by zero")
        return
    drawn = divisor.with_draws().draws
    assert drawn is not None
    if drawn.values.min() <= 0 <= drawn.values.max():
        raise NoEstimate(f"the divisor ({divisor.method}) may be zero: its draws reach from "
                         f"{drawn.values.min():,.6g} to {drawn.values.max():,.6g}",
                         "a divisor estimated well enough to exclude zero")


def _shared(parts: list[Estimate], name: str) -> str:
    return "; ".join(dict.fromkeys(text for part in parts if (text := getattr(part, name))))


def _independence(parts: list[Estimate]) -> list[str]:
    if len(parts) < 2 or parts[0].draws is None or parts[1].draws is None:
        return []
    if parts[0].draws.joint & parts[1].draws.joint:
        return []
    names = " and ".join(part.population or part.method for part in parts)
    return [f"combined as independent: {names}"]
