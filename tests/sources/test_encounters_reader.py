"""The reader of encounters: a file as an agency keeps it, and what is said of one that is wrong."""

import pytest

from smuggling_analysis.evidence.encounters import Encounters
from smuggling_analysis.problems import BadInput
from smuggling_analysis.sources.load import check, load

FILE = (b"sector,year,arrests,again,returned,turned back,got aways\n"
        b"East,2012,300,40,250,50,90\nWest,2012,108,9,100,20,30\n")
OPTIONS = {"place": "sector", "period": "year", "apprehended": "arrests", "repeats": "again",
           "turned_back": "turned back", "got_away": "got aways"}


def test_a_file_is_read_by_its_own_column_names(project):
    made = load(project.add(FILE, reader="encounters", options=OPTIONS, simulated=True), root=project.root)
    assert isinstance(made, Encounters)
    assert (made.total("apprehended"), made.total("repeats"), made.total("returned")) == (408, 49, 350)
    assert (made.total("turned_back"), made.total("got_away")) == (70, 120)
    assert made.simulated and made.retried is None


@pytest.mark.parametrize(("old", "new", "said"), [
    (b"300,40", b"300,400", 'row 2, column "again": more repeat apprehensions than apprehensions, 400 of 300'),
    (b"300,40", b"many,40", "row 2, column \"arrests\": found 'many'"),
    (b"108,9", b"108,-9", "row 3, column \"again\": found '-9', the smallest count allowed is 0"),
    (b"West,2012", b"East,2012", "row 3: the same place and period as row 2"),
    (b"West,2012", b"West,2031", "row 3, column \"year\": found '2031', which is later than 2024-06-30"),
])
def test_what_is_wrong_is_named_by_the_files_own_columns(project, old, new, said):
    path = project.add(FILE.replace(old, new), reader="encounters", options=OPTIONS)
    assert any(said in str(problem) for problem in check(path, project.root)), check(path, project.root)


def test_a_file_without_apprehensions_is_refused(project):
    path = project.add(FILE, reader="encounters", options={"place": "sector", "period": "year"})
    with pytest.raises(BadInput, match='column "apprehended": the column is missing'):
        load(path, root=project.root)
