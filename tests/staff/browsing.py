"""Opens staff pages as a browser without script does: follows redirects, fills in real forms."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser

from aiohttp import ClientResponse
from aiohttp.test_utils import TestClient

_VOID = {"input", "meta", "link", "br", "img", "option"}


@dataclass
class Form:
    """One form of a page, with what it would send if nothing were typed."""

    action: str
    method: str
    fields: dict[str, str] = field(default_factory=dict)


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._open: Form | None = None
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        a = {k: v if v is not None else "" for k, v in attrs}
        if tag == "form":
            self._open = Form(a.get("action", ""), a.get("method", "get"))
            self.forms.append(self._open)
        if self._open is None:
            return
        if tag == "input" and a.get("name"):
            ticked = a.get("type") not in ("checkbox", "radio") or "checked" in a
            if ticked:
                self._open.fields[a["name"]] = a.get("value", "")
        if tag == "select":
            self._select = a.get("name", "")
        if tag == "option" and self._select and "selected" in a:
            self._open.fields[self._select] = a.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = None
        if tag == "select":
            self._select = ""


@dataclass(frozen=True)
class Seen:
    """A page as it came."""

    status: int
    path: str
    body: str
    headers: Mapping[str, str]

    @property
    def text(self) -> str:
        """What can be read, in one line."""
        plain = re.sub(r"<(script|style).*?</\1>", " ", self.body, flags=re.S)
        return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", plain)).split())

    @property
    def title(self) -> str:
        found = re.search(r"<h1>(.*?)</h1>", self.body, re.S)
        return html.unescape(found[1]) if found else ""

    @property
    def forms(self) -> list[Form]:
        parser = _Forms()
        parser.feed(self.body)
        return parser.forms

    def form(self, part: str) -> Form:
        """The form whose action ends with `part`."""
        found = [f for f in self.forms if f.action.partition("?")[0].endswith(part)]
        assert found, f"no form to {part} among {[f.action for f in self.forms]}"
        return found[0]

    def number(self, name: str) -> int:
        """The number beside a name in the row of counts; 0 where it isn't there."""
        found = re.search(rf"<dt>{re.escape(name)}</dt><dd>(\d+)</dd>", self.body)
        return int(found[1]) if found else 0


class Browser:
    """One person's browser."""

    def __init__(self, client: TestClient) -> None:
        self.client = client
        self.origin = str(client.make_url("")).rstrip("/")
        self.seen = Seen(0, "", "", {})

    async def open(self, path: str, **headers: str) -> Seen:
        return await self._keep(await self.client.get(path, headers=headers))

    async def post(
        self, path: str, data: Mapping[str, str] | None = None, *, origin: str | None = ""
    ) -> Seen:
        """Send fields as a form of our own page would. `origin` None leaves the header out."""
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        if origin is not None:
            headers["Origin"] = origin or self.origin
        return await self._keep(
            await self.client.post(path, data=dict(data or {}), headers=headers)
        )

    async def send(self, part: str, **typed: str) -> Seen:
        """Fill in a form of the page that is open, and send it. A "-name" takes a tick away."""
        form = self.seen.form(part)
        fields = {**form.fields, **typed}
        return await self.post(form.action, fields)

    async def _keep(self, response: ClientResponse) -> Seen:
        self.seen = Seen(
            response.status, response.url.path, await response.text(), dict(response.headers)
        )
        return self.seen
