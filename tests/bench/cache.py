"""What is made once and kept between runs, outside the repository: the peers' environment, the town."""

from __future__ import annotations

import asyncio
import hashlib
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.bench.town import mark_of_town
from tests.serving import ROOT

#: What an echo bot needs; the versions are those of the service's own lock file.
PEERS = ("python-telegram-bot", "aiohttp", "markupsafe")


def cache_folder() -> Path:
    """Ours alone: others on this machine must not be able to lay a program there for us to run."""
    folder = Path(tempfile.gettempdir()) / f"family-assistant-bench-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    about = folder.lstat()
    if about.st_uid != os.getuid() or about.st_mode & 0o022 or folder.is_symlink():
        raise SystemExit(f"{folder} belongs to somebody else: remove it first")
    return folder


async def peers_python() -> tuple[Path, str]:
    """The interpreter of the peers' own environment, and what it is; ours where pip can't make one."""
    python = await own_python("peers", _pinned())
    if python is None:
        return Path(sys.executable), "the service's own (pip could not make another)"
    return python, "an environment of their own"


async def own_python(name: str, wanted: Sequence[str]) -> Path | None:
    """The interpreter of an environment that has just `wanted`, None where pip can't make it."""
    mark = hashlib.sha256(" ".join([sys.version, *wanted]).encode()).hexdigest()[:12]
    folder = cache_folder() / f"{name}-{mark}"
    python = folder / "bin" / "python"
    if not (folder / "complete").exists():
        shutil.rmtree(folder, ignore_errors=True)
        made = await _run(sys.executable, "-m", "venv", str(folder)) and await _run(
            str(python), "-m", "pip", "install", "--quiet", *wanted
        )
        if not made:
            return None
        (folder / "complete").touch()
    return python


async def town() -> Path:
    """The folder with the town's `data` and `keys`. Copy it: it is kept for the next run."""
    folder = cache_folder() / f"town-{mark_of_town()}"
    if not folder.exists():
        for old in cache_folder().glob("town-*"):
            shutil.rmtree(old)
        part = folder.with_name("town-part")
        if not await _run(sys.executable, "-m", "tests.bench.town", str(part)):
            raise SystemExit("the town could not be made")
        part.rename(folder)
    return folder


def _pinned() -> list[str]:
    lock = (ROOT / "requirements.lock").read_text()
    found = dict(re.findall(r"^([a-z0-9-]+)==(\S+)", lock, re.MULTILINE))
    return [f"{name}=={found[name]}" for name in PEERS]


async def _run(*command: str) -> bool:
    process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdout=sys.stderr)
    try:
        return await process.wait() == 0
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
