"""The project's own papers: environment, lock file, notebooks and start-up, held to what README promises."""

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
CONDA_NAMES = {"bleach": "bleach-with-css", "great-tables": "great_tables", "jupyter-client": "jupyter_client",
               "matplotlib": "matplotlib-base"}


def _environment() -> dict[str, str]:
    lines = re.findall(r"^ +- +([a-z][\w-]*) *(>=[\d.]+)?$", (ROOT / "environment.yml").read_text(), re.MULTILINE)
    return dict(lines)


@pytest.mark.parametrize("dependency", PROJECT["dependencies"])
def test_the_conda_environment_has_every_dependency_at_the_same_floor(dependency):
    wanted = Requirement(dependency)
    assert _environment()[CONDA_NAMES.get(wanted.name, wanted.name)] == str(wanted.specifier)


def test_the_conda_environment_has_nothing_else_and_ends_by_installing_this_package():
    names = {CONDA_NAMES.get(name, name) for name in (Requirement(text).name for text in PROJECT["dependencies"])}
    assert set(_environment()) - {"conda-forge"} == names | {"python", "pip"}
    assert (ROOT / "environment.yml").read_text().rstrip().endswith("- -e .")


def test_the_lock_holds_every_dependency_with_a_hash_and_no_address():
    lock = (ROOT / "requirements.lock").read_text()
    assert "://" not in lock and "--index-url" not in lock
    pinned = re.findall(r"^([a-z0-9][\w.-]*)==", lock, re.MULTILINE)
    for dependency in PROJECT["dependencies"]:
        assert Requirement(dependency).name in pinned, dependency
    entries = re.split(r"\n(?=[a-z0-9])", lock)
    assert all("--hash=sha256:" in entry for entry in entries if "==" in entry)


def test_notebooks_are_committed_without_outputs():
    for notebook in (ROOT / "notebooks").glob("*.ipynb"):
        for cell in json.loads(notebook.read_text())["cells"]:
            assert not cell.get("outputs") and not cell.get("execution_count"), notebook.name


def test_importing_the_package_loads_nothing_heavy():
    heavy = ["matplotlib", "scipy.stats", "statsmodels", "seaborn", "papermill", "numba", "pandera", "great_tables"]
    script = ("import sys, smuggling_analysis as sa; sa.METHODS, sa.CaptureHistories, sa.Estimate; "
              f"print([name for name in {heavy!r} if name in sys.modules])")
    shown = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    assert shown.strip() == "[]"


def test_every_public_name_can_be_imported():
    import smuggling_analysis as sa

    for name in sa.__all__:
        assert getattr(sa, name) is not None
