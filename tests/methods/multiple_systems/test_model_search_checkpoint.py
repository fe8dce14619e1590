"""A search interrupted goes on where it stopped; a checkpoint of something else, or made by others, is refused."""

import pickle
import zipfile

import numpy as np
import pandas as pd
import pytest

from smuggling_analysis.methods.multiple_systems import search_models
from smuggling_analysis.methods.multiple_systems.search import every_model, long_run, model_search
from smuggling_analysis.methods.multiple_systems.search.checkpoint import load, save
from smuggling_analysis.problems import BadInput


class Interrupted(Exception):
    pass


def interrupted_after(monkeypatch, rounds):
    """Save after each round and stop as an interruption does after some."""
    seen = []

    def offer(keeper, state):
        keeper.keep(state)
        seen.append(state)
        if len(seen) == rounds:
            raise Interrupted

    monkeypatch.setattr(long_run._Keeper, "offer", offer)


def test_an_interrupted_search_goes_on_to_the_same_answer(tmp_path, monkeypatch, capture_table):
    monkeypatch.setattr(model_search, "_FIRST_ROUND", 1e6)
    monkeypatch.setattr(model_search, "_LARGEST_ROUND", 2e6)
    histories, path = capture_table("Ned"), tmp_path / "search"
    whole = search_models(histories)
    with monkeypatch.context() as patch:
        interrupted_after(patch, 3)
        with pytest.raises(Interrupted):
            search_models(histories, checkpoint=path)
    assert [file.name for file in tmp_path.iterdir()] == ["search"]
    rest = search_models(histories, checkpoint=path)
    assert rest.search == whole.search
    pd.testing.assert_frame_equal(rest.frame, whole.frame)
    # Once complete, it is complete.
    pd.testing.assert_frame_equal(search_models(histories, checkpoint=path).frame, whole.frame)


def test_an_interrupted_visit_of_every_model_goes_on(tmp_path, monkeypatch, capture_table):
    monkeypatch.setattr(every_model, "_BLOCK", 1000)
    histories, path = capture_table("UKdat_5"), tmp_path / "visit"
    with monkeypatch.context() as patch:
        interrupted_after(patch, 2)
        with pytest.raises(Interrupted):
            search_models(histories, exhaustive=True, checkpoint=path)
    rest = search_models(histories, exhaustive=True, checkpoint=path)
    assert rest.search.visited == 6893
    pd.testing.assert_frame_equal(rest.frame, search_models(histories).frame)


def test_a_larger_budget_goes_on_from_a_smaller_one(tmp_path, capture_table):
    path = tmp_path / "search"
    short = search_models(capture_table("Ned"), budget=0.01, checkpoint=path)
    assert not short.search.certified
    assert search_models(capture_table("Ned"), checkpoint=path).search.certified


def test_a_checkpoint_of_another_table_or_other_options_is_refused(tmp_path, capture_table):
    path = tmp_path / "search"
    search_models(capture_table("Kosovo"), checkpoint=path)
    for histories, options in ((capture_table("lesbian"), {}), (capture_table("Kosovo"), {"reach": 3.0}),
                               (capture_table("Kosovo"), {"criterion": "aic"}),
                               (capture_table("Kosovo"), {"max_order": 2})):
        with pytest.raises(BadInput, match="another table or to other options"):
            search_models(histories, checkpoint=path, **options)


class Hostile:
    def __reduce__(self):
        return (print, ("this must never run",))


def written(path, name, arrays):
    """Write a sound checkpoint with some arrays replaced."""
    held = dict(np.load(path))
    asked = str(held.pop("asked"))
    held.pop("seal")
    other = path.with_name(name)
    save(other, asked, {**held, **arrays})
    return other


def test_files_made_by_others_are_refused(tmp_path, capture_table, capsys):
    histories, path = capture_table("Kosovo"), tmp_path / "search"
    search_models(histories, checkpoint=path, budget=1e-9)
    files = [tmp_path / name for name in ("pickle", "text", "empty", "archive", "objects", "cut")]
    files[0].write_bytes(pickle.dumps(Hostile()))
    files[1].write_text("a,b\n1,2\n")
    files[2].write_bytes(b"")
    with zipfile.ZipFile(files[3], "w") as archive:
        archive.writestr("../../elsewhere.npy", b"x")
    held = dict(np.load(path))
    np.savez(files[4].with_suffix(".npz"), **{**held, "kept": np.array([[Hostile()]], dtype=object)})
    files[4] = files[4].with_suffix(".npz")
    files[5].write_bytes(path.read_bytes()[:-200])
    kept, status = held["kept"], held["status"]
    not_closed = np.zeros_like(kept)
    not_closed[:, -1] = 1
    files += [written(path, "closed", {"kept": not_closed}), written(path, "range", {"status": status + 7}),
              written(path, "shape", {"means": held["means"][:, :3]}),
              written(path, "counts", {"counts": -held["counts"] - 1})]
    for file in files:
        with pytest.raises(BadInput, match="checkpoint"):
            search_models(histories, checkpoint=file)
    assert "never run" not in capsys.readouterr().out


def test_a_changed_checkpoint_is_refused(tmp_path):
    path = tmp_path / "run"
    layout = {"counts": ("i", 1)}
    save(path, "this", {"counts": np.array([1, 2])})
    assert load(path, "this", layout)["counts"].tolist() == [1, 2]
    held = dict(np.load(path))
    with open(path, "wb") as file:
        np.savez(file, **{**held, "counts": np.array([1, 3])})
    with pytest.raises(BadInput, match="damaged"):
        load(path, "this", layout)
    assert load(tmp_path / "none", "this", layout) is None


def test_nothing_is_shown_where_there_is_no_terminal(capture_table, capsys, monkeypatch):
    monkeypatch.setattr("smuggling_analysis.progress.QUIET_SECONDS", 0.0)
    search_models(capture_table("Kosovo"), progress=True)
    assert capsys.readouterr() == ("", "")
