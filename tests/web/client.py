"""A client that follows links and forms as a browser without script does, and checks every page."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlsplit

from aiohttp import ClientResponse
from aiohttp.test_utils import TestClient
from multidict import CIMultiDictProxy

from tests.web.world import World

_EMPTY = {"meta", "link", "img", "input", "br", "hr"}
_NO_BLOCKS_INSIDE = {"p", "h1", "h2", "h3", "span", "b", "small", "label", "summary", "dt"}
_BLOCKS = {"p", "div", "ul", "ol", "form", "section", "h1", "h2", "h3", "table", "dl", "main"}
_LOADS = {("img", "src"), ("script", "src"), ("link", "href"), ("form", "action")}


@dataclass
class Form:
    action: str
    method: str
    fields: dict[str, str] = field(default_factory=dict)
    buttons: list[tuple[str, str, str]] = field(default_factory=list)  # name, value, words


@dataclass
class Seen:
    """A page as it was read."""

    status: int
    headers: CIMultiDictProxy[str]
    url: str
    html: str
    page: Outline

    @property
    def text(self) -> str:
        """The words of the page, with single spaces."""
        return " ".join(" ".join(self.page.words).split())

    def link(self, words: str) -> str:
        """Where the first link with these words leads."""
        found = [href for href, said in self.page.links if words in said]
        assert found, f"no link “{words}” in {[s for _h, s in self.page.links]}"
        return found[0]


class Outline(HTMLParser):
    """What a checker of pages wants to know. Complains of wrong nesting as it reads."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.faults: list[str] = []
        self.stack: list[str] = []
        self.ids: list[str] = []
        self.words: list[str] = []
        self.links: list[tuple[str, str]] = []
        self.forms: list[Form] = []
        self.h1: list[str] = []
        self.title = ""
        self.lang = self.direction = ""
        self.labels: set[str] = set()
        self.controls: list[dict[str, str]] = []
        self.data: list[str] = []  # JSON-LD
        self._href: str | None = None
        self._heading = 0
        self._button: list[str] | None = None
        self._raw = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        a = {k: v or "" for k, v in attrs}
        if len(a) != len(attrs):
            self.faults.append(f"<{tag}> has an attribute twice")
        for name, value in a.items():
            if name == "style" or name.startswith("on"):
                self.faults.append(f"<{tag}> has an inline {name}")
            if (tag, name) in _LOADS and urlsplit(value).netloc:
                self.faults.append(f"<{tag}> goes to another site: {value}")
            if name in ("href", "src", "action") and value.lower().startswith("javascript:"):
                self.faults.append(f"<{tag}> runs a script in an address")
        if tag in _BLOCKS and (bad := [t for t in self.stack if t in _NO_BLOCKS_INSIDE]):
            self.faults.append(f"<{tag}> inside <{bad[-1]}>")
        if tag in ("a", "button") and any(t in ("a", "button") for t in self.stack):
            self.faults.append(f"<{tag}> inside another link or button")
        if tag == "form" and "form" in self.stack:
            self.faults.append("a form inside a form")
        if tag == "li" and self.stack[-1:] not in (["ul"], ["ol"]):
            self.faults.append("<li> outside a list")
        if self.stack[-1:] in (["ul"], ["ol"]) and tag != "li":
            self.faults.append(f"<{tag}> straight inside a list")
        if "id" in a:
            self.ids.append(a["id"])
        if tag == "html":
            self.lang, self.direction = a.get("lang", ""), a.get("dir", "")
        if tag == "script" and "src" not in a and a.get("type") != "application/ld+json":
            self.faults.append("an inline script")
        if tag == "style":
            self.faults.append("an inline stylesheet")
        if tag == "img" and "alt" not in a:
            self.faults.append("a picture without alt")
        if tag == "a":
            self._href = a.get("href")
            self.links.append((a.get("href", ""), ""))
        if tag == "form":
            self.forms.append(Form(a.get("action", ""), a.get("method", "get")))
        if tag == "label":
            self.labels.add(a.get("for", ""))
        if tag in ("input", "select", "textarea"):
            if a.get("type") != "hidden":
                self.controls.append(a)
            if self.forms and "form" in self.stack and "name" in a and a.get("type") != "checkbox":
                self.forms[-1].fields[a["name"]] = a.get("value", "")
        if tag == "button":
            self._button = [a.get("name", ""), a.get("value", "")]
            self._said = ""
        if tag == "h1":
            self.h1.append("")
        if tag not in _EMPTY:
            self.stack.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in _EMPTY:
            return
        if not self.stack or self.stack[-1] != tag:
            self.faults.append(f"</{tag}> closes {self.stack[-1:]}")
            return
        self.stack.pop()
        if tag == "button" and self._button is not None:
            if self.forms and "form" in self.stack:
                name, value = self._button
                self.forms[-1].buttons.append((name, value, " ".join(self._said.split())))
            self._button = None

    def handle_data(self, data: str) -> None:
        inside = self.stack[-1] if self.stack else ""
        if inside == "title":
            self.title += data
        elif inside == "script":
            self.data.append(data)
        else:
            self.words.append(data)
            if "h1" in self.stack:
                self.h1[-1] += data
            if "a" in self.stack and self.links:
                href, said = self.links[-1]
                self.links[-1] = (href, said + data)
            if self._button is not None:
                self._said += data


def read(html: str) -> Outline:
    outline = Outline()
    outline.feed(html)
    outline.close()
    return outline


def check(seen: Seen) -> None:
    """Everything that holds for every page of ours. Raises AssertionError with all that doesn't."""
    page, headers, faults = seen.page, seen.headers, list(seen.page.faults)
    if page.stack:
        faults.append(f"never closed: {page.stack}")
    if not seen.html.startswith("<!doctype html>"):
        faults.append("no doctype")
    if len(page.h1) != 1:
        faults.append(f"{len(page.h1)} h1")
    else:
        h1, title = " ".join(page.h1[0].split()), " ".join(page.title.split())
        if not h1 or not title.removeprefix("Error: ").startswith(h1):
            faults.append(f"title “{title}” does not start with “{h1}”")
    if not page.lang or page.direction not in ("ltr", "rtl"):
        faults.append(f"lang “{page.lang}”, dir “{page.direction}”")
    twice = {i for i in page.ids if page.ids.count(i) > 1}
    if twice:
        faults.append(f"ids twice: {twice}")
    for control in page.controls:
        if control.get("id") not in page.labels:
            faults.append(f"no label for {control}")
    faults += check_headers(headers)
    if "noindex" not in headers.get("X-Robots-Tag", "noindex"):
        faults.append("a demo may be indexed")
    assert not faults, f"{seen.url}: {faults}"


def check_headers(headers: CIMultiDictProxy[str]) -> list[str]:
    """Faults in the headers that every answer has to have."""
    faults = []
    policy = headers.get("Content-Security-Policy", "")
    if not policy.startswith("default-src 'none';") or "unsafe" in policy:
        faults.append(f"policy: {policy}")
    wanted = {
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        "X-Frame-Options": "DENY",
        "Cross-Origin-Opener-Policy": "same-origin",
    }
    faults += [f"{k}: {headers.get(k)}" for k, v in wanted.items() if headers.get(k) != v]
    if "Cache-Control" not in headers:
        faults.append("no Cache-Control")
    if "aiohttp" in headers.get("Server", "").lower():
        faults.append("says which server it is")
    return faults


class PageClient:
    """A browser without script, that keeps cookies and sends Origin with forms."""

    def __init__(self, raw: TestClient[Any, Any], world: World) -> None:
        self.raw, self.world = raw, world
        self.origin = str(raw.make_url("/")).rstrip("/")

    async def get(self, path: str, *, status: int = 200, **headers: str) -> Seen:
        """Fetch a page and check it."""
        answer = await self.raw.get(path, headers=headers)
        return await self._seen(answer, status)

    async def post(
        self, path: str, fields: dict[str, str] | None = None, *, status: int = 200, **headers: str
    ) -> Seen:
        """Send a form as a browser does, follow where it leads, and check the page there."""
        answer = await self.raw.post(
            path, data=fields or {}, headers={"Origin": self.origin, **headers}
        )
        return await self._seen(answer, status)

    async def press(self, seen: Seen, words: str, *, status: int = 200, **typed: str) -> Seen:
        """Press the last button with these words, with the other fields of its form."""
        for form in reversed(seen.page.forms):
            for name, value, said in form.buttons:
                if said == words:
                    fields = {**form.fields, **typed, **({name: value} if name else {})}
                    return await self.post(form.action, fields, status=status)
        raise AssertionError(f"no button “{words}” on {seen.url}")

    async def json(self, path: str, fields: dict[str, str] | None = None) -> Any:
        """What our script does: the same form, answered with pieces of a page."""
        headers = {"Accept": "application/json", "Origin": self.origin}
        if fields is None:
            answer = await self.raw.get(path, headers=headers)
        else:
            answer = await self.raw.post(path, data=fields, headers=headers)
        assert answer.status == 200, answer.status
        assert not check_headers(answer.headers)
        return await answer.json()

    async def _seen(self, answer: ClientResponse, status: int) -> Seen:
        html = await answer.text()
        seen = Seen(answer.status, answer.headers, str(answer.url), html, read(html))
        assert answer.status == status, f"{answer.url}: {answer.status}\n{seen.text[:600]}"
        check(seen)
        return seen
