"""Seals personal fields, so that a stolen database or backup tells nothing.

AES-GCM. The stored form is `v1.<key id>.<nonce><ciphertext>`; what it is bound to (table and
column) goes in as associated data, so that a value can't be moved to another column unnoticed.
The row's own uid is inside the value, checked by the store when a row is loaded.

Look-ups use a keyed hash with a key of its own, and only on values with many possibilities
(an e-mail address, a phone number), never on names, languages or needs.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from bot.core.errors import Kind, PlannedError, Translate

KEY_BYTES = 32
NONCE_BYTES = 12


_box = lru_cache(maxsize=16)(AESGCM)  # making one costs as much as using it
_to_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class KeyFileError(PlannedError):
    """The key file is missing, damaged, or doesn't fit the database."""

    kind = Kind.UNAVAILABLE

    def __init__(self, path: Path, fault: str, remedy: str) -> None:
        super().__init__(f"{path}: {fault}")
        self.path, self.fault, self.remedy = path, fault, remedy

    def sentence(self, _: Translate) -> str:
        return f"{self.path}: {self.fault} {self.remedy}"


class SealBrokenError(Exception):
    """A sealed value can't be opened here: wrong key, wrong place, or damaged. A bug or an attack."""


@dataclass(frozen=True)
class Keys:
    """The active key, older ones that still open, and the key of the look-up hash."""

    active: str
    sealing: dict[str, bytes]
    index: bytes
    made_here: bool = False  # made by the service itself: not good enough for live

    def seal(self, value: dict[str, Any], *, context: str) -> bytes:
        """Seal a JSON object, bound to `context` ("adult.private")."""
        head = f"v1.{self.active}.".encode()
        nonce = os.urandom(NONCE_BYTES)
        plain = _to_json(value).encode("utf-8", "surrogatepass")
        box = _box(self.sealing[self.active])
        return head + nonce + box.encrypt(nonce, plain, head + context.encode())

    def open(self, blob: bytes, *, context: str) -> dict[str, Any]:
        """The sealed object. Raises SealBrokenError."""
        try:
            version, key_id, rest = bytes(blob).split(b".", 2)
            head = version + b"." + key_id + b"."
            box = _box(self.sealing[key_id.decode()])
            plain = box.decrypt(rest[:NONCE_BYTES], rest[NONCE_BYTES:], head + context.encode())
            value: dict[str, Any] = json.loads(plain.decode("utf-8", "surrogatepass"))
        except (ValueError, KeyError, InvalidTag) as problem:
            raise SealBrokenError(context) from problem
        return value

    def blind(self, field: str, value: str) -> str:
        """A keyed hash for looking up an exact value without storing it."""
        return hmac.new(self.index, f"{field}\0{value}".encode(), hashlib.sha256).hexdigest()

    def derive(self, purpose: str) -> bytes:
        """32 bytes for another use (signing forms, a webhook secret), independent of the rest."""
        return hmac.new(self.index, f"derive\0{purpose}".encode(), hashlib.sha256).digest()


def make_keys() -> Keys:
    key_id = base64.b32encode(os.urandom(5)).decode().lower()
    return Keys(key_id, {key_id: os.urandom(KEY_BYTES)}, os.urandom(KEY_BYTES), made_here=True)


def write_keys(path: Path, keys: Keys) -> None:
    """Write a key file that did not exist, readable by its owner only. Raises FileExistsError.

    It is there whole or not at all: another command may be looking for it, or the disk be full.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    lines = ["# Keys of the sealed fields. Without this file the personal data is lost for good."]
    if keys.made_here:
        lines.append("made-by service")
    lines += [f"seal {i} {base64.b64encode(k).decode()}" for i, k in keys.sealing.items()]
    lines += [f"active {keys.active}", f"index {base64.b64encode(keys.index).decode()}", ""]
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(handle, "w") as file:
            file.write("\n".join(lines))
            file.flush()
            os.fsync(file.fileno())
        os.link(part, path)  # unlike a rename, never over another
    finally:
        part.unlink()


def read_keys(path: Path) -> Keys:
    """Read a key file. Raises KeyFileError naming what is wrong with it."""
    try:
        lines = path.read_text().splitlines()
    except FileNotFoundError:
        raise KeyFileError(
            path, "The key file is missing.", "Put it back from where keys are kept."
        ) from None
    except (OSError, UnicodeDecodeError):
        raise KeyFileError(path, "The key file can't be read.", "Check who owns it.") from None
    sealing: dict[str, bytes] = {}
    active, index, made_here = "", b"", False
    try:
        for line in lines:
            match line.split():
                case ["seal", key_id, key]:
                    sealing[key_id] = base64.b64decode(key, validate=True)
                case ["active", key_id]:
                    active = key_id
                case ["index", key]:
                    index = base64.b64decode(key, validate=True)
                case ["made-by", "service"]:
                    made_here = True
    except ValueError:
        sealing = {}
    sizes = {len(k) for k in (*sealing.values(), index)}
    if active not in sealing or sizes != {KEY_BYTES}:
        raise KeyFileError(path, "The key file is damaged.", "Put back the copy you keep safe.")
    return Keys(active, sealing, index, made_here)
