"""Populations drawn from the Bayesian methods' own priors, with the posterior each is held to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from smuggling_analysis.evidence.capture_histories import CaptureHistories
from smuggling_analysis.validation.calibrations import CalibratedMethod, Truth, thinned

_NAMES = ("police", "ngo", "hospital", "court")
_LEAST, _MOST, _SEEN = 200, 1500, 300


def _graphical_truth(rng: np.random.Generator) -> Truth:
    """Draw a size, a decomposable graph and the chances of its hyper-Dirichlet prior, each from its prior."""
    from smuggling_analysis.methods.multiple_systems.bayesian.graphical.graphs import decomposable_graphs_of
    from smuggling_analysis.simulate.history_chances import HistoryChances

    graphs = decomposable_graphs_of(len(_NAMES))
    size = int(rng.integers(_LEAST, _MOST + 1))
    cliques = [int(clique) for clique in graphs.closed[rng.integers(len(graphs))] if clique]
    chances = HistoryChances(_NAMES, hyper_dirichlet(cliques, len(_NAMES), 1.0, rng))
    return size, chances.draw(size, rng=rng)


def hyper_dirichlet(cliques: list[int], n_lists: int, delta: float, rng: np.random.Generator) -> NDArray[np.float64]:
    """Draw the chances of every history from the hyper-Dirichlet distribution of a decomposable graph.

    Parameters
    ----------
    cliques : list of int
        The graph's cliques, as numbers whose bits are lists.
    n_lists : int
    delta : float
        The prior count of each of the 2**n_lists histories.
    rng : Generator

    Returns
    -------
    (2**n_lists,) array

    References
    ----------
    Dawid, A. P. and Lauritzen, S. L. (1993). Hyper Markov laws in the statistical analysis of decomposable
    graphical models. Annals of Statistics 21(3), 1272-1317. doi:10.1214/aos/1176349260

    Examples
    --------
    >>> chances = hyper_dirichlet([0b011, 0b110], 3, 1.0, np.random.default_rng(1))
    >>> round(float(chances.sum()), 12), bool(np.isclose(chances[0] * chances[5], chances[1] * chances[4]))
    (1.0, True)
    """
    every = np.arange(1 << n_lists)
    chances = np.ones(every.size)
    for clique, separator in _joined(cliques):
        margin = np.unique(every & clique)
        drawn = np.zeros(every.size)
        drawn[margin] = rng.standard_gamma(delta * every.size / margin.size, size=margin.size)
        given = np.bincount(margin & separator, weights=drawn[margin], minlength=every.size)
        chances *= drawn[every & clique] / given[every & separator]
    return chances


def _joined(cliques: list[int]) -> Iterator[tuple[int, int]]:
    """Order cliques along a junction tree: each with what it shares with those before it."""
    left, joined = list(cliques), list[int]()
    while left:
        shared = {clique: max(((clique & other) for other in joined), key=int.bit_count, default=0) for clique in left}
        clique = max(left, key=lambda one: shared[one].bit_count())
        yield clique, shared[clique]
        left.remove(clique)
        joined.append(clique)


def _graphical_draws(histories: CaptureHistories, draws: int, rng: np.random.Generator) -> NDArray[np.float64]:
    from smuggling_analysis.methods.multiple_systems.bayesian.graphical.exact_average import (
        bayesian_graphical_posterior,
    )

    sizes = np.arange(max(histories.n_observed, _LEAST), _MOST + 1)
    if sizes.size == 1:
        return np.full(draws, float(_MOST))
    found = bayesian_graphical_posterior(histories, delta=1.0, prior=_evenly,
                                         most_hidden=_MOST - histories.n_observed)
    mass = found.mass_at(sizes)
    return rng.choice(sizes, size=draws, p=mass / mass.sum()).astype(float)


def _evenly(sizes: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.where((sizes >= _LEAST) & (sizes <= _MOST), 0.0, -np.inf)


def _loglinear_truth(rng: np.random.Generator) -> Truth:
    from smuggling_analysis.methods.multiple_systems.bayesian.hierarchical.prior_draws import drawn_from_prior

    size, histories = drawn_from_prior(_SEEN, _NAMES, rng=rng)
    return int(size), histories


def _loglinear_draws(histories: CaptureHistories, draws: int, rng: np.random.Generator) -> NDArray[np.float64]:
    from smuggling_analysis.methods.multiple_systems.bayesian.hierarchical.averaging import bayesian_loglinear_chains

    return thinned(bayesian_loglinear_chains(histories, chains=2, draws=2000, burn_in=500, rng=rng).values, draws)


def _latent_class_truth(rng: np.random.Generator) -> Truth:
    from smuggling_analysis.methods.multiple_systems.bayesian.mixture.class_prior import latent_class_population

    histories, size = latent_class_population(_SEEN, len(_NAMES), rng=rng)
    return size, histories


def _latent_class_draws(histories: CaptureHistories, draws: int, rng: np.random.Generator) -> NDArray[np.float64]:
    from smuggling_analysis.methods.multiple_systems.bayesian.mixture.sampler import latent_class_chains

    return thinned(latent_class_chains(histories, chains=2, draws=2000, burn_in=500, n_jobs=1, rng=rng).values, draws)


CALIBRATED: Mapping[str, CalibratedMethod] = {one.method: one for one in (
    CalibratedMethod(
        method="bayesian_graphical", draw=_graphical_truth, posterior=_graphical_draws,
        prior=f"{len(_NAMES)} lists, every decomposable graph alike, hyper-Dirichlet chances with delta 1, every size "
              f"from {_LEAST} to {_MOST:,} alike"),
    CalibratedMethod(
        method="bayesian_loglinear", draw=_loglinear_truth, posterior=_loglinear_draws,
        prior=f"given {_SEEN} people seen on {len(_NAMES)} lists: every hierarchical model of pairs alike, "
              "unit-information coefficients"),
    CalibratedMethod(
        method="latent_class", draw=_latent_class_truth, posterior=_latent_class_draws,
        prior=f"given {_SEEN} people seen on {len(_NAMES)} lists: stick-breaking weights of 10 classes, uniform "
              "chances, 1/N for the size"),
)}
"""Every Bayesian method that can be held to its own prior, by its name in METHODS."""
