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
def outputs():
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("\n".join(LINES))])
    manager = KernelManager(transport="ipc")
    NotebookClient(notebook, km=manager, timeout=120).execute()
    return notebook.cells[0].outputs


def test_three_lines_show_a_plot(outputs):
    assert sum("image/png" in output.get("data", {}) for output in outputs) == 1
