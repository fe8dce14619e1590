"""What chance does to the figures of MCMCpoisson, found by running a sampler like it many times.

MCMCpack's manual: a random walk Metropolis, tuning 1.1, 1,000 iterations dropped and 10,000 kept. The steps are taken
normal here, with the posterior's covariance at its mode times the tuning squared. Runs like this are worth as many
independent draws as modslavmse reports, within a factor of three (test_bayesian_thresholding_figures).
"""

import numpy as np

TUNING, DROPPED, KEPT = 1.1, 1000, 10000


def reenacted(target, cells, *, times, rng):
    """Draws of `times` runs side by side: (iterations kept, runs, terms) array."""
    rng = np.random.default_rng(rng)
    every = np.arange(cells.size)[:, None]
    design = ((every & target.terms) == target.terms)[target.counted].astype(float)
    counts, root = cells[target.counted], TUNING * target.root.T

    def height(theta):
        eta = theta @ design.T
        return eta @ counts - np.exp(eta).sum(axis=1) - 0.5 * (theta**2 * target.precision).sum(axis=1)

    # From the mode itself a walk in many dimensions may not move for thousands of iterations; theirs did.
    theta = target.mode + rng.standard_normal((times, target.mode.size)) @ target.root.T
    now, kept = height(theta), np.empty((KEPT, times, theta.shape[1]))
    for turn in range(DROPPED + KEPT):
        proposed = theta + rng.standard_normal(theta.shape) @ root
        there = height(proposed)
        moves = np.log(rng.random(times)) < there - now
        theta, now = np.where(moves[:, None], proposed, theta), np.where(moves, there, now)
        if turn >= DROPPED:
            kept[turn - DROPPED] = theta
    return kept


def by_chance(figure, draws):
    """Standard error of `figure` of one run, by how it differs between runs; draws are (iterations, runs, ...)."""
    return np.std([figure(draws[:, run]) for run in range(draws.shape[1])], axis=0, ddof=1)
