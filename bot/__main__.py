"""`python -m bot`."""

import sys

if sys.argv[1:] == ["health"]:
    # A container asks every half minute: that must not load the whole service.
    from bot.health import main
else:
    from bot.cli import main

sys.exit(main())
