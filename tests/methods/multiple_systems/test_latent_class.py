"""Latent classes held to answers known otherwise: one class by summation, two by plain Gibbs; refusals; cautions."""

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy.special import betaln, gammaln

from smuggling_analysis import CaptureHistories, NoEstimate
from smuggling_analysis.chains import Chains, ess_bulk, mcse_mean
from smuggling_analysis.methods.multiple_systems import (
    latent_class,
    latent_class_chains,
    latent_class_population,
    latent_class_prior_table,
)
from smuggling_analysis.methods.multiple_systems.bayesian.mixture.class_prior import ClassPrior, draw_unseen
from smuggling_analysis.methods.multiple_systems.bayesian.mixture.other_priors import (
    medians_under_other_priors,
    weighted_median,
)
from smuggling_analysis.methods.multiple_systems.bayesian.mixture.reading import posterior_cautions

SHORT = {"draws": 400, "burn_in": 300}


def table(**counts):
    return CaptureHistories.from_counts({tuple(name): count for name, count in counts.items()},
                                        lists=sorted(set("".join(counts))))


THREE = table(a=60, b=50, c=40, ab=20, ac=15, bc=12, abc=6)


# Held to other answers


def test_one_class_is_the_posterior_under_independence_summed_over_n():
    drawn = latent_class_chains(THREE, classes=1, draws=2500, rng=1)
    seen, sizes = THREE.n_observed, np.diag(THREE.overlaps().to_numpy())
    people = np.arange(seen, 20_000)
    log = gammaln(people + 1) - gammaln(people - seen + 1) - np.log(people)
    log += sum(betaln(size + 1, people - size + 1) for size in sizes)
    chance = np.exp(log - log.max())
    chance /= chance.sum()
    mean = float(people @ chance)
    sd = math.sqrt((people - mean) ** 2 @ chance)
    assert chance[-1] < 1e-12
    assert abs(drawn.values.mean() - mean) < 4 * mcse_mean(drawn.values)
    assert drawn.values.std() == pytest.approx(sd, rel=0.06)
    for share in (0.025, 0.25, 0.5, 0.75, 0.975):
        exact = people[np.searchsorted(np.cumsum(chance), share)]
        below = (drawn.values <= exact).mean()
        assert abs(below - share) < 4 * math.sqrt(share * (1 - share) / drawn.ess_tail) + chance[exact - seen]


def plain_gibbs(histories, classes, draws, rng):
    """The data augmentation of the literature: people unseen, classes of all, weights and chances; N each time."""
    counts, on = histories.totals, np.vstack([histories.patterns, np.zeros(histories.n_lists, bool)])
    chances, weights, alpha = rng.random((classes, histories.n_lists)), np.full(classes, 1 / classes), 1.0
    found = np.empty(draws)
    for draw in range(draws):
        cells = np.where(on[:, None], chances, 1 - chances).prod(axis=2) * weights
        unseen = rng.poisson(rng.standard_gamma(counts.sum()) * cells[-1].sum() / (1 - cells[-1].sum()))
        split = rng.multinomial(np.append(counts, unseen), cells / cells.sum(axis=1, keepdims=True))
        inside, caught = split.sum(axis=0), split.T @ on
        behind = np.cumsum(inside[::-1])[::-1] - inside
        sticks = np.append(rng.beta(1 + inside[:-1], alpha + behind[:-1]), 1.0)
        left = np.maximum(1 - sticks[:-1], 1e-300)
        weights = sticks * np.concatenate([[1.0], np.cumprod(left)])
        alpha = rng.gamma(0.25 + classes - 1) / (0.25 - np.log(left).sum())
        chances = rng.beta(1 + caught, 1 + inside[:, None] - caught)
        found[draw] = counts.sum() + unseen
    return found


def test_two_classes_agree_with_plain_gibbs():
    ours = latent_class_chains(THREE, classes=2, draws=3000, rng=2)
    theirs = np.stack([plain_gibbs(THREE, 2, 8_000, np.random.default_rng(seed))[1000:] for seed in (1, 2)])
    error = math.hypot(mcse_mean(np.log(ours.values)), mcse_mean(np.log(theirs)))
    assert error < 0.02
    assert abs(np.log(ours.values).mean() - np.log(theirs).mean()) < 4 * error
    for share in (0.1, 0.5, 0.9):
        limit = np.quantile(theirs, share)
        parts = [(values <= limit).astype(float) for values in (ours.values, theirs)]
        error = math.sqrt(share * (1 - share) * sum(1 / ess_bulk(part) for part in parts))
        assert abs(parts[0].mean() - parts[1].mean()) < 4 * error


def ranks_of_the_truth(repetitions, n_lists, classes, people, rng, **options):
    """The rank of each population among 49 of its posterior's draws; tables the method refuses are left out."""
    for source in np.random.default_rng(rng).spawn(repetitions):
        histories, population = latent_class_population(people, n_lists, classes=classes, rng=source)
        try:
            drawn = latent_class_chains(histories, classes=classes, n_jobs=1, rng=source, **options)
        except NoEstimate:
            continue
        draws = drawn.values.ravel()[:: drawn.values.size // 49][:49]
        below, equal = (draws < population).sum(), (draws == population).sum()
        yield below + source.integers(equal + 1)


def require_uniform(ranks):
    from scipy.stats import chisquare

    counts = np.bincount(np.array(list(ranks)) // 5, minlength=10)
    assert counts.sum() > 40
    assert chisquare(counts).pvalue > 1e-3, counts


def test_ranks_of_a_few_true_populations_are_uniform():
    require_uniform(ranks_of_the_truth(100, 3, 3, 150, rng=3, chains=1, draws=196, burn_in=250))


@pytest.mark.slow
def test_ranks_of_true_populations_are_uniform():
    """Simulation-based calibration (Talts et al. 2018)."""
    require_uniform(ranks_of_the_truth(400, 4, 6, 400, rng=4, chains=2, draws=490, burn_in=500))


def two_kinds(chances, rng):
    """1,500 people easily found and 2,500 hard to find, as the lists see them."""
    caught = rng.random((4000, len(chances[0]))) < np.array(chances)[np.repeat([0, 1], [1500, 2500])]
    on, counts = np.unique(caught[caught.any(axis=1)], axis=0, return_counts=True)
    return CaptureHistories(tuple("abcde"[: len(chances[0])]), on, counts[None, :])


@pytest.mark.slow
def test_a_population_of_two_kinds_is_found_by_five_lists():
    rng, chances = np.random.default_rng(5), [[0.5, 0.4, 0.45, 0.35, 0.4], [0.12, 0.15, 0.1, 0.18, 0.12]]
    found = [latent_class(two_kinds(chances, rng), draws=800, burn_in=600, rng=rng) for _ in range(20)]
    # Of 20 at 95 %: fewer than 16 one time in four hundred.
    assert sum(each.lower <= 4000 <= each.upper for each in found) >= 16


def test_where_four_lists_hardly_reach_a_large_class_the_estimate_is_too_low_as_its_docstring_says():
    rng, chances = np.random.default_rng(5), [[0.45, 0.35, 0.4, 0.3], [0.08, 0.1, 0.07, 0.12]]
    assert 2800 < latent_class(two_kinds(chances, rng), draws=800, burn_in=600, rng=rng).value < 3600
    assert "too low" in latent_class.__doc__


# Properties


def test_the_answer_depends_neither_on_threads_nor_on_the_order_of_lists():
    once = latent_class_chains(THREE, n_jobs=1, rng=3, **SHORT)
    again = latent_class_chains(THREE.select(["c", "a", "b"]), n_jobs=2, rng=3, **SHORT)
    assert (once.values == again.values).all()
    assert once.joint != latent_class_chains(THREE, n_jobs=1, rng=4, **SHORT).joint


def test_more_people_cost_no_more():
    """The kernel sees histories, not people: as many numbers for a thousand times the people."""
    from smuggling_analysis.methods.multiple_systems.bayesian.mixture.sampler import _Input

    few, many = _Input(THREE), _Input(THREE.with_counts(1000 * THREE.counts))
    assert few.members.size == many.members.size and few.counts.size == many.counts.size == 8


def test_a_population_drawn_from_the_prior_holds_the_people_seen():
    histories, population = latent_class_population(50, 3, rng=2)
    assert histories.n_observed == 50 <= population
    assert histories.simulated
    with pytest.raises(ValueError, match="needs people seen"):
        latent_class_population(0, 3)


def test_the_unseen_follow_the_negative_binomial():
    drawn = draw_unseen(20, np.full(20_000, 0.25), np.random.default_rng(1))
    assert drawn.mean() == pytest.approx(20 * 0.75 / 0.25, rel=0.01)
    assert drawn.var() == pytest.approx(20 * 0.75 / 0.25**2, rel=0.05)
    assert np.isfinite(draw_unseen(10**9, np.array([1e-15]), np.random.default_rng(1))).all()


# Refusals


@pytest.mark.parametrize(("histories", "words"), [
    (table(a=5, b=6, ab=3), "three lists or more"),
    (table(a=5, b=5, c=5), "nobody is on two lists"),
    (CaptureHistories.from_counts({"a": 9, ("a", "b"): 4}, lists=["a", "b", "c"]), "the list c holds nobody"),
    (CaptureHistories.from_counts({tuple(f"l{k}" for k in range(21)): 3}, lists=[f"l{k}" for k in range(21)]),
     "20 lists at most"),
])
def test_what_latent_classes_cannot_answer_is_refused(histories, words):
    with pytest.raises(NoEstimate, match=words):
        latent_class(histories, rng=1, **SHORT)


def test_chains_that_do_not_agree_are_refused(capture_table):
    """Chains far too short: R-hat 1.4 and the like is no estimate."""
    with pytest.raises(NoEstimate, match=r"R-hat is|independent draws") as refusal:
        latent_class(capture_table("Kosovo"), draws=20, burn_in=5, chains=2, rng=1)
    assert "longer chains" in refusal.value.needed


@pytest.mark.parametrize(("options", "words"), [
    ({"classes": 0}, "classes is a whole number"), ({"shape": 0.0}, "shape of the concentration"),
    ({"rate": math.inf}, "rate of the concentration"), ({"draws": 3}, "8 draws or more"),
    ({"chains": 0}, "a chain or more"), ({"burn_in": -1}, "no negative burn-in"),
])
def test_options_out_of_range_are_named(options, words):
    with pytest.raises(ValueError, match=words):
        latent_class(THREE, rng=1, **{**SHORT, **options})


# Cautions


def drawn_of(values, in_use=2.0, concentration=1.0):
    values = np.asarray(values, dtype=float)
    same = np.ones_like(values)
    return Chains(values=values, method="demonstration", others={
        "classes in use": in_use * same, "concentration": concentration * same,
        "share of the largest class": same, "chance of being unseen": 0.5 * same})


def said(drawn, prior=None, others=None):
    return " ".join(posterior_cautions(drawn, prior or ClassPrior(), others or {}))


STEADY = 1000 + 10 * np.random.default_rng(1).standard_normal((4, 500))


def test_a_quiet_posterior_is_not_commented():
    assert said(drawn_of(STEADY)) == ""


def test_classes_that_run_out_are_said():
    assert "all 10 classes are in use in 100 %" in said(drawn_of(STEADY, in_use=10))
    assert "taken to be independent" in said(drawn_of(STEADY, in_use=1), ClassPrior(1))


def test_a_heavy_tail_is_said():
    tail = np.random.default_rng(1).pareto(1.2, (4, 500)) * 100 + 1000
    assert "heavy tail" in said(drawn_of(tail))


def test_a_prior_that_decides_is_said():
    words = said(drawn_of(STEADY), others={"every N as likely": 1500.0})
    assert "the prior matters: the median is 1,000 with the prior used and 1,500 with every N as likely" in words


def test_classes_that_differ_between_chains_and_a_lone_chain_are_said():
    drawn = drawn_of(STEADY)
    shares = np.random.default_rng(2).normal([[0.5], [0.9], [0.5], [0.9]], 0.01, (4, 500))
    assert "divide people into classes differently" in said(
        replace(drawn, others={**drawn.others, "share of the largest class": shares}))
    assert "one chain only" in said(drawn_of(STEADY[:1]))


def test_sparse_lists_that_leave_n_to_the_prior_are_cautioned_or_refused():
    found = latent_class(table(a=12, b=9, c=10, ab=1), draws=1500, rng=1)
    assert any("the prior matters" in caution or "heavy tail" in caution for caution in found.cautions)


def test_other_priors_by_weighting_agree_with_their_own_chains():
    usual = latent_class_chains(THREE, draws=2000, rng=5)
    weighted = medians_under_other_priors(usual, ClassPrior())["concentration Gamma(1, 1)"]
    own = latent_class_chains(THREE, shape=1.0, rate=1.0, draws=2000, rng=6)
    assert weighted == pytest.approx(np.median(own.values), rel=0.03)


def test_weights_that_leave_hardly_a_draw_give_no_median():
    assert weighted_median(np.arange(100.0), np.eye(100)[3]) is None
    assert weighted_median(np.arange(101.0), np.ones(101)) == 50


def test_the_prior_table_has_a_row_for_each_prior_and_says_what_was_refused(capture_table):
    made = latent_class_prior_table(THREE, concentrations=[(0.25, 0.25), (1, 1)], classes=[2, 10], rng=1, **SHORT)
    assert list(made.frame["prior"]) == [f"{classes} classes, concentration Gamma({pair})" for classes, pair in
                                         ((10, "0.25, 0.25"), (10, "1, 1"), (2, "0.25, 0.25"))]
    assert made.frame["median"].notna().all() and (made.frame["lower"] >= made.observed).all()
    assert 1 <= made.ratio < 3
    assert made.decided == (made.ratio > 2)
    assert ("decides little" in made.verdict) != made.decided
    refused = latent_class_prior_table(capture_table("Kosovo"), concentrations=[(1, 1)], classes=[], draws=10,
                                       burn_in=2, chains=2, rng=1)
    assert refused.frame["median"].isna().all() and refused.frame["reason"].str.len().min() > 20
    assert refused.verdict == "Under 1 of 1 priors there is no estimate."
    assert math.isnan(refused.ratio) and not refused.decided


# Odd tables


@pytest.mark.parametrize("histories", [
    table(a=1, b=1, c=1, ab=1), table(abc=5), table(abc=1), table(ab=3, c=4, bc=1),
    table(a=10**9, b=10**9, c=10**9, ab=10**8, bc=10**8, ac=10**8, abc=10**7),
    table(a=10**9, b=3, c=2, ab=1), table(a=5, b=10**9, abc=1, ac=10**5),
    table(ab=50, abc=20, c=5), table(abcdefghij=4, a=10, b=9, cd=3, efg=2, hij=8),
], ids=str)
def test_odd_tables_give_an_estimate_or_a_refusal(histories):
    try:
        found = latent_class(histories, rng=1, **SHORT)
    except NoEstimate:
        return
    assert histories.n_observed <= found.lower <= found.value <= found.upper < math.inf
