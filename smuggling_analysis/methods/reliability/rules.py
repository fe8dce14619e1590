"""The shape of a rule of the gate, of what it looks at, and of what it finds."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from numbers import Real
from typing import TYPE_CHECKING, Any

from smuggling_analysis.estimate import Estimate, NoEstimate
from smuggling_analysis.methods.registry import Citation

if TYPE_CHECKING:
    import pandas as pd

PASSED, CAUTION, REFUSED = "passed", "caution", "refused"
VERDICTS = (PASSED, CAUTION, REFUSED)


@dataclass(frozen=True, eq=False, kw_only=True)
class Facts:
    """What is known beside an estimate from lists, where it is known.

    Parameters
    ----------
    models : ModelTable, optional
        Every log-linear model of the table, from `loglinear_models`.
    replicates : (replicates,) array, optional
        The estimates of a bootstrap that repeats the choice of the model.
    priors : tuple of float
        The method's estimate under each of several priors.
    left_out : tuple of float
        The estimates with each list left out in turn, where a headline is judged.
    varied : float, optional
        The estimate of all lists that these are to be held against; by default the one judged.
    families : mapping of str to (value, lower, upper)
        What each family of methods says that passed the gate, for the verdict on a headline; None where one
        method is judged alone.
    """

    models: Any = None
    replicates: Any = None
    priors: tuple[float, ...] = ()
    left_out: tuple[float, ...] = ()
    varied: float | None = None
    families: Mapping[str, tuple[float, float, float]] | None = None


@dataclass(frozen=True, eq=False)
class Case:
    """An estimate before the gate: its evidence (of any type that has a panel), and the facts."""

    result: Estimate
    evidence: Any
    facts: Any

    @property
    def observed(self) -> float | None:
        """How many were observed; None where neither the estimate nor its evidence says so."""
        found = self.result.observed
        return getattr(self.evidence, "n_observed", None) if found is None else found

    def told(self, name: str) -> float | None:
        """Return a figure of the estimate's diagnostics; None where it has none, or no number."""
        given: Any = self.result.diagnostics.get(name)
        if isinstance(given, bool) or not isinstance(given, Real):
            return None
        return None if math.isnan(float(given)) else float(given)


Measure = Callable[[Case], "float | None"]
"""Measures one figure of a case; None where the rule has nothing to look at."""


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One rule of the gate.

    Parameters
    ----------
    name, title : str
        What code and what a table call it.
    looks_at : str
        What is measured, in words.
    measure : Measure
        Measures it.
    caution, refusal : float, optional
        Beyond which figure the estimate carries a caution, and beyond which there is no estimate.
    beyond : {"above", "below"}
        On which side of a threshold the trouble lies; the threshold itself is no trouble.
    says : str
        The finding, with `{measured}` and `{threshold}`, or `{percent}` and `{limit}` for shares.
    warns : str
        The finding where it is only a caution, if it is put more mildly then.
    why : str
        Why the figure matters.
    helps : str
        What would help.
    source : Citation
        Where the rule, or the reason for it, comes from.
    own : bool
        Whether the thresholds are this package's marks, as opposed to the source's.
    """

    name: str
    title: str
    looks_at: str
    measure: Measure
    says: str
    why: str
    helps: str
    source: Citation
    caution: float | None = None
    refusal: float | None = None
    beyond: str = "above"
    own: bool = True
    warns: str = ""

    def apply(self, case: Case) -> Finding | None:
        """Return what the rule finds, None where there is no trouble."""
        measured = self.measure(case)
        if measured is None:
            return None
        for consequence, threshold in ((REFUSED, self.refusal), (CAUTION, self.caution)):
            if threshold is not None and (measured > threshold if self.beyond == "above" else measured < threshold):
                words = self.warns if consequence == CAUTION and self.warns else self.says
                said = words.format(measured=measured, threshold=threshold, percent=100 * measured,
                                    limit=100 * threshold)
                return Finding(self.name, consequence, measured, threshold, said, self.helps)
        return None


@dataclass(frozen=True)
class Finding:
    """What one rule found.

    Parameters
    ----------
    rule : str
        The rule's name; "method" where the method itself refused.
    consequence : {"caution", "refused"}
    measured, threshold : float
        The figure, and the threshold it lies beyond; NaN where the method itself refused.
    said : str
        The finding in words, with both figures.
    helps : str
        What would help.
    """

    rule: str
    consequence: str
    measured: float
    threshold: float
    said: str
    helps: str

    @property
    def sentence(self) -> str:
        """The finding as a sentence: what was measured, the threshold, and what would help."""
        return f"{self.said[:1].upper()}{self.said[1:]}. What would help: {self.helps}."


@dataclass(frozen=True, eq=False)
class Judgement:
    """The gate's verdict on one estimate.

    Parameters
    ----------
    result : Estimate or NoEstimate
        The estimate with the cautions found, or the refusal in its place.
    verdict : {"passed", "caution", "refused"}
    findings : tuple of Finding
        Refusals first.
    """

    result: Estimate | NoEstimate
    verdict: str
    findings: tuple[Finding, ...] = field(default=())

    @property
    def reasons(self) -> str:
        """Why the verdict is what it is; empty where the estimate passed."""
        return "; ".join(finding.said for finding in self.findings if finding.consequence == self.verdict)

    def frame(self) -> pd.DataFrame:
        """Return one row per finding: `rule, consequence, measured, threshold, finding, helps`."""
        import pandas as pd

        rows = [[one.rule, one.consequence, one.measured, one.threshold, one.said, one.helps] for one in self.findings]
        return pd.DataFrame(rows, columns=["rule", "consequence", "measured", "threshold", "finding", "helps"])
