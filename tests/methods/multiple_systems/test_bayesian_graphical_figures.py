"""Every figure of dga to its last digits, however small: the tally of test_every_published_figure stops at 1e-9.

Truth: dga 2.0.2 (see tests/published/dga). Its sums go through every N one by one, ours through blocks of them.
"""

import pytest
from figures_of_dga import DGA, FOLDER, answered, largest_relative_difference, people

from smuggling_analysis.methods.multiple_systems import bayesian_graphical_posterior, prior_table

FILES = [path for path in sorted(FOLDER.iterdir()) if path.name.partition("__")[2] in DGA]
# Log-weights are differences of numbers of some 1e5: what is left of their digits.
CLOSE = 5e-9


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_figures_of_dga(path):
    apart, compared = largest_relative_difference(path)
    assert compared > 0
    assert apart < CLOSE


def test_files_are_read():
    assert len(FILES) == 45
    assert {path.name for path in FOLDER.iterdir()} - {path.name for path in FILES} == {"README.md", "MadiganYork.csv"}


def test_the_prior_decides_on_the_uk_five_lists():
    """At delta 2**-5, 1/2 and 1 dga has the means 21,281, 2,856 and 2,837, on 1 to 50,000 hidden people."""
    table = prior_table(people("UKdat_5"), deltas=[2**-5, 0.5, 1.0], priors=["inverse"], least_hidden=1,
                        most_hidden=50_000)
    assert table.frame["mean"].round().tolist() == [21_281, 2_856, 2_837]
    assert table.decided
    assert table.ratio == pytest.approx(22_990 / 2_793)
    assert table.frame["uninformed"].tolist() == pytest.approx([0, 0.994739, 0.999998], abs=1e-6)
    assert table.verdict.startswith(
        "The prior decides: the median runs from 2,793 (delta 0.5, prior inverse) to 22,990")


def test_without_a_limit_little_changes():
    """A limit of 50,000 is far enough for the UK table, and an own one is found."""
    free = bayesian_graphical_posterior(people("UKdat_5"), delta=2**-5)
    limited = answered("UKdat_5", "bma_delta0p03125")
    assert free.beyond < 1e-9
    assert free.quantile(0.5) == limited.quantile(0.5)
    assert free.mean == pytest.approx(limited.mean, rel=1e-4)
