"""Council Markdown as HTML: paragraphs, lists, bold and links; no HTML of its own, no pictures."""

from __future__ import annotations

from functools import lru_cache

from markdown_it import MarkdownIt
from markupsafe import Markup

_READER = (
    MarkdownIt("zero", {"html": False, "breaks": False})
    .enable(["emphasis", "link", "list", "escape", "entity", "newline", "paragraph"])
    .disable(["image", "html_block", "html_inline"], ignoreInvalid=True)
)


@lru_cache(maxsize=512)
def to_html(text: str) -> Markup:
    """The text as HTML, everything in it escaped by the reader itself."""
    return Markup(_READER.render(text))  # noqa: S704  # html is off
