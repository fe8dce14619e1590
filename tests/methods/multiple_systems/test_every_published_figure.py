"""Every figure that another package made of `tests/published`: ours agrees to a millionth, or it is known why not.

Here the figures are counted and what parts them is bounded; that it is the reference's doing is shown by the tests
of each family (test_reference_figures, test_published_sparse_tables, test_closed_reference,
test_open_reference_figures, test_two_lists, test_doubly_robust_figures). pytest prints the count at its end.
"""

import math
import re

import pytest
from agreement import counted
from published_figures import FILES, PUBLISHED, READERS, compared

# Where a figure is (package/file: place), how far from ours at most (relative), and why. R's own stopping rule is
# re-enacted in the tests, and gives its figures to the last digit.
EXPLAINED = [
    (r": .*(stderr|se_glm)$|SparseMSE/.*: (se .*|lower|upper)$", 3e-4,
     "standard errors of R's last step but one"),
    (r"closedpCI.*: (N_multinomial|ci_lo|ci_hi|value|lower|upper)$", 1.3e-4, "profile limits searched for roughly"),
    (r"params\.json: (MhP: tau|MthC: eta5)", 3e-6, "parameters near nought of R's last step"),
    (r"[Nn]ormal: (deviance|AIC|BIC)", 0.2, "an integral of 20 points, climbed by a search that stops early"),
    (r"[Nn]ormal: ", 25, "an integral of 20 points, climbed by a search that stops early"),
    (r"Mtb: ", 0.7, "a flat likelihood climbed by a search that stops early: ours is higher"),
    (r"closedp_t\.csv: Mbh: stderr", 0.7, "a standard error that the reference's other function contradicts"),
    (r"BBS2001.*: Mh (Chao|chao)", 0.3, "negative parameters dropped together: ours fit better"),
    (r"mlogit\.json: (DR|PI): sig", 7e-6, "multinom stops short of the maximum"),
    (r"drpop/.*: TMLE", 0.2, "targeting that stops before its equation is solved"),
    (r"nocov\.json: .*: (sigma|sigman|cin)", 1.0, "a variance multiplied by the people once too often"),
]
# Where the reference has a figure, and there is no estimate.
REFUSED = [
    (r"Artificial_3__closedp.*: (Mt?h ([Pp]oisson|[Dd]arroch|[Gg]amma)|Mt?h[PDG]|\[)",
     "no maximum: the reference runs off, or down to the people observed"),
    (r": Mbh?( \(warned\))?: ", "a negative population: first captures do not decline"),
    (r"closedpCI_t\.csv: .*: ci_hi", "no upper limit: the reference stops at three times N, or ours is further off"),
]


def reason(where, apart):
    """Why a figure differs by as much as it does; None where nobody knows."""
    known = REFUSED if math.isinf(apart) else [(place, why) for place, most, why in EXPLAINED if apart <= most]
    return next((why for place, why in known if re.search(place, where)), None)


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_figures_agree_or_are_explained(path, record_property):
    name = f"{path.parent.name}/{path.name}"
    reasons, unknown = counted(compared(path), lambda place, apart, *_: reason(f"{name}: {place}", apart))
    assert reasons.total() > 0
    assert not unknown
    record_property("figures", (path.parent.name, dict(reasons)))


def test_no_file_of_figures_is_forgotten():
    # Beside counts, folds and words: limits of replicates that were not stored, which test_published_sparse_tables
    # holds within their Monte Carlo error, and posteriors, which test_bayesian_thresholding_figures holds within it.
    other = {"bayesthresh.json", "BBS2001.csv", "ill.csv", "mvole.csv", "mvole_period.csv", "MadiganYork.csv",
             "README.md",
             "simuldata_6000.csv.gz", "simuldata_10000_categories.csv.gz"}
    left = {path.name for package in READERS for path in (PUBLISHED / package).iterdir()} - other
    left -= {path.name for path in FILES}
    assert left == {f"{name}__bic_BCa.csv" for name in ("Artificial_3", "Kosovo", "Ned_5", "NewOrl_5", "UKdat_5")}
