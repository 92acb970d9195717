"""Reads a page as a browser without script does: its words, its forms, their buttons."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser


@dataclass
class Form:
    action: str = ""
    method: str = "get"
    fields: dict[str, str] = field(default_factory=dict)
    buttons: list[tuple[str, str, str]] = field(default_factory=list)  # name, value, label


class Page(HTMLParser):
    """`text` is what is read; `forms` are in order."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.html = html
        self.forms: list[Form] = []
        self.links: list[tuple[str, str]] = []
        self._words: list[str] = []
        self._button: tuple[str, str] | None = None
        self._label = ""
        self._link: str | None = None
        self._select = ""
        self._hushed = 0
        self.feed(html)

    @property
    def text(self) -> str:
        return "\n".join(w for w in (w.strip() for w in self._words) if w)

    def button(self, label: str) -> tuple[Form, dict[str, str]]:
        """The newest form with a button like this, and what pressing it sends."""
        for form in reversed(self.forms):
            for name, value, words in reversed(form.buttons):
                if label in words:
                    return form, {**form.fields, **({name: value} if name else {})}
        raise AssertionError(f"no button “{label}” on the page:\n{self.text[:2000]}")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        a = {k: v or "" for k, v in attrs}
        form = self.forms[-1] if self.forms else Form()
        if tag in ("script", "style"):
            self._hushed += 1
        elif tag == "form":
            self.forms.append(Form(a.get("action", ""), a.get("method", "get")))
        elif tag == "input" and a.get("name"):
            if a.get("type") not in ("checkbox", "radio") or "checked" in a:
                form.fields[a["name"]] = a.get("value", "")
        elif tag == "textarea" and a.get("name"):
            form.fields[a["name"]] = ""
        elif tag == "select":
            self._select = a.get("name", "")
        elif tag == "option" and self._select:
            if "selected" in a or self._select not in form.fields:
                form.fields[self._select] = a.get("value", "")
        elif tag == "button":
            self._button, self._label = (a.get("name", ""), a.get("value", "")), ""
        elif tag == "a":
            self._link, self._label = a.get("href", ""), ""

    def handle_endtag(self, tag: str) -> None:
        if tag in ("script", "style"):
            self._hushed -= 1
        elif tag == "button" and self._button is not None:
            if self.forms:
                self.forms[-1].buttons.append((*self._button, self._label.strip()))
            self._button = None
        elif tag == "a" and self._link is not None:
            self.links.append((self._link, self._label.strip()))
            self._link = None
        elif tag == "select":
            self._select = ""

    def handle_data(self, data: str) -> None:
        if not self._hushed:
            self._words.append(data)
            self._label += data
