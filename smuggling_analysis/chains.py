"""Markov chains, and whether they agree: R-hat, effective sample sizes, Monte Carlo error.

The measures are those of Vehtari et al. (2021): draws are ranked first, so that heavy tails do not hide a chain
that has not mixed, and each chain is split in two, so that a drift counts as disagreement.

References
----------
Vehtari, A., Gelman, A., Simpson, D., Carpenter, B. and Buerkner, P.-C. (2021). Rank-normalization, folding, and
localization: an improved R-hat for assessing convergence of MCMC. Bayesian Analysis 16(2), 667-718.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from smuggling_analysis.draws import Draws, equal_tailed
from smuggling_analysis.estimate import Estimate, NoEstimate

if TYPE_CHECKING:
    import pandas as pd

MOST_RHAT = 1.01
"""Above this the chains have not quite agreed, and the estimate says so (Vehtari et al. 2021)."""
REFUSED_RHAT = 1.1
"""Above this the chains are about different numbers, and there is no estimate."""
LEAST_ESS = 400
"""Below this the limits of the interval are not well known, and the estimate says so (Vehtari et al. 2021)."""
REFUSED_ESS = 100
"""Below this too little was learnt of the posterior for any number."""
_LEAST_DRAWS = 8


@dataclass(frozen=True, eq=False, kw_only=True)
class Chains:
    """Draws of a quantity by several Markov chains, after their burn-in.

    Parameters
    ----------
    values : (chains, draws) array
        Draws of the quantity, in its unit.
    quantity : str
        What was drawn: "persons".
    method : str
        The sampler's name and options, in words.
    burn_in : int
        Iterations of each chain that were dropped.
    thinning : int
        Iterations between the draws kept.
    others : mapping of str to (chains, draws) array
        Other quantities of the same draws: "chance of being unseen", "classes in use".
    joint : str
        Names the joint distribution, for arithmetic with other quantities drawn together.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> chains = Chains(values=1000 + 50 * rng.standard_normal((4, 1000)), method="demonstration")
    >>> bool(chains.rhat < 1.01), chains.ess_bulk > 3000
    (True, True)
    """

    values: NDArray[np.float64]
    quantity: str = "persons"
    method: str = ""
    burn_in: int = 0
    thinning: int = 1
    others: Mapping[str, NDArray[np.float64]] = field(default_factory=dict)
    joint: str = ""

    def __post_init__(self) -> None:
        values = _checked(self.values, self.method)
        others = {name: _checked(given, name) for name, given in self.others.items()}
        if any(given.shape != values.shape for given in others.values()):
            raise ValueError("every quantity needs one value for each draw of each chain")
        object.__setattr__(self, "values", values)
        object.__setattr__(self, "others", MappingProxyType(others))

    def __getstate__(self) -> dict[str, Any]:
        """Pickle with plain quantities: the read-only view of them cannot be pickled."""
        return {**self.__dict__, "others": dict(self.others)}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state, others=MappingProxyType(state["others"]))

    @property
    def rhat(self) -> float:
        """Rank-normalised split R-hat: 1 where the chains agree."""
        return rhat(self.values)

    @property
    def ess_bulk(self) -> float:
        """How many independent draws the chains are worth for the middle of the distribution."""
        return ess_bulk(self.values)

    @property
    def ess_tail(self) -> float:
        """How many independent draws the chains are worth for its 5 % and 95 % points, whichever is fewer."""
        return ess_tail(self.values)

    def frame(self) -> pd.DataFrame:
        """Return one row per quantity: `quantity, mean, sd, 2.5%, 50%, 97.5%, rhat, ess_bulk, ess_tail, mcse_mean`."""
        import pandas as pd

        return pd.DataFrame([{"quantity": name, **_summary(values)}
                             for name, values in {self.quantity: self.values, **self.others}.items()])

    def estimate(self, *, needed: str, unit: str = "persons", confidence_level: float = 0.95,
                 cautions: tuple[str, ...] = (), diagnostics: Mapping[str, Any] | None = None,
                 **described: Any) -> Estimate:
        """Make the estimate: posterior median and equal-tailed interval, with the chains' own cautions.

        Parameters
        ----------
        needed : str
            What would make an estimate possible, said where the chains do not agree.
        unit, confidence_level, cautions, diagnostics, **described
            As in `Estimate`.

        Raises
        ------
        NoEstimate
            If R-hat is above 1.1 or fewer than 100 effective draws were made.
        """
        measured = _summary(self.values)
        lower, upper = equal_tailed(self.values.ravel(), confidence_level)
        kept = {name: measured[name] for name in ("mean", "sd", "rhat", "ess_bulk", "ess_tail", "mcse_mean")}
        made = Estimate(
            value=float(np.median(self.values)), lower=lower, upper=upper, unit=unit, se=measured["sd"],
            confidence_level=confidence_level, **{"method": self.method, **described},
            interval="equal-tailed, of the posterior", draws=Draws.of(self.values, self.joint or self.method),
            diagnostics={**kept, "chains": self.values.shape[0], "draws_per_chain": self.values.shape[1],
                         "burn_in": self.burn_in, "thinning": self.thinning, **(diagnostics or {})},
            cautions=(*cautions, *mixing_cautions(measured)))
        try:
            refuse_unmixed(measured, method=self.method, needed=needed)
        except NoEstimate as refusal:
            raise Unmixed(refusal.reason, refusal.needed, made, self) from None
        return made


class Unmixed(NoEstimate):
    """Chains that say nothing reliable, with what they would have said: to be shown struck out, never quoted.

    Parameters
    ----------
    reason, needed : str
        As in `NoEstimate`.
    struck_out : Estimate
        What the chains would have said.
    chains : Chains
        The chains.
    """

    def __init__(self, reason: str, needed: str, struck_out: Estimate, chains: Chains):
        super().__init__(reason, needed)
        self.struck_out, self.chains = struck_out, chains

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle whole."""
        return (type(self), (self.reason, self.needed, self.struck_out, self.chains))


def chains_behind(estimate: Estimate) -> Chains | None:
    """Return the chains that `Chains.estimate` made an estimate from; None where it was made otherwise.

    Examples
    --------
    >>> values = np.random.default_rng(1).normal(1000, 50, (4, 500))
    >>> made = Chains(values=values, method="demonstration").estimate(needed="more draws")
    >>> bool((chains_behind(made).values == values).all())
    True
    """
    told = estimate.diagnostics
    if estimate.draws is None or "chains" not in told or "draws_per_chain" not in told:
        return None
    shape = int(told["chains"]), int(told["draws_per_chain"])
    if estimate.draws.values.size != shape[0] * shape[1]:
        return None
    return Chains(values=estimate.draws.as_taken().reshape(shape), method=estimate.method, quantity=estimate.unit,
                  burn_in=int(told.get("burn_in", 0)), thinning=int(told.get("thinning", 1)))


def refuse_unmixed(measured: Mapping[str, float], *, method: str, needed: str) -> None:
    """Raise `NoEstimate` if chains with these figures (`rhat, ess_bulk, ess_tail`) say nothing reliable."""
    ess = min(measured["ess_bulk"], measured["ess_tail"])
    if measured["rhat"] > REFUSED_RHAT:
        raise NoEstimate(f"the chains of {method} did not agree on one number: R-hat is {_shown(measured['rhat'])}, "
                         f"and above {REFUSED_RHAT} nothing may be read from them", needed)
    if ess < REFUSED_ESS:
        raise NoEstimate(f"the chains of {method} are worth {ess:.0f} independent draws, and fewer than "
                         f"{REFUSED_ESS} say too little", needed)


def mixing_cautions(measured: Mapping[str, float]) -> tuple[str, ...]:
    """Return what a reader must know of chains with these figures (`rhat, ess_bulk, ess_tail`)."""
    said = []
    if measured["rhat"] > MOST_RHAT:
        said.append(f"the chains have not quite agreed: R-hat is {_shown(measured['rhat'])}, above {MOST_RHAT}")
    ess = min(measured["ess_bulk"], measured["ess_tail"])
    if ess < LEAST_ESS:
        said.append(f"the chains are worth only {ess:.0f} independent draws, fewer than {LEAST_ESS}")
    return tuple(said)


def rhat(values: ArrayLike) -> float:
    """Return the rank-normalised split R-hat, the larger of that of the draws and of their distances from the median.

    Parameters
    ----------
    values : (chains, draws) array-like
        At least 8 draws a chain.

    Returns
    -------
    float
        1 where the chains agree; infinite where each stays at its own number.
    """
    split = _split(_checked(values, "values"))
    return max(_plain_rhat(_normalised(split)), _plain_rhat(_normalised(np.abs(split - np.median(split)))))


def ess_bulk(values: ArrayLike) -> float:
    """Return the effective sample size of the ranked draws; values is (chains, draws)."""
    return _effective(_normalised(_split(_checked(values, "values"))))


def ess_tail(values: ArrayLike) -> float:
    """Return the smaller of the effective sample sizes for the 5 % and the 95 % point; values is (chains, draws)."""
    checked = _checked(values, "values")
    return min(_effective(_split((checked <= limit).astype(float))) for limit in np.quantile(checked, [0.05, 0.95]))


def mcse_mean(values: ArrayLike) -> float:
    """Return the Monte Carlo standard error of the mean, in the draws' unit; values is (chains, draws)."""
    checked = _checked(values, "values")
    return float(checked.std(ddof=1)) / math.sqrt(_effective(_split(checked)))


def _summary(values: NDArray[np.float64]) -> dict[str, float]:
    low, middle, high = np.quantile(values, [0.025, 0.5, 0.975])
    return {"mean": float(values.mean()), "sd": float(values.std(ddof=1)), "2.5%": float(low), "50%": float(middle),
            "97.5%": float(high), "rhat": rhat(values), "ess_bulk": ess_bulk(values), "ess_tail": ess_tail(values),
            "mcse_mean": mcse_mean(values)}


def _checked(values: ArrayLike, name: str) -> NDArray[np.float64]:
    array = np.array(values, dtype=float)
    if array.ndim != 2 or array.shape[1] < _LEAST_DRAWS or not np.isfinite(array).all():
        raise ValueError(f"{name or 'values'}: chains are finite numbers, (chains, draws), with {_LEAST_DRAWS} draws "
                         f"or more each; got shape {array.shape}")
    array.flags.writeable = False
    return array


def _split(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Halve each chain: (chains, draws) becomes (2 chains, draws // 2); an odd one's middle draw is left out."""
    half = values.shape[1] // 2
    return np.concatenate([values[:, :half], values[:, -half:]])


def _normalised(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Replace each draw by the normal score of its rank among all; equal draws share their mean rank."""
    from scipy.special import ndtri

    _, place, times = np.unique(values, return_inverse=True, return_counts=True)
    mean_rank = np.cumsum(times) - (times - 1) / 2
    return ndtri((mean_rank[place.reshape(values.shape)] - 0.375) / (values.size + 0.25))


def _plain_rhat(values: NDArray[np.float64]) -> float:
    draws = values.shape[1]
    between, within = draws * values.mean(axis=1).var(ddof=1), values.var(axis=1, ddof=1).mean()
    if within <= 1e-12 * between:
        return 1.0 if between == 0 else math.inf
    return math.sqrt((between / within + draws - 1) / draws)


def _effective(values: NDArray[np.float64]) -> float:
    """Effective sample size by Geyer's initial monotone sequence of the chains' joint autocorrelation."""
    chains, draws = values.shape
    if np.ptp(values) == 0:
        return float(values.size)
    covariance = _autocovariance(values)
    within = covariance[:, 0].mean() * draws / (draws - 1)
    total = within * (draws - 1) / draws + (values.mean(axis=1).var(ddof=1) if chains > 1 else 0.0)
    correlation = 1 - (within - covariance.mean(axis=0)) / total
    correlation[0] = 1.0
    # Pairs of neighbouring lags up to the first that is not positive, each no larger than the one before it.
    usable = (draws - 1) // 2
    pairs = correlation[: 2 * usable].reshape(-1, 2).sum(axis=1)
    last = int(np.argmax(pairs <= 0)) if (pairs <= 0).any() else usable - 1
    time = -1 + 2 * np.minimum.accumulate(pairs)[:last].sum() + max(correlation[2 * last], 0.0)
    return float(values.size / max(time, 1 / math.log10(values.size)))


def _autocovariance(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Autocovariance of each row of `values`, (chains, draws), at every lag."""
    draws = values.shape[1]
    length = 1 << (2 * draws - 1).bit_length()
    spectrum = np.fft.rfft(values - values.mean(axis=1, keepdims=True), length, axis=1)
    return np.fft.irfft(np.abs(spectrum) ** 2, length, axis=1)[:, :draws] / draws


def _shown(number: float) -> str:
    return f"{number:.2f}" if number < 10 else f"{number:.0f}" if math.isfinite(number) else "infinite"
