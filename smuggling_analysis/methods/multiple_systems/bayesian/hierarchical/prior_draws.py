"""Populations and tables drawn from the prior: what simulation-based calibration compares the posterior with."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from smuggling_analysis.evidence.capture_histories import CaptureHistories
from smuggling_analysis.methods.multiple_systems.bayesian.hierarchical.model_space import ModelSpace
from smuggling_analysis.methods.multiple_systems.bayesian.hierarchical.priors import PRIORS, Floats
from smuggling_analysis.methods.multiple_systems.covariates.cross_tables import CrossTable

_FLIPS = 30
_MOST_TRIES = 1000


def drawn_from_prior(observed: int, lists: Sequence[str], *, prior: str = "unit_information", max_order: int = 2,
                     rng: int | np.random.Generator | None = None) -> tuple[float, CaptureHistories]:
    """Draw a population and its lists from the prior of `bayesian_loglinear`, given the number observed.

    The intercept's prior is flat, so there is no drawing from the whole prior. There is given the number observed:
    a flat intercept makes that number independent of model and coefficients. So a model and coefficients are drawn
    from their prior, the observed people fall into histories by their chances, and the intercept follows from their
    number. The posterior of `bayesian_loglinear` is exact for pairs made like this: the truth's rank among its draws
    is uniform. It stays so for any subset of tables picked by what is in them, so tables that the method refuses may
    be left out. Tables in which a list holds nobody are drawn again here, since the method leaves such a list out.

    Parameters
    ----------
    observed : int
        People on at least one list.
    lists : sequence of str
        Two or more.
    prior : str
        As in `bayesian_loglinear`; the shrinkage prior is too wide to draw tables from.
    max_order : int
        As in `bayesian_loglinear`.
    rng : int, Generator or None
        Seed or source of randomness.

    Returns
    -------
    population : float
        The truth, in persons.
    histories : CaptureHistories
        Marked as simulated.

    Raises
    ------
    ValueError
        If the prior is not one to draw from.

    References
    ----------
    Talts, S., Betancourt, M., Simpson, D., Vehtari, A. and Gelman, A. (2018). Validating Bayesian inference algorithms
    with simulation-based calibration. arXiv:1804.06788.

    Examples
    --------
    >>> population, histories = drawn_from_prior(500, ["police", "ngo", "court"], rng=1)
    >>> population >= histories.n_observed == 500
    True
    """
    if prior not in PRIORS or PRIORS[prior].shape:
        drawable = ", ".join(name for name, one in PRIORS.items() if not one.shape)
        raise ValueError(f"tables can be drawn from the prior {drawable}, not from {prior!r}")
    rng = np.random.default_rng(rng)
    empty = np.zeros(1 << len(lists))
    none = np.zeros(0, dtype=np.int64)
    table = CrossTable(tuple(lists), (), (), empty, empty == 0.0, np.zeros(0), np.zeros(1, dtype=np.int64), none, none)
    space = ModelSpace(table, min(max_order, len(lists)))
    on = np.arange(empty.size)[:, None] >> np.arange(len(lists)) & 1
    for _ in range(_MOST_TRIES):
        chances = np.exp(_predictor(space, _model(space, rng), np.where(on, 1.0, -1.0), rng))
        counts = rng.multinomial(observed, chances[1:] / chances[1:].sum())
        if (counts @ on[1:]).all():
            unseen = rng.poisson(chances[0] * rng.gamma(observed) / chances[1:].sum())
            return float(observed + unseen), CaptureHistories(tuple(lists), on[1:].astype(bool), counts[None, :],
                                                              simulated=True)
    raise ValueError(f"{observed} people left a list empty in each of {_MOST_TRIES:,} tables: observe more people")


def _model(space: ModelSpace, rng: np.random.Generator) -> int:
    """Draw a hierarchical model: flips of single interactions that keep the hierarchy visit all of them alike."""
    mask = 0
    needs = space.needs.tolist()
    for place in rng.integers(len(needs), size=_FLIPS * len(needs)).tolist() if needs else ():
        # A flip that is always taken would leave the number of interactions odd or even.
        other = mask ^ (1 << place) if rng.random() < 0.5 else mask
        if all(not other >> held & 1 or not needed & ~other for held, needed in enumerate(needs)):
            mask = other
    return mask


def _predictor(space: ModelSpace, mask: int, signs: Floats, rng: np.random.Generator) -> Floats:
    """Draw the linear predictor of every cell, the intercept left out."""
    chosen = [1 << place for place in range(signs.shape[1])]
    chosen += [term for place, term in enumerate(space.interactions) if mask >> place & 1]
    columns = [signs[:, [place for place in range(signs.shape[1]) if term >> place & 1]].prod(axis=1)
               for term in chosen]
    return np.asarray(np.stack(columns, axis=1) @ rng.standard_normal(len(chosen)))
