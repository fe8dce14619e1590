"""The tour of registers runs from top to bottom, with the reference data and without."""

import pytest


@pytest.fixture(scope="module")
def cells(code_cells):
    return code_cells("explore-registers.ipynb")


def test_every_plot_is_shown_once(cells):
    for cell in cells:
        drawn = sum("image/png" in output.get("data", {}) for output in cell.outputs)
        assert drawn == cell.source.count("sa.plots."), cell.source


def test_nothing_is_written_to_the_error_stream(cells):
    assert not [output for cell in cells for output in cell.outputs if output.get("name") == "stderr"]


@pytest.mark.parametrize("said", [
    "Estimate(9,274 persons",                            # Chao's lower bound
    "Estimate(12,690 persons, 95% interval 7,186 to 18,194",  # as published
    "p_value=9.92",                                      # a surplus of people seen once
    "the likelihood has no finite maximum: it rises for ever as the rate of being seen of age = >40yrs",
    "distributions that fit about as well (within 10 BIC points) differ by a factor of 6.45",
    "Of one model and one set of counts, the methods",   # or that they agree, of simulated counts
    "entries, 95% interval",                             # a border
])
def test_each_step_is_on_the_page(cells, shown, said):
    text = shown(cells)
    assert said in text or (said.startswith("Of one model") and "The methods agree within a factor" in text)


def test_only_time_that_ends_by_being_seen_finds_the_ten_thousand(cells, shown):
    table = shown([cell for cell in cells if "register_with_departures" in cell.source])
    estimate, lower, upper = ([float(number) for number in line.split()[1:]] for line in table.splitlines()[-3:])
    assert lower[2] <= 10_000 <= upper[2]
    assert lower[0] > 10_000 and lower[1] > 40_000 and estimate[1] > estimate[0] > estimate[2]


def test_without_the_reference_data_the_tour_goes_on_with_simulated_counts(code_cells, shown, monkeypatch, tmp_path):
    monkeypatch.setenv("SMUGGLING_REFERENCE_DATA", str(tmp_path))
    text = shown(code_cells("explore-registers.ipynb"))
    assert "this file is kept outside the project, and it is not there" in text
    assert "The methods agree within a factor" in text or "the methods differ by a factor" in text
