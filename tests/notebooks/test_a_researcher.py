"""What a researcher sees in JupyterLab: a figure below the cell that drew it, once."""

import nbformat
import pytest
from jupyter_client.manager import KernelManager
from nbclient import NotebookClient

LINES = [
    "import smuggling_analysis as sa",
    "histories = sa.CaptureHistories.from_counts({'a': 60, 'b': 40, ('a', 'b'): 12}, lists=['a', 'b'])",
    "sa.plots.overlap(histories)",
]


@pytest.fixture(scope="module")
def outputs(tmp_path_factory):
    again = "sa.plots.overlap(histories)"
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("\n".join(LINES)),
                                               nbformat.v4.new_code_cell(again)])
    manager = KernelManager(transport="ipc", ip=str(tmp_path_factory.mktemp("kernel") / "socket"))
    NotebookClient(notebook, km=manager, timeout=120).execute()
    return [cell.outputs for cell in notebook.cells]


def test_three_lines_show_a_plot(outputs):
    for shown in outputs:
        assert sum("image/png" in output.get("data", {}) for output in shown) == 1
