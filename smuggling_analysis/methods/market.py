"""The market: revenue as volume x fee x paying share, with its uncertainty taken apart."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from smuggling_analysis import units
from smuggling_analysis.draws import Draws
from smuggling_analysis.estimate import Estimate, NoEstimate
from smuggling_analysis.methods.fees import at_prices_of as at_prices_of
from smuggling_analysis.methods.fees import fee_by_route as fee_by_route
from smuggling_analysis.methods.judgement import expert_range as expert_range

_ROUNDING = 1e-24


@dataclass(frozen=True, eq=False, kw_only=True)
class Revenue:
    """What smugglers take, what it was computed from, and which ingredient its uncertainty comes from.

    Parameters
    ----------
    estimate : Estimate
        The revenue, in the fee's currency.
    ingredients : mapping
        "volume", "fee" and, unless everybody pays, "paying share", each an Estimate.
    decomposition : mapping
        Each ingredient's first-order share of the variance of log revenue, between 0 and 1. The shares
        add up to 1 when the ingredients are independent.
    """

    estimate: Estimate
    ingredients: Mapping[str, Estimate]
    decomposition: Mapping[str, float]

    def __post_init__(self) -> None:
        object.__setattr__(self, "ingredients", MappingProxyType(dict(self.ingredients)))
        object.__setattr__(self, "decomposition", MappingProxyType(dict(self.decomposition)))

    def frame(self) -> pd.DataFrame:
        """Return one row per ingredient: its numbers, its unit and its share of the uncertainty."""
        return pd.DataFrame([
            {"ingredient": name, "value": part.value, "lower": part.lower, "upper": part.upper,
             "unit": part.unit, "share_of_variance": self.decomposition[name], "basis": part.method}
            for name, part in self.ingredients.items()])


def revenue(volume: Estimate, fee: Estimate, *, paying_share: Estimate | float = 1.0) -> Revenue:
    r"""Estimate the revenue of smuggling as volume x fee x paying share, on draws.

    The decomposition is Sobol's first-order index of log revenue,
    :math:`S_i = \operatorname{Var}\{\operatorname{E}(\log R \mid x_i)\} / \operatorname{Var}(\log R)`. For
    independent ingredients it is exact, because the logarithm of a product is a sum: the variance of the
    ingredient's logarithm over the sum of all of them. Ingredients drawn from one joint distribution are
    taken by conditional variance instead.

    Parameters
    ----------
    volume : Estimate
        People smuggled, in persons (or crossings, departures).
    fee : Estimate
        What each pays, for example in "USD per person".
    paying_share : Estimate or float
        The share of them who pay, above 0 and at most 1.

    Returns
    -------
    Revenue
        The estimate in the fee's currency, its ingredients and its decomposition.

    Raises
    ------
    NoEstimate
        If an ingredient may be zero or less, so that its logarithm does not exist.
    ValueError
        If volume times fee is not money, or the paying share not a share.

    References
    ----------
    Sobol' IM (2001). Global sensitivity indices for nonlinear mathematical models and their Monte Carlo
    estimates. Mathematics and Computers in Simulation 55(1-3), 271-280. doi:10.1016/S0378-4754(00)00270-6

    Examples
    --------
    >>> volume = Estimate(value=55_000, lower=40_000, upper=70_000, unit="persons", method="assessment")
    >>> fee = Estimate(value=150, lower=100, upper=250, unit="USD per person", method="survey")
    >>> market = revenue(volume, fee)
    >>> market.estimate.value, market.estimate.unit
    (8250000.0, 'USD')
    >>> {name: round(share, 1) for name, share in market.decomposition.items()}
    {'volume': 0.3, 'fee': 0.7}
    """
    _check_money(volume, fee)
    _check_share(paying_share)
    parts = {"volume": volume, "fee": fee}
    if isinstance(paying_share, Estimate):
        parts["paying share"] = paying_share
    parts = {name: part.with_draws() for name, part in parts.items()}
    total = parts["volume"] * parts["fee"] * parts.get("paying share", paying_share)
    estimate = total.described(method="revenue: volume x fee x paying share",
                               cautions=_cautions(total, parts))
    return Revenue(estimate=estimate, ingredients=parts, decomposition=variance_shares(parts))


def revenue_by_route(judgements: Mapping[str, Any], *, period: str = "") -> dict[str, Revenue]:
    """Estimate revenue for every route whose volume and fee an assessment judges.

    Parameters
    ----------
    judgements : mapping
        Key to judgement, each with `low, value, high, unit, reason`. A route is what stands before
        "-volume"; "-fee" must go with it, and "-paying-share" may.
    period : str
        The year of the revenue.

    Returns
    -------
    dict of str to Revenue
        By route, in the order of the assessment: "cambodia-to-thailand" is called "Cambodia to Thailand".
    """
    found = {}
    for key in judgements:
        route, volume, rest = key.partition("-volume")
        if not volume or rest:
            continue
        place = " ".join(word if word == "to" else word.capitalize() for word in route.split("-"))
        parts = {name: _judged(judgements[f"{route}-{name}"], name.replace("-", " "), place, period)
                 for name in ("volume", "fee", "paying-share") if f"{route}-{name}" in judgements}
        if "fee" not in parts:
            raise ValueError(f"{key} has no {route}-fee beside it: judge the fee as well")
        found[place] = revenue(parts["volume"], parts["fee"], paying_share=parts.get("paying-share", 1.0))
    return found


def variance_shares(ingredients: Mapping[str, Estimate]) -> dict[str, float]:
    """Say which share of the variance of the log of a product comes from each of its factors.

    Parameters
    ----------
    ingredients : mapping
        The factors, by name.

    Returns
    -------
    dict
        First-order shares by name. Exact for independent factors; by conditional variance on draws (the
        variance of the means within equal-sized groups of the factor's draws) for factors drawn jointly.

    Raises
    ------
    NoEstimate
        If a factor's draws reach zero or below.

    Examples
    --------
    >>> wide = Estimate(value=100, lower=25, upper=400, unit="persons", method="wide")
    >>> narrow = Estimate(value=100, lower=50, upper=200, unit="USD per person", method="narrow")
    >>> {name: round(share, 1) for name, share in variance_shares({"wide": wide, "narrow": narrow}).items()}
    {'wide': 0.8, 'narrow': 0.2}
    """
    drawn: dict[str, Draws] = {}
    for name, part in ingredients.items():
        own = part.with_draws().draws
        assert own is not None
        if own.values.min() <= 0:
            raise NoEstimate(f"the {name} may be zero or less: its draws reach down to "
                             f"{own.values.min():,.6g}", f"a {name} estimated well enough to exclude zero")
        drawn[name] = own
    size = min(draws.values.size for draws in drawn.values())
    logs = {name: np.log(draws.values[:size]) for name, draws in drawn.items()}
    if _independent(list(drawn.values())):
        spread = {name: float(np.log(draws.values).var(ddof=1)) for name, draws in drawn.items()}
        whole = sum(spread.values())
        # Factors that do not vary leave rounding behind, and no share of it.
        return {name: part / whole if whole > _ROUNDING else 0.0 for name, part in spread.items()}
    product = np.sum(list(logs.values()), axis=0)
    return {name: _first_order(values, product) for name, values in logs.items()}


def _cautions(total: Estimate, parts: Mapping[str, Estimate]) -> tuple[str, ...]:
    """Say once what every ingredient and every step would say again; the ingredients keep their reasons."""
    judged = {name: part for name, part in parts.items() if part.diagnostics.get("judgement")}
    told = [caution for part in judged.values() for caution in part.cautions]
    kept = [caution for caution in total.cautions
            if caution not in told and not caution.startswith("combined as independent")]
    found = []
    if judged:
        found.append(f"{_listed(list(judged))}: judged, not measured; the reasons stand beside them")
    if _independent([part.draws for part in parts.values() if part.draws is not None]):
        found.append(f"{_listed(list(parts))} are taken as unrelated to each other")
    return (*kept, *found)


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _judged(judgement: Any, what: str, place: str, period: str) -> Estimate:
    return expert_range(judgement.low, judgement.value, judgement.high, unit=judgement.unit, place=place,
                        population=f"{what}, {place}", reason=judgement.reason, period=period)


def _check_money(volume: Estimate, fee: Estimate) -> None:
    for name, part in (("volume", volume), ("fee", fee)):
        if not isinstance(part, Estimate):
            raise TypeError(f"the {name} is an Estimate, got {part!r}: make a judged one with expert_range")
    money, per, _ = fee.unit.rpartition(" per ")
    if not per or units.product(volume.unit, fee.unit) != money:
        raise ValueError(f"a volume in {volume.unit} times a fee in {fee.unit} is not money: "
                         "give the volume in persons and the fee in, for example, USD per person")


def _check_share(share: Estimate | float) -> None:
    if isinstance(share, Estimate):
        if share.unit != "share":
            raise ValueError(f"paying_share is a share, got an estimate in {share.unit}")
        if share.upper > 1:
            raise ValueError(f"paying_share reaches up to {share.upper:g}, and more people cannot pay than there "
                             "are: give an interval within 0 and 1, for example with expert_range")
        number = share.value
    else:
        number = float(share)
    if not 0 < number <= 1:
        raise ValueError(f"paying_share is above 0 and at most 1, got {number:g}")


def _independent(drawn: list[Draws]) -> bool:
    names = [name for draws in drawn for name in draws.joint]
    return len(names) == len(set(names))


def _first_order(factor: NDArray[np.float64], product: NDArray[np.float64]) -> float:
    groups = np.array_split(np.argsort(factor, kind="stable"), max(2, math.isqrt(factor.size) // 2))
    means = np.array([product[group].mean() for group in groups])
    sizes = np.array([group.size for group in groups])
    between = float(np.average((means - product.mean()) ** 2, weights=sizes))
    # Groups of m draws scatter by Var/m even around a factor that explains nothing; that much is taken off.
    within = float(np.average([product[group].var() for group in groups], weights=sizes))
    noise = within * (len(groups) - 1) / (product.size - len(groups))
    whole = float(product.var())
    return max(0.0, (between - noise) / whole) if whole > _ROUNDING else 0.0
