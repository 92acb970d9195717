"""Asks the running service whether it is ready: `python -m bot health`, for containers.

It loads nothing of the service, since a container asks every half minute.
"""

from __future__ import annotations

import os
import sys
from http.client import HTTPException
from urllib.request import urlopen

SECONDS = 5
_ANYWHERE = ("0.0.0.0", "::")  # noqa: S104  # what we may listen on, not what we ask


def main() -> int:
    """0 where the service on HOST and PORT is ready, else 1 and a word on why."""
    host = os.environ.get("HOST", "").strip() or "127.0.0.1"
    port = os.environ.get("PORT", "").strip() or "8080"
    host = "127.0.0.1" if host in _ANYWHERE else host
    try:
        with urlopen(f"http://{host}:{port}/readyz", timeout=SECONDS) as answer:
            return 0 if answer.status == 200 else 1
    except (HTTPException, OSError, ValueError) as problem:  # URLError is an OSError
        print(f"not ready: {type(problem).__name__}", file=sys.stderr)
        return 1
