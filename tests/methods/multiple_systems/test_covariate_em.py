"""Covariates recorded by some lists only: held to published tables, to scipy's optimiser and to closed forms."""

import numpy as np
import pandas as pd
import pytest

from smuggling_analysis import CaptureHistories, NoEstimate
from smuggling_analysis.methods.multiple_systems import covariate_model, loglinear

MAXIMAL = [("A", "X2"), ("X1", "X2"), ("B", "X1")]


@pytest.fixture
def registers(covariate_table):
    def read(name):
        return CaptureHistories.from_table(covariate_table(name), lists=["A", "B"], strata=["X1", "X2"],
                                           partly_recorded=["X1", "X2"])
    return read


@pytest.mark.parametrize(("name", "value"), [
    ("AII", 33_769.9), ("road_2000", 16_614.7), ("road_2010", None), ("maori", 4_383_574.8)])
def test_fitted_values_are_those_published(name, value, registers, covariate_table):
    """Van der Heijden and others (2018), tables 1, 6 and 8; (2022), table 2; printed to one decimal.

    Of the 244 printed values one is off by more than half a decimal: 4,735.8 in table 1 of 2018, where the closed
    form 12,356 x 110 / (110 + 177) is 4,735.749.
    """
    ours = covariate_model(registers(name), model=MAXIMAL)
    both = covariate_table(f"{name}__fitted").merge(ours.fitted, on=["A", "B", "X1", "X2"], suffixes=("_printed", ""))
    assert len(both) == len(covariate_table(f"{name}__fitted"))
    off = (both["fitted_printed"] - both["fitted"]).abs()
    assert off.max() < 0.051
    assert (off > 0.05).sum() == (name == "AII")
    if value:
        assert ours.total.value == pytest.approx(value, abs=0.06)
    assert ours.total.diagnostics["df"] == 0
    assert ours.total.diagnostics["deviance"] == pytest.approx(0.0, abs=1e-8)
    assert ours.total.diagnostics["other_summits"] == 0


def test_independent_covariates_leave_two_independent_registers(registers):
    """Van der Heijden and others (2018), section 2.1: 33,764.2 and a likelihood ratio of 3.2.

    The closed form n1 n2 / m is 33,764.2949: the printed figure is cut, not rounded.
    """
    ours = covariate_model(registers("AII"), model=[("A", "X2"), ("B", "X1")]).total
    assert ours.value == pytest.approx(27_339 * 1_340 / 1_085, rel=1e-10)
    assert int(10 * ours.value) == 337_642
    assert ours.diagnostics["deviance"] == pytest.approx(3.2, abs=0.05)
    assert ours.diagnostics["df"] == 1
    assert loglinear(registers("AII"), model="[1,2]").value == pytest.approx(ours.value, rel=1e-9)


def test_parameters_are_those_published(registers):
    """Van der Heijden and others (2022), table 3; the standard errors there take the completed counts as seen."""
    found = covariate_model(registers("maori"), model=MAXIMAL).coefficients.set_index("term")["value"]
    printed = {"intercept": 8.50, "A": 2.06, "X2=1": -3.62, "B": 4.41, "X1=1": -3.78, "A x X2=1": -0.92,
               "B x X1=1": 0.43, "X1=1 x X2=1": 5.93}
    for term, value in printed.items():
        assert found[term] == pytest.approx(value, abs=0.0051), term


def test_bootstrap_limits_are_those_published(registers):
    """Van der Heijden and others (2018), section 4.1: parametric bootstrap of 10,000 replicates.

    With 2,000 replicates of ours, a limit's Monte Carlo standard error is about 6; theirs is about 3.
    """
    ours = covariate_model(registers("road_2000"), model=MAXIMAL, interval="bootstrap", resampling="parametric",
                           replicates=2000, rng=3).margin("X1")
    assert [ours["1"].lower, ours["1"].upper] == pytest.approx([13_568, 14_072], abs=25)
    assert [ours["2"].lower, ours["2"].upper] == pytest.approx([2_551, 3_037], abs=25)
    # The sums of table 6, panel 3; the text rounds the bootstrap's means, 13,823 and 2,791.
    assert [ours["1"].value, ours["2"].value] == pytest.approx([7_608 + 6_214.3, 354 + 2_438.4], abs=0.11)


def test_cells_that_em_drains_are_on_the_boundary(registers):
    ours = covariate_model(registers("road_2010"), model=MAXIMAL)
    assert any("on the boundary" in caution and "X1 2 and X2 4" in caution for caution in ours.total.cautions)
    drained = ours.fitted.query("X1 == '2' and X2 == '4'")
    assert (drained["fitted"] == 0).all()


@pytest.mark.parametrize("model", [[("A", "X1"), ("B", "X1")], [("A", "X2"), ("B", "X1"), ("B", "X2"), ("X1", "X2")],
                                   [("A", "B")]])
def test_terms_nobody_recorded_are_refused(model, registers):
    """Van der Heijden and others (2018): where A = 0, X1 is missing, so a term A x X1 is not in any model."""
    with pytest.raises(NoEstimate, match="is not identifiable on this table"):
        covariate_model(registers("AII"), model=model)


def test_selection_leaves_out_what_cannot_be_identified(registers):
    ours = covariate_model(registers("AII")).total
    assert ours.diagnostics["models_visited"] == 32
    assert ours.diagnostics["models_with_estimate"] == 10


def partly_recorded(seed=1):
    """Three lists; the third does not record the kind, and the others forget it for some."""
    rng = np.random.default_rng(seed)
    rows = [(a, b, c, kind, int(rng.poisson(60 if kind else 40)))
            for a in (0, 1) for b in (0, 1) for c in (0, 1) for kind in ("u", "v", None)
            if (a or b or c) and (kind is None or a or b)]
    table = pd.DataFrame(rows, columns=["a", "b", "c", "kind", "count"])
    return table, CaptureHistories.from_table(table, strata=["kind"], partly_recorded=["kind"])


def test_maximum_and_information_are_those_of_an_optimiser():
    from scipy.optimize import minimize

    table, histories = partly_recorded()
    found = covariate_model(histories, model=[("a", "kind"), ("b", "kind"), ("c", "kind")])
    levels = {"u": 0, "v": 1}
    cells = [(a, b, c, k) for a in (0, 1) for b in (0, 1) for c in (0, 1) for k in (0, 1)]
    design = np.array([(1, a, b, c, k, a * k, b * k, c * k) for a, b, c, k in cells], dtype=float)
    seen = np.array([any(cell[:3]) for cell in cells])
    rows = [(np.array([cell[:3] == row[:3] and cell[3] == levels.get(row[3], cell[3]) for cell in cells]), row[4])
            for row in table.itertuples(index=False, name=None)]

    def surprise(theta):
        means = np.exp(design @ theta)
        return means[seen].sum() - sum(number * np.log(means[inside].sum()) for inside, number in rows)

    best = minimize(surprise, np.array([4.0, 0, 0, 0, 0, 0, 0, 0]), method="BFGS", options={"gtol": 1e-7})
    unseen = np.exp(design @ best.x)[~seen]
    assert found.total.diagnostics["unseen"] == pytest.approx(unseen.sum(), rel=1e-6)
    step = 1e-4 * np.eye(8)
    hessian = np.array([[surprise(best.x + i + j) - surprise(best.x + i - j) - surprise(best.x - i + j)
                         + surprise(best.x - i - j) for j in step] for i in step]) / 4e-8
    slope = unseen @ design[~seen]
    variance = unseen.sum() + slope @ np.linalg.inv(hessian) @ slope
    assert found.total.se == pytest.approx(np.sqrt(variance), rel=1e-3)
    assert 0 < found.total.diagnostics["share_of_information_lost"] < 1


def test_a_covariate_off_every_path_between_lists_costs_nothing():
    """Where the table collapses over a covariate, what was not recorded of it says nothing on the total."""
    _, histories = partly_recorded()
    with_it = covariate_model(histories, model=[("a", "b"), ("a", "kind"), ("b", "kind")]).total
    assert with_it.diagnostics["share_of_information_lost"] == pytest.approx(0.0, abs=1e-9)
    assert with_it.value == pytest.approx(loglinear(histories, model="[12,3]").value, rel=1e-9)


def test_values_recorded_for_everybody_need_no_em():
    """A column that may be empty but is not gives what the full table gives."""
    table, _ = partly_recorded()
    full = table.dropna()
    one = CaptureHistories.from_table(full, strata=["kind"])
    other = CaptureHistories.from_table(full, strata=["kind"], partly_recorded=["kind"])
    assert covariate_model(one).total.value == covariate_model(other).total.value


def test_what_is_missing_at_random_widens_and_does_not_shift():
    """Forgetting the kind of a random half of the people leaves the total near and makes it less certain."""
    rng = np.random.default_rng(4)
    rows = [(a, b, c, kind, int(5000 * p)) for kind, chances in (("u", (0.4, 0.3, 0.5)), ("v", (0.15, 0.2, 0.1)))
            for a in (0, 1) for b in (0, 1) for c in (0, 1) if a or b or c
            for p in [np.prod([q if on else 1 - q for q, on in zip(chances, (a, b, c), strict=True)])]]
    kept, model = [], [("a", "kind"), ("b", "kind"), ("c", "kind")]
    for *key, kind, number in rows:
        half = int(rng.binomial(number, 0.5))
        kept += [(*key, kind, half), (*key, None, number - half)]
    names = ["a", "b", "c", "kind", "count"]
    halved = pd.DataFrame(kept, columns=names).groupby(names[:4], dropna=False, as_index=False)["count"].sum()
    whole = covariate_model(CaptureHistories.from_table(pd.DataFrame(rows, columns=names), strata=["kind"]),
                            model=model).total
    partly = covariate_model(CaptureHistories.from_table(halved, strata=["kind"], partly_recorded=["kind"]),
                             model=model).total
    assert partly.value == pytest.approx(whole.value, abs=whole.se)
    assert whole.se < partly.se < 2 * whole.se
    assert any("was not recorded" in caution for caution in partly.cautions)
    assert not any("was not recorded" in caution for caution in whole.cautions)


def test_nobody_recorded_is_refused():
    table = pd.DataFrame({"a": [1, 0, 1], "b": [0, 1, 1], "kind": [None] * 3, "count": [5, 6, 7]})
    with pytest.raises(NoEstimate, match="kind was recorded for nobody"):
        covariate_model(CaptureHistories.from_table(table, strata=["kind"], partly_recorded=["kind"]))


SEVERAL_SUMMITS = [
    (0, 0, 1, 'u', None, 9), (0, 0, 1, 'v', None, 9), (0, 0, 1, None, 'u', 1), (0, 0, 1, None, 'v', 7),
    (0, 1, 0, 'u', None, 51), (0, 1, 0, 'v', None, 7), (0, 1, 0, None, 'u', 55), (0, 1, 0, None, 'v', 67),
    (0, 1, 1, 'u', 'v', 1), (0, 1, 1, 'u', None, 45), (0, 1, 1, 'v', 'u', 50), (0, 1, 1, 'v', 'v', 2),
    (0, 1, 1, 'v', None, 9), (0, 1, 1, None, 'u', 73), (0, 1, 1, None, 'v', 7), (1, 0, 0, 'u', None, 1),
    (1, 0, 0, 'v', 'v', 3), (1, 0, 0, 'v', None, 1), (1, 0, 0, None, 'u', 62), (1, 0, 0, None, 'v', 0),
    (1, 0, 1, 'u', None, 65), (1, 0, 1, 'v', None, 12), (1, 0, 1, None, 'u', 0), (1, 0, 1, None, 'v', 51),
    (1, 1, 0, 'u', 'v', 0), (1, 1, 0, 'u', None, 0), (1, 1, 0, 'v', 'u', 66), (1, 1, 0, 'v', 'v', 63),
    (1, 1, 0, 'v', None, 3), (1, 1, 0, None, 'u', 3), (1, 1, 0, None, 'v', 71), (1, 1, 1, 'u', None, 10),
    (1, 1, 1, 'v', None, 16), (1, 1, 1, None, 'u', 10), (1, 1, 1, None, 'v', 0)]


def test_of_several_summits_the_highest_is_taken_and_they_are_spoken_of():
    from scipy.optimize import minimize

    table = pd.DataFrame(SEVERAL_SUMMITS, columns=["a", "b", "c", "x", "y", "count"])
    histories = CaptureHistories.from_table(table, strata=["x", "y"], partly_recorded=["x", "y"])
    found = covariate_model(histories, model=[("x", "y"), ("a", "x"), ("a", "y"), ("b", "x"), ("b", "y")])
    assert found.total.diagnostics["other_summits"] > 0
    assert any("the likelihood has several summits" in caution for caution in found.total.cautions)
    cells = [(a, b, c, x, y) for a in (0, 1) for b in (0, 1) for c in (0, 1) for x in "uv" for y in "uv"]
    numbers = np.array([(a, b, c, x == "v", y == "v") for a, b, c, x, y in cells], dtype=float)
    pairs = [(3, 4), (0, 3), (0, 4), (1, 3), (1, 4)]
    design = np.column_stack([np.ones(len(cells)), numbers, *(numbers[:, i] * numbers[:, j] for i, j in pairs)])
    seen = numbers[:, :3].any(axis=1)
    counted = [row for row in SEVERAL_SUMMITS if row[5]]
    inside = np.array([[all(mine in (None, theirs) for mine, theirs in zip(row[:5], cell, strict=True))
                        for cell in cells] for row in counted], dtype=float)
    people = np.array([row[5] for row in counted])

    def surprise_of(means):
        return means[seen].sum() - people @ np.log(inside @ means)

    def surprise(theta):
        return surprise_of(np.exp(np.clip(design @ theta, -50, 50)))

    fitted = found.fitted.set_index(["a", "b", "c", "x", "y"])["fitted"].loc[cells].to_numpy()
    ours = surprise_of(fitted)
    rng = np.random.default_rng(0)
    others = [minimize(surprise, rng.normal(scale=1.5, size=design.shape[1]), method="L-BFGS-B").fun for _ in range(5)]
    assert ours <= min(others) + 1e-4
    assert max(others) > ours + 1
