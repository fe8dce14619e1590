"""The source register: which agency holds what, how it is counted, and whether it can be linked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property

import pandas as pd

from smuggling_analysis.draws import digest

LINKABLE = ("yes", "no", "only by the producer")
_LISTED = ("overlaps", "disaggregated_by", "questions")


@dataclass(frozen=True, kw_only=True)
class RegisteredSource:
    """What is known of one source of data.

    Parameters
    ----------
    title, producer : str
        The source, and who makes its numbers.
    unit : str
        What it counts: "persons", "detections", "deaths".
    place, period : str
        Where and when it counts.
    person_level : bool
        Whether there are records of single persons beneath the published figures.
    linkable : {"yes", "no", "only by the producer"}
        Whether those can be linked to other sources.
    overlaps : tuple of str
        The sources it shares persons with.
    disaggregated_by : tuple of str
        "sex", "age", "nationality" ...
    frequency : str
        "yearly", "once" ...
    licence : str
        What may be done with it.
    questions : tuple of str
        The assessment's questions it speaks to: "Q8".
    simulated : bool
        Whether it is simulated.
    """

    title: str
    producer: str
    unit: str
    place: str
    period: str
    person_level: bool
    linkable: str
    frequency: str
    licence: str
    overlaps: tuple[str, ...] = ()
    disaggregated_by: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()
    simulated: bool = False

    def __post_init__(self) -> None:
        if self.linkable not in LINKABLE:
            raise ValueError(f"{self.title}: linkable is one of {', '.join(LINKABLE)}, got {self.linkable!r}")
        if not self.title:
            raise ValueError("a registered source needs its title")


@dataclass(frozen=True)
class SourceRegister:
    """The sources of an assessment, and the gaps between them.

    Parameters
    ----------
    sources : tuple of RegisteredSource
        One entry per source, each title once.

    Examples
    --------
    >>> police = RegisteredSource(title="Arrests", producer="Police", unit="persons", place="Norway",
    ...                           period="2023", person_level=True, linkable="yes", frequency="yearly",
    ...                           licence="on request", questions=("Q8",))
    >>> SourceRegister((police,)).gaps(["Q8", "Q10"])["gap"].tolist()
    ['one linkable list: a second that overlaps it would allow an estimate', 'no source']
    """

    sources: tuple[RegisteredSource, ...]

    def __post_init__(self) -> None:
        titles = [source.title for source in self.sources]
        if twice := sorted({title for title in titles if titles.count(title) > 1}):
            raise ValueError(f"registered twice: {', '.join(twice)}")

    def frame(self) -> pd.DataFrame:
        """Return one row per source; lists are joined by commas."""
        rows = [
            asdict(source) | {name: ", ".join(getattr(source, name)) for name in _LISTED}
            for source in self.sources
        ]
        return pd.DataFrame(rows, columns=list(RegisteredSource.__dataclass_fields__))

    def gaps(self, questions: Sequence[str] | Mapping[str, str]) -> pd.DataFrame:
        """Say for each question which sources speak to it, and what is missing.

        Parameters
        ----------
        questions : sequence of str, or mapping
            "Q8", ...; or `{"Q8": "How many resort to smugglers?"}`, which adds the wording.

        Returns
        -------
        DataFrame
            question, wording (if given), sources, person_level, linkable (numbers of sources) and gap (empty
            where there is none).
        """
        rows = []
        for question in questions:
            speaking = [source for source in self.sources if question in source.questions]
            row = {"question": question}
            if isinstance(questions, Mapping):
                row["wording"] = questions[question]
            rows.append(
                row
                | {
                    "sources": len(speaking),
                    "person_level": sum(own.person_level for own in speaking),
                    "linkable": sum(own.linkable == "yes" for own in speaking),
                    "gap": _gap(speaking),
                }
            )
        return pd.DataFrame(rows)

    @property
    def summary(self) -> str:
        """How many sources there are, and behind how many are records of persons, in a sentence or two."""
        persons = [source for source in self.sources if source.person_level]
        linkable = sum(source.linkable == "yes" for source in persons)
        if len(self) == 1:
            behind = "Behind it are records of single persons" if persons else "It holds no records of single persons"
            link = f", which {'can' if linkable else 'cannot'} be linked to another source by anyone but the producer"
            return f"This report rests on 1 source. {behind}{link if persons else ''}."
        return (f"This report rests on {len(self)} sources. Behind {len(persons)} of them are records of single "
                f"persons; {linkable or 'none'} can be linked to another source by anyone but the producer.")

    @property
    def simulated(self) -> bool:
        """Whether any source is simulated."""
        return any(source.simulated for source in self.sources)

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of every entry, whatever their order."""
        return digest("SourceRegister", sorted(repr(source) for source in self.sources))

    def __iter__(self) -> Iterator[RegisteredSource]:
        return iter(self.sources)

    def __len__(self) -> int:
        return len(self.sources)


def _gap(speaking: Sequence[RegisteredSource]) -> str:
    if not speaking:
        return "no source"
    if all(source.simulated for source in speaking):
        return "simulated data only"
    if not any(source.person_level for source in speaking):
        return "published figures only: no records of persons beneath them"
    lists = [source for source in speaking if source.person_level and source.linkable != "no"]
    if not lists:
        return "records of persons that cannot be linked"
    if len(lists) == 1:
        if lists[0].linkable == "yes":
            return "one linkable list: a second that overlaps it would allow an estimate"
        return "one list that only its producer can link: ask the producer for capture histories"
    return ""
