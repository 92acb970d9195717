"""Languages by the names that people call them (data/languages.txt)."""

from __future__ import annotations

import re

from bot.understanding import lexicon

TAGS = {name: tag for tag, names in lexicon.entries("languages") for name in names}
#: Any name of a language in a comparable text.
LANGUAGES = re.compile(r"(?<!\w)(?:" + "|".join(sorted(TAGS, key=len, reverse=True)) + r")(?!\w)")
