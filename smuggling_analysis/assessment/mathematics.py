r"""Mathematics as drawings inside the page: no script, no font, nothing to load.

Markdown's `$...$` and `$$...$$` become marked spans (`mark`), which pass the sanitiser as plain text; when
the page is clean the spans become SVG (`draw`). Generated HTML may hold such spans too:
`<span class="mathematics">\hat N</span>`.
"""

from __future__ import annotations

import re
from functools import lru_cache
from html import escape, unescape
from typing import Any

_SIZE = 24.0
_MARKED = re.compile(r'<span class="mathematics( display)?">(.*?)</span>', re.DOTALL)
_HEAD = re.compile(r'<svg ([^>]*?)width="([\d.]+)" height="([\d.]+)" viewBox="((\S+) (\S+) \S+ \S+)"([^>]*)>')


def mark(tex: str, *, display: bool) -> str:
    """Return the marked span that `draw` will replace.

    Examples
    --------
    >>> mark("a < b", display=False)
    '<span class="mathematics">a &lt; b</span>'
    """
    return f'<span class="mathematics{" display" if display else ""}">{escape(tex.strip())}</span>'


def draw(html: str) -> str:
    """Return the page with every marked span drawn."""
    return _MARKED.sub(lambda found: _drawn(unescape(found[2]), bool(found[1])), html)


@lru_cache(maxsize=1024)
def _drawn(tex: str, display: bool) -> str:
    import ziamath

    ziamath.config.svg2 = False  # shapes in place: identifiers of several formulas would clash in one page
    name = "formula display" if display else "formula"
    try:
        svg: str = ziamath.Latex(tex, size=_SIZE, color="currentColor", inline=not display).svg()
    except Exception:  # whatever the typesetter cannot read is shown as it was written
        return f'<span class="{name}"><code>{escape(tex)}</code></span>'
    return f'<span class="{name}">{_HEAD.sub(lambda head: _head(head, tex), svg, count=1)}</span>'


def _head(head: re.Match[str], tex: str) -> str:
    """Scale the drawing to the text around it, set it on the baseline, and say what it is."""
    width, height, top = float(head[2]) / _SIZE, float(head[3]) / _SIZE, float(head[6]) / _SIZE
    return (f'<svg {head[1]}role="img" aria-label="{escape(tex, quote=True)}" focusable="false" '
            f'width="{width:.3f}em" height="{height:.3f}em" viewBox="{head[4]}" '
            f'style="vertical-align:{-(height + top):.3f}em"{head[7]}>')


def markdown_html(source: str) -> str:
    """Return Markdown as HTML, its mathematics marked.

    Examples
    --------
    >>> markdown_html("USD 5, and $x^2$").strip()
    '<p>USD 5, and <span class="mathematics">x^2</span></p>'
    """
    from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

    class MarkingRenderer(IPythonRenderer):
        """Marks mathematics where nbconvert's own leaves it to a script; headings without anchor links."""

        def block_math(self, body: str) -> str:
            return mark(body, display=True)

        def inline_math(self, body: str) -> str:
            # "from $400 to $500" is money: mathematics does not begin or end with a space.
            return mark(body, display=False) if body == body.strip() else f"${escape(body)}$"

        def latex_environment(self, name: str, body: str) -> str:
            return mark(rf"\begin{{{name}}}{body}\end{{{name}}}", display=True)

    renderer: Any = MarkingRenderer(escape=False, exclude_anchor_links=True)
    return str(MarkdownWithMath(renderer=renderer).render(source))
