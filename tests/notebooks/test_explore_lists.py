"""The researcher's tour runs from top to bottom, shows its figures, and says the numbers it is about."""

import os
from pathlib import Path

import nbformat
import pytest
from jupyter_client.manager import KernelManager
from nbclient import NotebookClient

NOTEBOOK = Path(__file__).parents[2] / "notebooks" / "explore-lists.ipynb"


@pytest.fixture(scope="module")
def cells(tmp_path_factory):
    """Run the notebook where it lies; its socket lives elsewhere, so that nothing is left beside it."""
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    socket = tmp_path_factory.mktemp("kernel") / "socket"
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(NOTEBOOK.parent)
        client = NotebookClient(notebook, km=KernelManager(transport="ipc", ip=os.fspath(socket)), timeout=300)
        client.execute()
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def shown(cells):
    return "\n".join(output.get("text", "") + output.get("data", {}).get("text/plain", "")
                     for cell in cells for output in cell.outputs)


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
def test_the_published_figures_are_on_the_page(cells, figure):
    assert figure in shown(cells)


def test_the_tour_ends_in_a_sentence_to_publish(cells):
    last = cells[-1].outputs[0]["text"]
    assert last.startswith("Between ") and "of whom 2,744 were observed" in last and "- nobody is on both" in last
