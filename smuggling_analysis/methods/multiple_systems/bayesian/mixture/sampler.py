"""The chains of the latent-class model."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from smuggling_analysis.chains import Chains
from smuggling_analysis.draws import digest
from smuggling_analysis.estimate import NoEstimate
from smuggling_analysis.evidence.capture_histories import CaptureHistories
from smuggling_analysis.methods.multiple_systems.bayesian.mixture.class_prior import ClassPrior, draw_unseen

POWERS = (1.0, 0.7, 0.49, 0.343)
"""What the likelihood is raised to in each copy of a chain: flatter copies cross between modes."""
_LEAPS = (24, 8, 8, 8)
MOST_LISTS = 20
UNSEEN, IN_USE, CONCENTRATION = "chance of being unseen", "classes in use", "concentration"
LARGEST = "share of the largest class"
_LEAST_DRAWS = 8


def latent_class_chains(histories: CaptureHistories, *, classes: int = 10, shape: float = 0.25, rate: float = 0.25,
                        chains: int = 4, draws: int = 2500, burn_in: int = 1000, n_jobs: int = 2,
                        rng: int | np.random.Generator | None = None) -> Chains:
    """Draw a population by Markov chains through latent classes of people (Manrique-Vallier 2016).

    The posterior is that of `latent_class`. The people unseen are integrated out of it, so the work does not grow
    with the number of people; what is left is sampled by Hamiltonian trajectories, with three tempered copies of
    each chain, and the people unseen are drawn at the end. Every other chain starts at a mode it climbed to, the
    others cool down from the prior: where there are several ways to explain the lists, they tend to start in
    different ones, and their disagreement shows.

    Parameters
    ----------
    histories, classes, shape, rate, chains, draws, burn_in, n_jobs, rng
        As in `latent_class`.

    Returns
    -------
    Chains
        Draws of the population; other quantities are the chance of being unseen, the number of classes in
        which one of the people seen or more is expected, the concentration, and the share of the people seen
        in the largest class.

    Raises
    ------
    ValueError
        If an option is out of its range.
    NoEstimate
        If there are fewer than three lists, a list holds nobody, or nobody is on two lists.

    Examples
    --------
    >>> cases = CaptureHistories.from_counts(
    ...     {"a": 60, "b": 50, "c": 40, ("a", "b"): 20, ("a", "c"): 15, ("b", "c"): 12, ("a", "b", "c"): 6},
    ...     lists=["a", "b", "c"])
    >>> drawn = latent_class_chains(cases, chains=2, draws=500, rng=1)
    >>> drawn.values.shape, bool(drawn.values.min() >= 203), list(drawn.others)
    ((2, 500), True, ['chance of being unseen', 'classes in use', 'concentration', 'share of the largest class'])
    """
    prior = ClassPrior(classes, shape, rate)
    if chains < 1 or draws < _LEAST_DRAWS or burn_in < 0:
        raise ValueError(f"there must be a chain or more, {_LEAST_DRAWS} draws or more each, and no negative burn-in; "
                         f"got {chains}, {draws} and {burn_in}")
    _refuse(histories)
    rng = np.random.default_rng(rng)
    stream = int(rng.integers(2**63))
    found = _run(_Input(histories), prior, np.random.default_rng(stream).spawn(chains), burn_in, draws, n_jobs)
    seen, concentration, in_use, largest = (np.stack([kept[:, place] for _, kept in found]) for place in range(4))
    return Chains(values=np.stack([unseen for unseen, _ in found]) + histories.n_observed,
                  method=f"latent_class, {prior}", burn_in=burn_in,
                  others={UNSEEN: 1 - seen, IN_USE: in_use, CONCENTRATION: concentration, LARGEST: largest},
                  joint=digest(histories.fingerprint, "latent_class", str(prior), stream))


class _Input:
    """The histories that occur, as the kernel takes them; the lists in the order of their names."""

    def __init__(self, histories: CaptureHistories):
        ordered = histories.select(sorted(histories.lists))
        held = ordered.totals > 0
        on = ordered.patterns[held]
        self.members = np.nonzero(on)[1].astype(np.int64)
        self.first = np.concatenate([[0, 0], np.cumsum(on.sum(axis=1))]).astype(np.int64)
        self.counts = np.concatenate([[0.0], ordered.totals[held]])
        self.lists, self.people = ordered.n_lists, ordered.n_observed


def _run(given: _Input, prior: ClassPrior, sources: list[np.random.Generator], burn_in: int, draws: int,
         n_jobs: int) -> list[tuple[NDArray[np.float64], NDArray[np.float64]]]:
    """Return each chain's people unseen, (draws,), and what the kernel kept, (draws, 4)."""
    from joblib import Parallel, delayed

    from smuggling_analysis.kernels.latent_class import latent_class_chain

    def one(source: np.random.Generator, climbed: bool) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        kept = latent_class_chain(source, given.members, given.first, given.counts, given.lists, prior.classes,
                                  float(prior.shape), float(prior.rate), np.array(POWERS),
                                  np.array(_LEAPS, dtype=np.int64), climbed, burn_in, draws)
        return draw_unseen(given.people, kept[:, 0], source), kept

    return Parallel(n_jobs=n_jobs, prefer="threads")(
        delayed(one)(source, place % 2 == 0) for place, source in enumerate(sources))


def _refuse(histories: CaptureHistories) -> None:
    if histories.n_lists < 3:
        raise NoEstimate(f"latent classes need three lists or more, and there are {histories.n_lists} "
                         f"({', '.join(histories.lists)}): two cannot tell classes of people from chance",
                         "a third list of the same population")
    if histories.n_lists > MOST_LISTS:
        raise NoEstimate(f"latent classes take {MOST_LISTS} lists at most, and there are {histories.n_lists}",
                         "fewer lists: merge or select some")
    shared = histories.overlaps().to_numpy()
    if empty := [name for name, size in zip(histories.lists, np.diag(shared), strict=True) if size == 0]:
        raise NoEstimate(f"the list {empty[0]} holds nobody", f"people on the list {empty[0]}, or leave it out")
    if shared.sum() == np.trace(shared):
        raise NoEstimate("nobody is on two lists, so the prior alone would say how many are on none",
                         "lists that share people")
