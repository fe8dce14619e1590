"""The source register: gaps held to what each kind of estimate needs."""

import pytest

from smuggling_analysis.evidence.source_register import RegisteredSource, SourceRegister


def source(title="Arrests", **fields):
    return RegisteredSource(
        **{
            "title": title,
            "producer": "Police",
            "unit": "persons",
            "place": "Norway",
            "period": "2023",
            "person_level": True,
            "linkable": "yes",
            "frequency": "yearly",
            "licence": "none",
            "questions": ("Q8",),
            **fields,
        }
    )


GAPS = {
    "no source": [source(questions=("Q1",))],
    "simulated data only": [source(simulated=True)],
    "published figures only: no records of persons beneath them": [source(person_level=False)],
    "records of persons that cannot be linked": [source(linkable="no"), source("Courts", linkable="no")],
    "one linkable list: a second that overlaps it would allow an estimate": [
        source(),
        source("Courts", linkable="no"),
    ],
    "one list that only its producer can link: ask the producer for capture histories": [
        source(linkable="only by the producer")
    ],
    "": [source(), source("Shelters", linkable="only by the producer")],
}


@pytest.mark.parametrize("gap", GAPS)
def test_the_gap_of_a_question(gap):
    assert SourceRegister(tuple(GAPS[gap])).gaps(["Q8"]).loc[0, "gap"] == gap


def test_gaps_count_sources_and_carry_the_wording():
    gaps = SourceRegister((source(), source("Courts", linkable="no"))).gaps(
        {"Q8": "How many?", "Q9": "Abandoned?"}
    )
    assert gaps.to_numpy().tolist()[0] == ["Q8", "How many?", 2, 2, 1, gaps.loc[0, "gap"]]
    assert gaps.columns.tolist() == ["question", "wording", "sources", "person_level", "linkable", "gap"]
    assert gaps.loc[1, "gap"] == "no source"


def test_the_frame_has_a_row_per_source():
    frame = SourceRegister((source(overlaps=("courts", "ngo")),)).frame()
    assert frame.loc[0, "overlaps"] == "courts, ngo"
    assert SourceRegister(()).frame().empty


def test_nonsense_cannot_be_built():
    with pytest.raises(ValueError, match="linkable is one of yes, no, only by the producer, got 'maybe'"):
        source(linkable="maybe")
    with pytest.raises(ValueError, match="registered twice: Arrests"):
        SourceRegister((source(), source()))
    assert (
        SourceRegister((source(), source("B"))).fingerprint
        == SourceRegister((source("B"), source())).fingerprint
    )
    assert SourceRegister((source(simulated=True),)).simulated


def test_the_summary_speaks_of_one_source_as_one():
    about = {"title": "Arrests", "producer": "Police", "unit": "persons", "place": "Norway", "period": "2023",
             "linkable": "yes", "frequency": "yearly", "licence": "on request"}
    one = RegisteredSource(**about, person_level=True)
    two = RegisteredSource(**{**about, "title": "Fines", "linkable": "no"}, person_level=False)
    assert SourceRegister((one,)).summary == (
        "This report rests on 1 source. Behind it are records of single persons, which can be linked to another "
        "source by anyone but the producer.")
    assert SourceRegister((two,)).summary.endswith("1 source. It holds no records of single persons.")
    assert SourceRegister((one, two)).summary == (
        "This report rests on 2 sources. Behind 1 of them are records of single persons; 1 can be linked to another "
        "source by anyone but the producer.")
