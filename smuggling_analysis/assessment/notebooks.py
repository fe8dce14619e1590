"""Chapter notebooks, executed by papermill, each in a kernel of the running interpreter.

What papermill and Jupyter leave to chance is settled here:

- undeclared parameters, which papermill accepts, are refused by `undeclared`;
- the kernel is this interpreter, whatever kernels are installed under the name "python3";
- kernels talk over sockets in a private folder with a short name of its own for each (TCP ports collide
  when notebooks run side by side, and so do the relative socket names that are Jupyter's default);
- every kernel runs one thread, hashes alike, and reads nobody's IPython profile;
- no path of this machine stays in an executed notebook.
"""

from __future__ import annotations

import logging
import os
import re
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from smuggling_analysis.assessment.chapters import ChapterRow
from smuggling_analysis.assessment.workspace import VARIABLE

PARAMETERS = ("assessment", "year", "seed")
_START_SECONDS = 120
_CELL_SECONDS = 3600
_LONGEST_PLACE = 75  # a socket's whole name has at most 103 letters on macOS
_THREADS = ("OMP", "OPENBLAS", "MKL", "NUMEXPR", "NUMBA", "VECLIB", "BLIS")
_LONGEST_MESSAGE = 2_000
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")


class ChapterFailed(Exception):
    """A chapter's notebook stopped: which, at which cell, and why."""


def undeclared(path: Path, parameters: Iterable[str] = PARAMETERS) -> list[str]:
    """Return those of the parameters that the notebook does not declare in its cell tagged `parameters`."""
    _quiet()
    from papermill import inspect_notebook

    declared = inspect_notebook(str(path))
    return [name for name in parameters if name not in declared]


class Kernels:
    """The kernels of one run: starts one per notebook, and can stop them all.

    Parameters
    ----------
    root : Path
        The project's folder, where the kernels work.
    scratch : Path
        The run's folder, which the chapters write into. It remembers the private folder, so that the next
        run can remove what a killed one left.
    cell_seconds : int
        How long one cell may take: a loop without end ends then.
    """

    def __init__(self, root: Path, scratch: Path, cell_seconds: int = _CELL_SECONDS):
        self.root, self.scratch, self.cell_seconds = root, scratch, cell_seconds
        self.private = Path(tempfile.mkdtemp(prefix="sa-"))
        (scratch / ".private").symlink_to(self.private)
        self._processes: list[Any] = []
        self._stopped = False

    def __enter__(self) -> Kernels:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        shutil.rmtree(self.private, ignore_errors=True)
        (self.scratch / ".private").unlink(missing_ok=True)

    def stop(self) -> None:
        """Kill every kernel that still runs, with all it started; none starts any more."""
        self._stopped = True
        for manager in self._processes:
            process = getattr(manager.provisioner, "process", None)
            if process is not None and process.poll() is None:
                with suppress(OSError):
                    os.killpg(process.pid, signal.SIGKILL)

    def execute(self, row: ChapterRow, parameters: Mapping[str, Any]) -> None:
        """Run a chapter's notebook; the executed notebook is kept even when it fails.

        Raises
        ------
        ChapterFailed
            Naming the notebook, the cell and the error.
        """
        _quiet()
        from nbclient.exceptions import CellTimeoutError, DeadKernelError
        from papermill import PapermillExecutionError, execute_notebook
        from traitlets.config import Config

        target = self.scratch / "chapters" / row.notebook
        target.parent.mkdir(exist_ok=True)
        sockets = os.name != "nt" and len(str(self.private)) < _LONGEST_PLACE
        config = Config({"KernelManager": {"transport": "ipc" if sockets else "tcp",
                                           "connection_file": str(self.private / f"{row.name}.json")}})
        log = self.private / f"{row.name}.log"
        try:
            execute_notebook(
                self.root / "notebooks" / row.notebook, target, dict(parameters), progress_bar=False,
                kernel_name="python3", language="python", start_timeout=_START_SECONDS,
                execution_timeout=self.cell_seconds, config=config,
                kernel_manager_class=self._manager(log), shutdown_kernel="immediate",
                resources={"metadata": {"path": str(self.root)}})
        except PapermillExecutionError as error:
            raise ChapterFailed(f"notebooks/{row.notebook}, cell {_cell_number(target, error.exec_count)}: "
                                f"{error.ename}: {_legible(error.evalue)}") from None
        except DeadKernelError:
            raise ChapterFailed(f"notebooks/{row.notebook}: its process ended in the middle of a cell: the "
                                f"memory ran out, or something ended it{_last_words(log)}") from None
        except CellTimeoutError:
            raise ChapterFailed(f"notebooks/{row.notebook}: a cell took more than {self.cell_seconds:,} "
                                "seconds: it may have no end") from None
        except Exception as error:
            raise ChapterFailed(f"notebooks/{row.notebook}: {type(error).__name__}: "
                                f"{error}{_last_words(log)}") from None
        finally:
            if target.exists():
                _forget_machine(target, row, self.root)

    def _manager(self, log: Path) -> type:
        from jupyter_client.kernelspec import KernelSpec
        from jupyter_client.manager import AsyncKernelManager

        spec = KernelSpec(argv=[sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"],
                          display_name="Python 3", language="python", env=self._environment())
        run = self

        class ThisInterpreter(AsyncKernelManager):
            """Starts the running interpreter as the kernel, and is remembered by its run."""

            @property
            def kernel_spec(self) -> KernelSpec:
                return spec

            async def _async_launch_kernel(self, *args: Any, **kwargs: Any) -> None:
                if run._stopped:
                    raise RuntimeError("the run was stopped")
                run._processes.append(self)
                with log.open("wb") as words:
                    await super()._async_launch_kernel(*args, stdout=words, stderr=words, **kwargs)

        return ThisInterpreter

    def _environment(self) -> dict[str, str]:
        return {VARIABLE: str(self.scratch), "IPYTHONDIR": str(self.private / "ipython"), "MPLBACKEND": "agg",
                "PYTHONHASHSEED": "0", "PYDEVD_DISABLE_FILE_VALIDATION": "1",
                **{f"{library}_NUM_THREADS": "1" for library in _THREADS}}


def _quiet() -> None:
    """Keep Jupyter's own log lines off the screen: failures are reported once, by us."""
    for name in ("papermill", "traitlets", "blib2to3"):
        logging.getLogger(name).addHandler(logging.NullHandler())
        logging.getLogger(name).propagate = False


def _legible(message: str) -> str:
    """Cut an error's message to what a screen can show, without what would steer the screen."""
    plain = "".join(letter if letter.isprintable() or letter == "\n" else "?"
                    for letter in _COLOURS.sub("", message).strip())
    return plain if len(plain) <= _LONGEST_MESSAGE else plain[:_LONGEST_MESSAGE - 1] + "…"


def _last_words(log: Path) -> str:
    """Return what a kernel that died wrote outside its notebook."""
    lines = log.read_text(encoding="utf-8", errors="replace").strip().splitlines() if log.exists() else []
    return "".join(f"\n    {line}" for line in lines[-5:])


def _cell_number(executed: Path, execution_count: int | None) -> str:
    """Return the failed cell's number in the author's notebook, from 1; papermill's cells do not count."""
    import nbformat

    notebook = nbformat.read(executed, as_version=4)
    own = [cell for cell in notebook.cells if not {"injected-parameters", "papermill-error-cell-tag"}
           & set(cell.metadata.get("tags", []))]
    for number, cell in enumerate(own, start=1):
        if any(output.output_type == "error" for output in cell.get("outputs", [])):
            return f"{number} of {len(own)}"
    return f"executed as number {execution_count}"


def _forget_machine(executed: Path, row: ChapterRow, root: Path) -> None:
    """Take what is of this machine and this moment out of an executed notebook: paths, times, chance."""
    import nbformat

    notebook = nbformat.read(executed, as_version=4)
    record = notebook.metadata.get("papermill", {})
    record.update(input_path=f"notebooks/{row.notebook}", output_path=f"chapters/{row.notebook}")
    for part in (record, *(cell.metadata.get("papermill", {}) for cell in notebook.cells)):
        for key in ("start_time", "end_time", "duration"):
            part.pop(key, None)
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
        if "injected-parameters" in cell.metadata.get("tags", []):
            cell.id = "injected-parameters"  # papermill draws one at random
        for output in cell.get("outputs", []):
            for key in ("text", "evalue"):
                if key in output:
                    output[key] = _without_places(output[key], root)
            if "traceback" in output:
                output["traceback"] = [_without_places(line, root) for line in output["traceback"]]
    nbformat.write(notebook, executed)


def _without_places(text: str, root: Path) -> str:
    for place, name in ((sys.prefix, "ENVIRONMENT"), (str(root), "PROJECT"), (f"{Path.home()}/", "HOME/")):
        text = text.replace(place, name)
    return text
