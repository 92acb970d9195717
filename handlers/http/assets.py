"""The stylesheet, the script and the pictures, under names that change with their content.

The council's colours are put into the stylesheet and the icon once, at the start: one request
fewer for a phone with little signal. Files are compressed once and kept in memory; a browser may
keep them for a year.
"""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

from bot.content.values import Council
from handlers.http.colours import stylesheet_head

_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
_LESS_IS_NOT_WORTH_IT = 400  # bytes below which compressing gains nothing


@dataclass(frozen=True, slots=True)
class Asset:
    """One file as it is served."""

    name: str  # "style.css"
    path: str  # "/static/1f2e3d4c.style.css"
    content_type: str
    body: bytes
    packed: bytes  # gzip, or empty


class Assets:
    """Every file of the static folders; where two have one name the first folder wins."""

    def __init__(self, folders: list[Path], council: Council) -> None:
        self._by_name: dict[str, Asset] = {}
        for folder in folders:
            for file in sorted(folder.glob("*")) if folder.is_dir() else ():
                if file.suffix in _TYPES and file.name not in self._by_name:
                    self._by_name[file.name] = _read(file, council)
        self._by_path = {asset.path: asset for asset in self._by_name.values()}

    def url(self, name: str) -> str:
        """Where a file is. Raises KeyError for a name that no folder has: a bug in a template."""
        return self._by_name[name].path

    def get(self, name: str) -> Asset:
        return self._by_name[name]

    async def serve(self, request: web.Request) -> web.Response:
        """One file, compressed where the browser takes that."""
        asset = self._by_path.get(request.path)
        if asset is None:
            raise web.HTTPNotFound
        return answer(request, asset, cache="public, max-age=31536000, immutable")


def answer(request: web.Request, asset: Asset, *, cache: str) -> web.Response:
    headers = {"Cache-Control": cache, "Vary": "Accept-Encoding"}
    body = asset.body
    if asset.packed and "gzip" in request.headers.get("Accept-Encoding", ""):
        body, headers["Content-Encoding"] = asset.packed, "gzip"
    return web.Response(
        body=body, content_type=asset.content_type, charset="utf-8", headers=headers
    )


def _read(file: Path, council: Council) -> Asset:
    text = file.read_text("utf-8").replace("#council", council.colour).replace("#ink", council.ink)
    if file.suffix == ".css":
        text = stylesheet_head(council.colour, council.ink) + text
    body = text.encode()
    digest = hashlib.sha256(body).hexdigest()[:10]
    packed = gzip.compress(body, 9, mtime=0) if len(body) > _LESS_IS_NOT_WORTH_IT else b""
    return Asset(file.name, f"/static/{digest}.{file.name}", _TYPES[file.suffix], body, packed)
