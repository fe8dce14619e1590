"""The researcher's tour runs from top to bottom, shows its figures, and says the numbers it is about."""

import pytest


@pytest.fixture(scope="module")
def cells(code_cells):
    return code_cells("explore-lists.ipynb")


def test_every_plot_is_shown_once(cells):
    for cell in cells:
        drawn = sum("image/png" in output.get("data", {}) for output in cell.outputs)
        assert drawn == cell.source.count("sa.plots."), cell.source


def test_nothing_is_written_to_the_error_stream(cells):
    assert not [output for cell in cells for output in cell.outputs if output.get("name") == "stderr"]


@pytest.mark.parametrize("figure", [
    "12,214 persons",         # six lists taken as independent
    "12349.586954",           # the best of 32,768 two-list models by BIC
    "11417.991092",           # forward steps
    "certified=True",         # every model of any order within 10 points of the best was found
])
def test_the_published_figures_are_on_the_page(cells, shown, figure):
    assert figure in shown(cells)


def test_the_tour_ends_in_a_sentence_to_publish(cells):
    last = cells[-1].outputs[0]["text"]
    assert last.startswith("Between ") and "of whom 2,744 were observed" in last and "- nobody is on both" in last
