"""A page made from executed notebooks that hold what a hostile file might bring."""

from __future__ import annotations

import io
import tempfile
from pathlib import Path

import nbformat
import pandas as pd

from smuggling_analysis import tables
from smuggling_analysis.assessment import show
from smuggling_analysis.assessment.chapters import CHAPTERS
from smuggling_analysis.assessment.definition import Definition
from smuggling_analysis.assessment.render import chapter_section, provenance_section, render_page

HOSTILE = (
    "<script>window.stolen = 1</script>",
    '"><img src=x onerror="window.stolen = 1">',
    '<svg onload="window.stolen = 1">',
    "javascript:window.stolen=1",
    "</td></table><iframe src=https://x.example>",
    '<link rel="stylesheet" href="https://x.example/a.css">',
    "=HYPERLINK(1)",
    "${title}",
    "$x$ and \\(y\\)",
)


def executed(*outputs: str, markdown: str = "") -> nbformat.NotebookNode:
    """Return an executed notebook that shows these pieces of HTML."""
    new = nbformat.v4
    shown = [
        new.new_output("display_data", data={"text/html": html, "text/plain": "..."}) for html in outputs
    ]
    return new.new_notebook(
        cells=[
            new.new_markdown_cell(f"# A title\n\n{markdown}"),
            new.new_code_cell("secret = 'parameters'", metadata={"tags": ["parameters"]}),
            new.new_code_cell(
                "secret = 'code'",
                outputs=[
                    new.new_output("stream", name="stderr", text="a warning"),
                    *shown,
                    new.new_output("execute_result", data={"text/plain": "Estimate(...)"}),
                ],
            ),
        ]
    )


def drawing() -> bytes:
    """Return a small figure."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(4, 2))
    figure.subplots().plot([1, 2, 3], [3, 1, 2])
    written = io.BytesIO()
    figure.savefig(written, format="svg", metadata={"Date": None})
    return written.getvalue()


def hostile_notebook() -> nbformat.NotebookNode:
    """Return a notebook with hostile text wherever text goes, and some HTML that nobody escaped."""
    frame = pd.DataFrame({"agency": HOSTILE, HOSTILE[0]: range(len(HOSTILE))})
    for number in range(8):
        frame[f"another long column {number}"] = "some words that take space"
    return executed(
        show.table_html(
            tables.html(frame, note=HOSTILE[0], source=HOSTILE[1]), "Table 3.1", " ".join(HOSTILE)
        ),
        show.figure_html(drawing(), "Figure 3.1", " ".join(HOSTILE), " ".join(HOSTILE)),
        show.refusal_html(*HOSTILE[:3]),
        show.line_html(HOSTILE[1]),
        *HOSTILE,
        '<p style="position:fixed; background:url(https://x.example/a.png)">over everything</p>',
        '<a href="data:text/html,x">a</a> <a href="https://doi.org/10.1/x">b</a>',
        markdown="## Mathematics\n\n$$\\hat N = \\frac{n_1 n_2}{m}$$\n\nwhere $m<n_1$. "
        + " ".join(HOSTILE)
        + "\n\n## "
        + HOSTILE[0]
        + "\n\nWords. ![away](https://x.example/a.png)",
    )


def hostile_page() -> str:
    """Return the page of the hostile notebook."""
    hostile = " ".join(HOSTILE)
    definition = Definition("testland", hostile, "Testland", (2020,), hostile, hostile)
    extent = next(row for row in CHAPTERS if row.name == "extent")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "03-extent.ipynb"
        nbformat.write(hostile_notebook(), file)
        sections = [
            chapter_section(extent, file),
            provenance_section(definition, 2020, 1, {f"data/raw/{HOSTILE[0]}.csv": "0" * 64}),
        ]
    return render_page(definition, 2020, sections)
