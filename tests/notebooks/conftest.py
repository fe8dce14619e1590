"""Notebooks are run where they lie, from top to bottom, in a kernel of their own."""

import os
from pathlib import Path

import nbformat
import pytest
from jupyter_client.manager import KernelManager
from nbclient import NotebookClient

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"


@pytest.fixture(scope="session")
def code_cells(tmp_path_factory):
    """Run a notebook and return its code cells with what they show."""

    def run(name):
        notebook = nbformat.read(NOTEBOOKS / name, as_version=4)
        # The kernel's socket lives elsewhere, so that nothing is left beside the notebook.
        socket = tmp_path_factory.mktemp("kernel") / "socket"
        with pytest.MonkeyPatch.context() as patch:
            patch.chdir(NOTEBOOKS)
            client = NotebookClient(notebook, km=KernelManager(transport="ipc", ip=os.fspath(socket)), timeout=300)
            client.execute()
        return [cell for cell in notebook.cells if cell.cell_type == "code"]

    return run


@pytest.fixture(scope="session")
def shown():
    """Return all the text that cells show."""

    def text(cells):
        return "\n".join(output.get("text", "") + output.get("data", {}).get("text/plain", "")
                         for cell in cells for output in cell.outputs)

    return text
