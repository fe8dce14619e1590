"""The methodologist's tour runs from top to bottom, and each way to go wrong is shown and stopped."""

import pytest


@pytest.fixture(scope="module")
def cells(code_cells):
    return code_cells("explore-reliability.ipynb")


def test_every_plot_is_shown_once(cells):
    for cell in cells:
        drawn = sum("image/png" in output.get("data", {}) for output in cell.outputs)
        assert drawn == cell.source.count("sa.plots."), cell.source


def test_nothing_is_written_to_the_error_stream(cells):
    assert not [output for cell in cells for output in cell.outputs if output.get("name") == "stderr"]


@pytest.mark.parametrize("said", [
    "is not identifiable on this table",                # a model that has no estimate
    "22990.0", "2786.0",                                # the same table under two priors
    "the prior decides the number, not the data",       # and its refusal
    "did not agree on one number: R-hat is",            # chains that do not mix
    "people are estimated for each one observed",       # an estimator that explodes
    "R-hat is 1.40, above 1.1",                         # a chain made elsewhere, before the gate
    "below the number observed",                        # an interval that cannot be
    "52823.463953", "111139.37123",                     # models that fit alike and disagree
    "leaves the interval of the original at an odds ratio of 0.654 and of 1.44",
    "over 10 linked versions",
    "Estimate(10,357 persons",                          # the panel's headline for Kosovo
])
def test_each_way_to_go_wrong_is_on_the_page(cells, shown, said):
    assert said in shown(cells)


def test_the_band_holds_the_truth_at_the_true_odds_ratio_alone(cells, shown):
    table = shown([cell for cell in cells if "holds_the_truth" in cell.source])
    assert [line.split()[-1] for line in table.splitlines()[1:]] == ["False", "False", "True", "False"]
