"""`python -m bot`."""

import contextlib
import ctypes
import gc
import sys

_M_ARENA_MAX = -8  # of mallopt(3)

if sys.argv[1:] == ["health"]:
    # A container asks every half minute: that must not load the whole service.
    from bot.health import main
else:
    # One heap for all threads: with a heap each they would keep some 14 MB between them for nothing.
    with contextlib.suppress(AttributeError):  # another C library than glibc
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, 1)
    # What is loaded here stays: looking through it for garbage only makes the start longer.
    gc.disable()
    from bot.cli import main

    gc.freeze()
    gc.enable()

sys.exit(main())
