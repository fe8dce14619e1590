"""The HTML of what a chapter shows: figures, tables and refusals with their captions, every text escaped."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable
from html import escape

SIMULATED = "SIMULATED DATA"
_COLUMN = re.compile(r'<th\b[^>]*scope="col"')
_PROSE = re.compile(r"\w[^.)]|\*\*|\$")  # no list, table or quotation, which a mark on its line would break
# What Markdown, HTML or mathematics could take for its own; at the start of a line also lists and rules.
_LIVE = re.compile(r"[\\`*_{}\[\]<>&#$|~^]|^[-+=:]|^\d(?=\d*[.)](?:\s|$))")
_SAID = re.compile(r"^no estimate is possible[:,.]? *", re.IGNORECASE)
# From how many columns a table is printed on its side, printed smaller, or wider than a phone.
_KINDS = (("wide across", 12), ("wide", 9), ("broad", 5))


def caption_html(label: str, caption: str, *, simulated: bool = False) -> str:
    """Return a caption: its number, the watermark where one is due, its text.

    Examples
    --------
    >>> caption_html("Figure 3.1", "People < estimate")
    '<figcaption><b>Figure 3.1.</b> People &lt; estimate</figcaption>'
    """
    mark = f'<span class="simulated">{SIMULATED}</span> ' if simulated else ""
    return f"<figcaption><b>{escape(label)}.</b> {mark}{escape(caption)}</figcaption>"


def marked_markdown(text: str) -> str:
    """Return Markdown with the watermark at the start of its first paragraph, below any headings.

    Examples
    --------
    >>> marked_markdown("## Extent\\n\\n457 people")
    '## Extent\\n\\n<span class="simulated">SIMULATED DATA</span> 457 people'
    """
    headings = []
    blocks = text.strip().split("\n\n")
    while blocks and blocks[0].startswith("#"):
        headings.append(blocks.pop(0))
    if not blocks:
        return text
    mark = f'<span class="simulated">{SIMULATED}</span>'
    if _PROSE.match(blocks[0]):
        blocks[0] = f"{mark} {blocks[0]}"
    else:
        blocks.insert(0, mark)
    return "\n\n".join([*headings, *blocks])


def literal(text: object) -> str:
    """Return a text of the data as Markdown that shows it letter by letter, on one line.

    Every sign that Markdown, HTML or mathematics would act on becomes its number: such a sign is never
    taken for markup, by any reader of Markdown.

    Examples
    --------
    >>> literal("Fees of $5, *all* <b>in</b>")
    'Fees of &#36;5, &#42;all&#42; &#60;b&#62;in&#60;/b&#62;'
    """
    return _LIVE.sub(lambda found: f"&#{ord(found[0])};", " ".join(str(text).split()))


def figure_html(svg: bytes, label: str, caption: str, alt: str, *, simulated: bool = False) -> str:
    """Return a figure: the SVG as an image (an image runs no script), its alternative text, its caption."""
    data = base64.b64encode(svg).decode("ascii")
    mark = f"{SIMULATED}. " if simulated else ""
    return (f'<figure class="picture"><div class="scroll" tabindex="0">'
            f'<img src="data:image/svg+xml;base64,{data}" alt="{escape(mark + alt)}"></div>'
            f"{caption_html(label, caption, simulated=simulated)}</figure>")


def table_html(table: str, label: str, caption: str, notes: Iterable[str] = (), *,
               simulated: bool = False) -> str:
    """Return a table under its caption, in a box that scrolls where the page is narrow; notes below."""
    below = "".join(f"<p>{escape(note)}</p>" for note in notes if note)
    columns = len(_COLUMN.findall(table))
    kind = next((f" {name}" for name, least in _KINDS if columns >= least), " narrow")
    return (f'<figure class="tabular{kind}">{caption_html(label, caption, simulated=simulated)}'
            f'<div class="scroll" tabindex="0" role="region" aria-label="{escape(label)}">{table}</div>'
            + (f'<div class="notes">{below}</div>' if below else "") + "</figure>")


def refusal_html(question: str, reason: str, needed: str) -> str:
    """Return the refusal of an estimate: why there is none, and the data that would make one possible."""
    asked = f" ({escape(question)})" if question else ""
    reason = _SAID.sub("", reason)
    return (f'<div class="refusal"><p><b>No estimate is possible{asked}.</b> {escape(_sentence(reason))}</p>'
            f"<p><b>What would make one possible:</b> {escape(_sentence(needed))}</p></div>")


def line_html(line: str) -> str:
    """Return the one line of a chapter, or a part of one, that has no evidence."""
    return f'<p class="no-evidence">{escape(line)}</p>'


def _sentence(text: str) -> str:
    text = text.strip()
    text = text[:1].upper() + text[1:]
    return text if text.endswith((".", "!", "?")) else f"{text}."
