"""Our answer to every figure that other packages made of the published tables.

A reader is given what a file holds and the name of the table, and yields (place, theirs, ours) for every figure;
ours is None where we refuse. A file without figures of its own (counts, folds, words) has no reader.
"""

from figures_of_care1_and_drpop import CARE1, DRPOP
from figures_of_dga import DGA
from figures_of_rcapture import READERS as RCAPTURE
from figures_of_sparsemse import MULTIPLE_SYSTEMS_ESTIMATION, SPARSEMSE
from our_answers import PUBLISHED, content

# A reader by the package and by the file, or by what follows the table's name in it.
READERS = {"Rcapture": RCAPTURE, "SparseMSE": SPARSEMSE, "MultipleSystemsEstimation": MULTIPLE_SYSTEMS_ESTIMATION,
           "CARE1": CARE1, "drpop": DRPOP, "dga": DGA}


def reader_of(path):
    """The reader of a file of figures; None for a file that holds none."""
    readers = READERS[path.parent.name]
    return readers.get(path.name) or readers.get(path.name.rpartition("__")[2])


def compared(path):
    """Yield (place, theirs, ours) for every figure of a file."""
    yield from reader_of(path)(content(path), path.name.rpartition("__")[0])


FILES = [path for package in READERS for path in sorted((PUBLISHED / package).iterdir()) if reader_of(path)]
