"""Council Markdown as chat markup: paragraphs, lists, bold, links. Anything else becomes text."""

from __future__ import annotations

from functools import lru_cache

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup, escape

_PARSER = MarkdownIt("commonmark", {"html": False})
_INLINE = {"strong_open": "<b>", "strong_close": "</b>", "em_open": "<i>", "em_close": "</i>"}


@lru_cache(maxsize=512)
def to_markup(text: str) -> Markup:
    """Markdown as <b>, <i>, <a> and line breaks: what both Telegram and a page can show."""
    out: list[str] = []
    for token in _PARSER.parse(text):
        match token.type:
            case "heading_open":
                out.append("<b>")
            case "heading_close":
                out.append("</b>\n\n")
            case "inline":
                out.append(_inline(token.children or []))
            case "paragraph_close":
                out.append("\n" if token.hidden else "\n\n")
            case "list_item_open":
                out.append("• ")
            case "bullet_list_close" | "ordered_list_close":
                out.append("\n")
            case "code_block" | "fence":
                out.append(str(escape(token.content)))
    tidy = "".join(out).strip()
    while "\n\n\n" in tidy:
        tidy = tidy.replace("\n\n\n", "\n\n")
    return Markup(tidy)  # noqa: S704  # every text was escaped above


def _inline(tokens: list[Token]) -> str:
    out = []
    for token in tokens:
        if token.type in _INLINE:
            out.append(_INLINE[token.type])
        elif token.type == "link_open":
            href = str(token.attrGet("href") or "")
            out.append(str(Markup('<a href="{}">').format(href)))
        elif token.type == "link_close":
            out.append("</a>")
        elif token.type in ("softbreak", "hardbreak"):
            out.append(" " if token.type == "softbreak" else "\n")
        else:
            out.append(str(escape(token.content)))
    return "".join(out)
