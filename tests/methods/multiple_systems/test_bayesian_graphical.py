"""The average over decomposable graphs: held to its formula in plain Python, to exact sums, to what any posterior must
be, and to its own refusals."""

import math
from collections import Counter
from itertools import combinations, permutations

import numpy as np
import pytest
from figures_of_dga import people
from hypothesis import given, settings
from hypothesis import strategies as st

from smuggling_analysis import CaptureHistories, NoEstimate
from smuggling_analysis.methods.multiple_systems import (
    bayesian_graphical,
    bayesian_graphical_posterior,
    prior_table,
)
from smuggling_analysis.methods.multiple_systems.bayesian.graphical.blocks import discrete_rule, dyadic_blocks
from smuggling_analysis.methods.multiple_systems.bayesian.graphical.graphs import (
    NUMBER_OF_GRAPHS,
    decomposable_graphs_of,
)
from smuggling_analysis.simulate import independent_lists

# The eight graphs on three lists, written out: cliques and separators.
THREE = {"[1,2,3]": ("1 2 3", ""), "[12,3]": ("12 3", ""), "[13,2]": ("13 2", ""), "[23,1]": ("1 23", ""),
         "[12,13]": ("12 13", "1"), "[12,23]": ("12 23", "2"), "[13,23]": ("13 23", "3"), "[123]": ("123", "")}


def three_lists(counts, names="abc"):
    """Histories from seven counts: a, b, ab, c, ac, bc, abc."""
    cells = {tuple(name for place, name in enumerate(names) if cell >> place & 1): count
             for cell, count in enumerate(counts, start=1)}
    return CaptureHistories.from_counts(cells, lists=list(names))


def margin(counts, hidden, delta, lists):
    """The logarithm of a margin's likelihood: Dirichlet-multinomial, its prior counts those of the whole table."""
    held = Counter()
    for cell, count in enumerate([hidden, *counts]):
        held[tuple(cell >> (int(one) - 1) & 1 for one in lists)] += count
    own = delta * 2 ** (3 - len(lists))
    whole = delta * 8
    found = math.lgamma(whole) - math.lgamma(hidden + sum(counts) + whole)
    return found + sum(math.lgamma(count + own) - math.lgamma(own) for count in held.values())


def formula(counts, delta, log_prior, hidden):
    """Madigan and York's posterior of graph and population, term by term."""
    logs = {}
    for unseen in hidden:
        size = sum(counts) + unseen
        margins = {part: margin(counts, unseen, delta, part) for part in ("1", "2", "3", "12", "13", "23", "123")}
        for graph, (cliques, separators) in THREE.items():
            logs[graph, size] = (log_prior(size) + math.lgamma(size + 1) - math.lgamma(unseen + 1)
                                 + sum(margins[part] for part in cliques.split())
                                 - sum(margins[part] for part in separators.split()))
    top = max(logs.values())
    total = sum(math.exp(value - top) for value in logs.values())
    return {key: math.exp(value - top) / total for key, value in logs.items()}


counts_of_three = st.lists(st.integers(0, 60), min_size=7, max_size=7).filter(lambda counts: sum(counts) > 0)
deltas = st.sampled_from([2**-5, 0.1, 0.5, 1.0, 3.0])


@settings(deadline=None, derandomize=True, max_examples=15)
@given(counts=counts_of_three, delta=deltas, power=st.sampled_from([0.0, 1.0]))
def test_three_lists_follow_the_formula(counts, delta, power):
    found = bayesian_graphical_posterior(three_lists(counts), delta=delta, prior="inverse" if power else "uniform",
                                         most_hidden=200)
    joint = formula(counts, delta, lambda size: -power * math.log(size), range(201))
    of_graphs, of_sizes = Counter(), Counter()
    for (graph, size), share in joint.items():
        of_graphs[graph] += share
        of_sizes[size] += share
    ours = found.frame.set_index("model")["probability"].to_dict()
    assert ours == pytest.approx(dict(of_graphs), rel=1e-8)
    sizes = sum(counts) + np.arange(201)
    assert found.mass_at(sizes) == pytest.approx([of_sizes[size] for size in sizes], rel=1e-8, abs=1e-15)
    cumulated = np.cumsum([of_sizes[size] for size in sizes])
    for share in (0.025, 0.5, 0.975):
        assert found.quantile(share) == sizes[np.searchsorted(cumulated, share)]


@settings(deadline=None, derandomize=True, max_examples=25)
@given(counts=counts_of_three, delta=deltas)
def test_sums_over_blocks_are_sums_over_every_number(counts, delta):
    """The same prior as a name and as a function, which is visited number by number."""
    histories = three_lists(counts)
    blocks = bayesian_graphical_posterior(histories, delta=delta, most_hidden=30_000)
    each = bayesian_graphical_posterior(histories, delta=delta, prior=lambda sizes: -np.log(sizes), most_hidden=30_000)
    ours, theirs = blocks.frame.set_index("model"), each.frame.set_index("model")
    assert ours["probability"].to_dict() == pytest.approx(theirs["probability"].to_dict(), rel=1e-9)
    assert ours["mean"].to_dict() == pytest.approx(theirs["mean"].to_dict(), rel=1e-9)
    sizes = histories.n_observed + np.array([0, 1, 10, 1000, 29_999])
    assert blocks.mass_at(sizes) == pytest.approx(each.mass_at(sizes), rel=1e-9, abs=1e-15)
    if blocks.sd is not None:
        assert blocks.mean == pytest.approx(each.mean, rel=1e-9)
        assert blocks.sd == pytest.approx(each.sd, rel=1e-8)


def test_an_array_is_a_prior_on_what_it_covers():
    histories = people("MadiganYork")
    sizes = histories.n_observed + np.arange(400)
    given_prior = bayesian_graphical_posterior(histories, delta=1, prior=-np.log(sizes))
    named = bayesian_graphical_posterior(histories, delta=1, most_hidden=399)
    assert given_prior.most_hidden == 399
    assert given_prior.frame["probability"].to_numpy() == pytest.approx(named.frame["probability"], rel=1e-12)


def test_people_seen_before_are_prior_counts_of_the_complete_graph():
    """Conjugacy: with the posterior Dirichlet of some people as prior, others' likelihood is that of all, divided.

    Under the complete graph a table with counts and the prior count delta has the Dirichlet-multinomial likelihood, so
    that adding counts to all cells alike is the same as adding them to delta.
    """
    delta, more, counts = 0.5, 3, [9, 8, 7, 6, 5, 4, 3]
    hidden = np.arange(5.0, 400.0)

    def complete(table, prior, unseen):
        return [margin(table, one, prior, "123") for one in unseen]

    together = np.array(complete([count + more for count in counts], delta, hidden + more))
    later = np.array(complete(counts, delta + more, hidden))
    assert np.ptp(together - later) < 1e-9


def is_ring(joined, places):
    """Whether these places, and the edges between them, are one ring."""
    beside = {one: [other for other in places if frozenset((one, other)) in joined] for one in places}
    if any(len(others) != 2 for others in beside.values()):
        return False
    start = places[0]
    before, here, steps = start, beside[start][0], 1
    while here != start:
        before, here = here, next(other for other in beside[here] if other != before)
        steps += 1
    return steps == len(places)


def test_cliques_and_separators_of_every_graph():
    """By definition: a graph is decomposable if no four places or more form a ring without a chord."""
    for n_lists in (3, 4, 5):
        graphs = decomposable_graphs_of(n_lists)
        pairs = [frozenset(pair) for pair in combinations(range(n_lists), 2)]
        parts = [part for size in range(1, n_lists + 1) for part in combinations(range(n_lists), size)]
        expected = set()
        for edges in range(1 << len(pairs)):
            joined = {pair for place, pair in enumerate(pairs) if edges >> place & 1}
            if any(is_ring(joined, part) for part in parts if len(part) > 3):
                continue
            complete = [set(part) for part in parts if all(frozenset(pair) in joined for pair in combinations(part, 2))]
            largest = [part for part in complete if not any(part < other for other in complete)]
            expected.add(frozenset(sum(1 << one for one in part) for part in largest))
        found = [frozenset(int(clique) for clique in sets if clique) for sets in graphs.closed]
        assert len(found) == len(expected) == NUMBER_OF_GRAPHS[n_lists]
        assert set(found) == expected
        # Every list is counted once: as often in cliques as in separators, and once more.
        for one in range(n_lists):
            assert ((graphs.closed >> one & 1).sum(axis=1) - (graphs.opened >> one & 1).sum(axis=1) == 1).all()


def test_how_many_graphs_there_are():
    """Labelled chordal graphs (sequence A058862 of the Encyclopedia of Integer Sequences)."""
    assert [len(decomposable_graphs_of(n_lists)) for n_lists in (3, 4, 5, 6, 7)] == [8, 61, 822, 18_154, 617_675]


@pytest.mark.parametrize("width", [32, 1024, 2**20, 2**40])
def test_rules_sum_polynomials_exactly(width):
    points, weights = discrete_rule(width)
    scaled = (2 * points + 1) / width - 1
    for degree in range(0, 9, 2):
        # By Euler and Maclaurin, to the terms that matter at 32.
        exact = sum(((2 * one + 1) / width - 1) ** degree for one in range(width)) if width <= 1024 else (
            width / (degree + 1))
        assert weights @ scaled**degree == pytest.approx(exact, rel=1e-10)
        assert weights @ scaled ** (degree + 1) == pytest.approx(0, abs=1e-11 * width)


def test_blocks_cover_a_range_once():
    for low, high in ((0, 1), (0, 77), (1, 50_001), (123, 4567)):
        start, width = dyadic_blocks(low, high)
        assert start[0] == low
        assert (start[1:] == start[:-1] + width[:-1]).all()
        assert start[-1] + width[-1] == high
        assert (start % width == 0).all()


@pytest.mark.parametrize("name", ["UKdat_5", "Kosovo", "Artificial_3"])
def test_the_order_of_lists_changes_nothing_at_all(name):
    histories = people(name)
    expected = bayesian_graphical_posterior(histories)
    for order in list(permutations(histories.lists))[1:40:13]:
        found = bayesian_graphical_posterior(histories.select(list(order)))
        assert found.quantile(0.5) == expected.quantile(0.5)
        assert found.mean == expected.mean
        assert (found.probability == expected.probability).all()
    # The graph is named in the order given.
    first, last = histories.lists[0], histories.lists[-1]
    swapped = histories.select([last, *histories.lists[1:-1], first])
    renamed = {str(1): str(len(histories.lists)), str(len(histories.lists)): str(1)}
    leading = bayesian_graphical_posterior(swapped).frame["model"][0]
    cliques = {frozenset(renamed.get(one, one) for one in part) for part in leading.strip("[]").split(",")}
    assert cliques == {frozenset(part) for part in expected.frame["model"][0].strip("[]").split(",")}


def test_six_lists_leave_out_next_to_nothing():
    """A graph left out would have shown in the sum of all: here nothing is left out, one after the other."""
    histories = people("NewOrl_5")
    lists = list(histories.lists)
    six = independent_lists(300, dict.fromkeys([*lists, "sixth"], 0.15), rng=4)
    found = bayesian_graphical_posterior(six)
    assert found.visited == 18_154
    assert 0 <= found.left_out < 1e-9
    assert found.probability.sum() == pytest.approx(1, abs=1e-12)
    # The mode of the posterior by its definition, from all graphs, near the median.
    near = found.quantile(0.5) + np.arange(-3, 4)
    weights = type(found.weights)(found.weights.counts, decomposable_graphs_of(6), 1.0)
    direct = np.exp(weights(near - found.observed) - found.log_total).sum(axis=0)
    assert found.mass_at(near) == pytest.approx(direct, rel=1e-9)


def test_draws_have_the_posterior_they_came_from():
    found = bayesian_graphical_posterior(people("UKdat_5"))
    draws = np.sort(found.draws().values)
    assert draws.mean() == pytest.approx(found.mean, rel=2e-4)
    assert draws.std() == pytest.approx(found.sd, rel=2e-3)
    for share in (0.025, 0.25, 0.5, 0.75, 0.975):
        assert np.quantile(draws, share) == pytest.approx(found.quantile(share), rel=2e-3)


def test_the_estimate_is_the_posteriors():
    histories = people("diabetes")
    made, found = bayesian_graphical(histories), bayesian_graphical_posterior(histories)
    assert (made.value, made.lower, made.upper) == (found.quantile(0.5), *found.interval(0.95))
    assert made.se == made.diagnostics["sd"] == found.sd
    assert made.diagnostics["medians_by_delta"] == {"0.0625": 2471, "1": 2487}
    assert not any("prior" in caution for caution in made.cautions)


# What is refused, and what is said.


def saturated():
    """Three lists on which every dependence shows: 2,744 people as in the UK, most on one list."""
    return people("UKdat_5")


def test_an_n_decided_by_the_prior_is_refused():
    """Silent elsewhere: with delta 1 the complete graph takes all, and N is 2,837 whatever the overlaps say."""
    with pytest.raises(NoEstimate, match=r"100 % of the posterior .* the prior decides the number, not the data"):
        bayesian_graphical(saturated(), delta=1)


def test_an_n_that_another_prior_count_would_change_is_cautioned():
    made = bayesian_graphical(saturated())
    assert any("in place of 22,990 with delta 0.03125 the median is 2,806 with delta 1" in one for one in made.cautions)


def test_lists_without_overlap_are_refused():
    with pytest.raises(NoEstimate, match="for which nobody tells how many are hidden"):
        bayesian_graphical(three_lists([40, 30, 0, 20, 0, 0, 0]))


def test_a_flat_prior_that_leaves_no_posterior_is_refused():
    with pytest.raises(NoEstimate, match=r"falls only as 1/N\^0.969, so it has no total"):
        bayesian_graphical(saturated(), prior="uniform")
    assert bayesian_graphical_posterior(saturated(), prior="uniform", most_hidden=50_000).quantile(0.5) > 2744


def test_a_posterior_that_never_ends_is_refused():
    with pytest.raises(NoEstimate, match="falls so slowly"):
        bayesian_graphical_posterior(three_lists([40, 30, 0, 20, 0, 0, 0]), delta=1e-4)


def test_a_long_tail_a_posterior_that_only_falls_and_some_uninformed_graphs_are_cautioned():
    made = bayesian_graphical(people("Artificial_3"))
    assert made.se is None
    said = " ".join(made.cautions)
    assert "so long a tail that its mean means nothing" in said
    assert "the most probable number of hidden people is the least considered" in said
    assert "46 % of the posterior lies with graphs of which the prior alone decides" in said


def test_a_limit_that_cuts_the_posterior_is_cautioned():
    made = bayesian_graphical(saturated(), most_hidden=20_000)
    assert any("cut off at 20,000 hidden people" in caution for caution in made.cautions)
    assert not any("cut off" in caution for caution in bayesian_graphical(saturated(), most_hidden=60_000).cautions)


@pytest.mark.parametrize(("options", "said"), [
    ({"delta": 0}, "delta is a prior count"), ({"delta": math.inf}, "delta is a prior count"),
    ({"prior": "flat"}, "prior is one of inverse, uniform"), ({"prior": np.log}, "needs most_hidden"),
    ({"prior": [0.0]}, "two or more"), ({"prior": [0.0, math.nan, 1.0]}, "log prior must be a number"),
    ({"prior": [-math.inf, -math.inf]}, "no number of hidden people possible"),
    ({"least_hidden": -1}, "least_hidden"), ({"most_hidden": 0}, "above least_hidden"),
    ({"confidence_level": 1.0}, "confidence_level"),
])
def test_options_that_cannot_be_used(options, said):
    with pytest.raises(ValueError, match=said):
        bayesian_graphical(people("MadiganYork"), **options)


@pytest.mark.parametrize("n_lists", [2, 8])
def test_numbers_of_lists_that_cannot_be_used(n_lists):
    with pytest.raises(ValueError, match=f"needs 3 to 7 lists, got {n_lists}"):
        bayesian_graphical(independent_lists(200, {f"list {one}": 0.4 for one in range(n_lists)}, rng=1))


def test_a_prior_table_without_any_posterior_is_refused():
    with pytest.raises(NoEstimate, match="under none of 1 priors"):
        prior_table(saturated(), deltas=[2**-5], priors=["uniform"])
    with pytest.raises(ValueError, match="needs one prior count"):
        prior_table(saturated(), deltas=[])


def test_a_prior_table_says_when_the_prior_decides_little_and_what_has_no_posterior():
    table = prior_table(people("diabetes"))
    assert not table.decided
    assert table.ratio < 1.02
    assert table.verdict.startswith("The prior decides little")
    assert table.verdict.endswith("Under 1 of 10 priors there is no estimate.")
    assert table.frame["reason"].str.contains("no total").sum() == 1
    own = prior_table(people("diabetes"), deltas=[0.1], priors={"up to 3,000": "uniform"}, most_hidden=3000)
    assert own.frame["prior"].tolist() == ["up to 3,000"]


@settings(deadline=None, derandomize=True, max_examples=25)
@given(counts=st.lists(st.one_of(st.just(0), st.integers(0, 9), st.integers(0, 10**9)), min_size=7, max_size=7).filter(
    lambda counts: sum(counts) > 0), delta=deltas)
def test_any_table_of_three_lists(counts, delta):
    """Counts to a thousand million: quantiles in order, near where the graph of most weight has its mean."""
    histories = three_lists(counts)
    try:
        found = bayesian_graphical_posterior(histories, delta=delta)
    except NoEstimate:
        return
    quantiles = [found.quantile(share) for share in (0.001, 0.025, 0.5, 0.975, 0.999)]
    assert quantiles == sorted(quantiles)
    assert quantiles[0] >= histories.n_observed
    assert found.mass.sum() + found.beyond == pytest.approx(1, abs=1e-8)
    assert found.probability.sum() == pytest.approx(1, abs=1e-9)
    assert found.start.size < 3000
    at = found.mass_at([found.mode, found.mode + 1, found.mode - 1])
    assert at[0] >= at[1:].max() * (1 - 1e-4)


def test_a_narrow_peak_far_out_is_not_missed():
    """Three independent lists of a population of 2,500 million: N is found to a few parts in a hundred thousand."""
    size, chances = 2_500_000_000, (0.5, 0.5, 0.4)
    counts = [round(size * math.prod(chance if cell >> place & 1 else 1 - chance
                                     for place, chance in enumerate(chances))) for cell in range(1, 8)]
    found = bayesian_graphical_posterior(three_lists(counts))
    assert found.frame["model"][0] == "[1,2,3]"
    assert found.quantile(0.5) == pytest.approx(size, rel=1e-6)
    assert found.mean == pytest.approx(size, rel=1e-6)
    # The variance of a maximum likelihood estimate under independence (Darroch 1958).
    hidden = math.prod(1 - chance for chance in chances)
    variance = size / (1 / hidden + len(chances) - 1 - sum(1 / (1 - chance) for chance in chances))
    assert found.sd == pytest.approx(math.sqrt(variance), rel=1e-3)
    assert found.start.size < 1000


@pytest.mark.slow
def test_ranks_of_the_truth_are_uniform():
    """Simulation-based calibration: N, graph and tables drawn from the prior; the truth's place in its posterior."""
    rng = np.random.default_rng(8)
    places = []
    while len(places) < 400:
        size = int(rng.integers(50, 1501))
        edges = decomposable_graphs_of(3)
        graph = int(rng.integers(len(edges)))
        table = rng.multinomial(size, _drawn_cells(edges, graph, 1.0, rng))
        observed = int(table[1:].sum())
        if observed == 0:
            continue
        posterior = bayesian_graphical_posterior(
            three_lists(table[1:].tolist()), delta=1.0,
            prior=lambda sizes: np.where((sizes >= 50) & (sizes <= 1500), 0.0, -math.inf), most_hidden=1500)
        below = posterior.mass_at(np.arange(observed, size)).sum()
        places.append(below + rng.uniform() * posterior.mass_at([size])[0])
    counted = np.histogram(places, 10, (0, 1))[0]
    # Chi-squared on 9 degrees of freedom: 27.9 is exceeded once in a thousand.
    assert ((counted - 40) ** 2 / 40).sum() < 27.9


def _drawn_cells(graphs, graph, delta, rng):
    """Chances of the eight histories from the hyper-Dirichlet law: clique by clique, given the separator."""
    closed = [int(one) for one in graphs.closed[graph] if one]
    chances = np.ones(8)
    known = 0
    for clique in sorted(closed, key=lambda one: -one.bit_count()):
        shared = clique & known
        drawn = {}
        for cell in range(8):
            if cell & clique not in drawn:
                drawn[cell & clique] = rng.gamma(delta * 2.0 ** (3 - clique.bit_count()))
        for cell in range(8):
            same = sum(value for part, value in drawn.items() if part & shared == cell & shared)
            chances[cell] *= drawn[cell & clique] / same
        known |= clique
    return chances / chances.sum()
