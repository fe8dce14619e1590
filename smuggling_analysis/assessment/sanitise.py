"""What may stand in a page: an allowlist of elements, attributes and styles, kept by a real HTML parser.

Tables and captions escape what comes from data where they are made. This is the second wall: whatever got
through it in a notebook's output cannot run, load or cover anything.
"""

from __future__ import annotations

import re

_BLOCKS = ("h1 h2 h3 h4 h5 h6 p div section header footer figure figcaption blockquote pre hr br ul ol li "
           "dl dt dd table caption colgroup col thead tbody tfoot tr th td details summary")
_INLINE = "a b strong i em u s small sub sup code kbd samp span abbr cite q mark time img"
_TAGS = frozenset(f"{_BLOCKS} {_INLINE}".split())
_ATTRIBUTES = {
    "*": ["class", "title", "lang", "style", "role", "aria-label"], "td": ["colspan", "rowspan"],
    "th": ["colspan", "rowspan", "scope"], "col": ["span"], "div": ["tabindex"], "ol": ["start"],
    "abbr": ["title"], "time": ["datetime"], "details": ["open"],
}
_STYLES = ("color", "background-color", "text-align", "vertical-align", "font-weight", "font-style",
           "white-space", "width", "max-width", "min-width", "padding-left", "border-top", "border-bottom")
_IMAGE = re.compile(r"data:image/(svg\+xml|png);base64,[A-Za-z0-9+/=\s]*")
_EMPTY_IMAGE = re.compile(r"<img(?![^>]* src=)[^>]*>")
_UNSEEN = re.compile(r"<(style|script|title|template)\b[^>]*>.*?</\1\s*>", re.DOTALL | re.IGNORECASE)


def clean(html: str) -> str:
    """Return the HTML with only what the allowlist names.

    Styles of tables are the page's own, so `<style>` goes, with its content. Images are data of the page
    itself; links lead to https, mailto or a place in the page.

    Examples
    --------
    >>> clean('<p onclick="x()">7 <script>steal()</script><a href="javascript:x()">people</a></p>')
    '<p>7 <a>people</a></p>'
    """
    import bleach
    from bleach.css_sanitizer import CSSSanitizer

    def image(tag: str, name: str, value: str) -> bool:
        plain = name in ("alt", "class", "width", "height")
        return plain or (name == "src" and bool(_IMAGE.fullmatch(value)))

    def link(tag: str, name: str, value: str) -> bool:
        return name == "href" and value.startswith(("https://", "mailto:", "#"))

    kept = bleach.clean(
        _UNSEEN.sub("", html), tags=_TAGS, attributes={**_ATTRIBUTES, "img": image, "a": link},
        protocols=["https", "mailto", "data"], strip=True, strip_comments=True,
        css_sanitizer=CSSSanitizer(allowed_css_properties=list(_STYLES)))
    return _EMPTY_IMAGE.sub("", kept)
