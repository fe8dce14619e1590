"""Estimates: what every method returns, or why it returns none.

An `Estimate` refuses to exist when it is nonsense, and computes with others (`arithmetic`).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from statistics import NormalDist
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from smuggling_analysis.draws import Draws, digest, equal_tailed, normal_scores

OWN_CAUTIONS = ("the interval leaves out its own point", "the lower limit lies below the number observed")
"""What an estimate says of its own limits."""


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
    identity : str
        Names the estimate, so that it stays itself in arithmetic when it is described in other words; made
        from its numbers and words unless given.

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
    identity: str = ""

    def __post_init__(self) -> None:
        for name in ("value", "lower", "upper", "confidence_level", "observed", "se"):
            given = getattr(self, name)
            if given is not None:
                object.__setattr__(self, name, float(given))
        object.__setattr__(self, "diagnostics", MappingProxyType(dict(self.diagnostics)))
        _refuse_nonsense(self)
        if not self.identity:
            # Nine digits: another processor's last bits must not make it another estimate, with other draws.
            numbers = tuple(f"{number:.9g}" for number in (self.value, self.lower, self.upper))
            named = (self.method, self.fingerprint, *numbers, self.unit, self.population, self.place, self.period)
            object.__setattr__(self, "identity", digest("estimate", *named))
        object.__setattr__(self, "cautions", _distinct((*self.cautions, *_own_cautions(self))))

    def __getstate__(self) -> dict[str, Any]:
        """Pickle and copy with plain diagnostics: the read-only view of them cannot be pickled."""
        return {**self.__dict__, "diagnostics": dict(self.diagnostics)}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state, diagnostics=MappingProxyType(state["diagnostics"]))

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
        lower, upper = equal_tailed(made.values, confidence_level)
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
        joint = digest("implied", self.identity)
        values, shape = _implied(self, normal_scores())
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
        text = (f"Estimate({_show(self.value)} {self.unit}, {100 * self.confidence_level:g}% interval "
                f"{_show(self.lower)} to {_show(self.upper)}; {self.method}{'; ' + words if words else ''}")
        if self.cautions:
            text += f"; {len(self.cautions)} caution{'s' * (len(self.cautions) > 1)}"
        return text + ")"

    def __add__(self, other: Estimate | float) -> Estimate:
        return _combined(self, other, "+")

    def __radd__(self, other: float) -> Estimate:
        # sum() starts from 0, which is no operand.
        return self if other == 0 else _combined(other, self, "+")

    def __sub__(self, other: Estimate | float) -> Estimate:
        return _combined(self, other, "-")

    def __rsub__(self, other: float) -> Estimate:
        return _combined(other, self, "-")

    def __mul__(self, other: Estimate | float) -> Estimate:
        return _combined(self, other, "x")

    __rmul__ = __mul__

    def __truediv__(self, other: Estimate | float) -> Estimate:
        return _combined(self, other, "/")

    def __rtruediv__(self, other: float) -> Estimate:
        return _combined(other, self, "/")


def _combined(left: Estimate | float, right: Estimate | float, symbol: str) -> Estimate:
    from smuggling_analysis.arithmetic import combine

    return combine(left, right, symbol)


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
        raise ValueError(f"{estimate.method}: a population of {estimate.value} is below the "
                         f"{estimate.observed} observed")


def _own_cautions(estimate: Estimate) -> list[str]:
    found = []
    if not estimate.lower <= estimate.value <= estimate.upper:
        found.append(OWN_CAUTIONS[0])
    if estimate.observed is not None and estimate.lower < estimate.observed:
        found.append(OWN_CAUTIONS[1])
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


def _implied(estimate: Estimate, scores: NDArray[np.float64]) -> tuple[NDArray[np.float64], str]:
    z = NormalDist().inv_cdf(0.5 + estimate.confidence_level / 2)
    value, lower, upper = (estimate.value, min(estimate.lower, estimate.value), max(estimate.upper, estimate.value))
    floor = estimate.observed if estimate.observed is not None and lower > estimate.observed else 0.0
    if lower > floor:
        steps = np.where(scores < 0, math.log((value - floor) / (lower - floor)),
                         math.log((upper - floor) / (value - floor)))
        return floor + (value - floor) * np.exp(steps * scores / z), "two-piece log-normal"
    return value + np.where(scores < 0, value - lower, upper - value) * scores / z, "two-piece normal"
