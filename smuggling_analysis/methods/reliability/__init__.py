"""The reliability gate: named rules with thresholds that caution an estimate, or refuse it.

    from smuggling_analysis.methods.reliability import judge

    judgement = judge(estimate, evidence)
    judgement.verdict, judgement.findings
"""

from __future__ import annotations

from smuggling_analysis.methods.reliability.encounter_facts import EncounterFacts as EncounterFacts
from smuggling_analysis.methods.reliability.every_rule import RULES as RULES
from smuggling_analysis.methods.reliability.every_rule import RULES_OF as RULES_OF
from smuggling_analysis.methods.reliability.gate import judge as judge
from smuggling_analysis.methods.reliability.gate import rules_frame as rules_frame
from smuggling_analysis.methods.reliability.reference_facts import ReferenceFacts as ReferenceFacts
from smuggling_analysis.methods.reliability.register_facts import RegisterFacts as RegisterFacts
from smuggling_analysis.methods.reliability.rules import CAUTION as CAUTION
from smuggling_analysis.methods.reliability.rules import PASSED as PASSED
from smuggling_analysis.methods.reliability.rules import REFUSED as REFUSED
from smuggling_analysis.methods.reliability.rules import Case as Case
from smuggling_analysis.methods.reliability.rules import Facts as Facts
from smuggling_analysis.methods.reliability.rules import Finding as Finding
from smuggling_analysis.methods.reliability.rules import Judgement as Judgement
from smuggling_analysis.methods.reliability.rules import Rule as Rule

__all__ = ["CAUTION", "PASSED", "REFUSED", "RULES", "RULES_OF", "Case", "EncounterFacts", "Facts", "Finding",
           "Judgement", "ReferenceFacts", "RegisterFacts", "Rule", "judge", "rules_frame"]
