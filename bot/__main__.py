"""`python -m bot`."""

import gc
import sys

if sys.argv[1:] == ["health"]:
    # A container asks every half minute: that must not load the whole service.
    from bot.health import main
else:
    # What is loaded here stays: looking through it for garbage only makes the start longer.
    gc.disable()
    from bot.cli import main

    gc.freeze()
    gc.enable()

sys.exit(main())
