"""The market's rows of the table of methods."""

from __future__ import annotations

from typing import Any

from smuggling_analysis.methods.registry import Citation, Method

SOBOL = Citation(
    "Sobol' IM (2001). Global sensitivity indices for nonlinear mathematical models and their Monte Carlo "
    "estimates. Mathematics and Computers in Simulation 55(1-3), 271-280.", "10.1016/S0378-4754(00)00270-6")
UNODC_EAST_ASIA = Citation(
    "United Nations Office on Drugs and Crime (2013). Transnational Organized Crime in East Asia and the "
    "Pacific: A Threat Assessment. Bangkok: UNODC.")


def _requires_volume(volume: Any) -> str:
    if volume.unit.startswith(("persons", "crossings", "departures")):
        return ""
    return f"revenue needs a volume of persons, crossings or departures, not of {volume.unit}"


ROWS = (
    Method(
        name="revenue",
        module="market",
        title="Smuggling revenue: volume x fee x paying share",
        evidence="Estimate",
        question="What is the extent of the market?",
        idea="The number of people smuggled, times what each pays, times the share who pay. Each of the "
             "three is drawn many times from its own uncertainty, so the result shows how little or how much "
             "is known, and which of the three is most worth learning more about.",
        formula=r"R = N \, f \, s, \qquad "
                r"S_i = \frac{\mathrm{Var}\{\mathrm{E}(\log R \mid x_i)\}}{\mathrm{Var}(\log R)}",
        assumptions=(
            "The fees quoted are those paid by the people counted: same route, same service, same year.",
            "Volume, fee and paying share are unrelated: a dearer year is not also a busier one.",
            "Each person pays once; several trips or a debt with interest would add to the revenue.",
            "The fee is gross: what smugglers spend on transport, bribes and wages is not taken off.",
        ),
        citations=(UNODC_EAST_ASIA, SOBOL),
        requires=_requires_volume,
        options=("paying_share",),
    ),
)
