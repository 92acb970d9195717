"""The council's words and data: read once at start, checked with file and line."""

from bot.content.loading import check, load, missing_translations
from bot.content.problems import ContentError, Problem
from bot.content.programme import read_programme
from bot.content.values import Content

__all__ = [
    "Content",
    "ContentError",
    "Problem",
    "check",
    "load",
    "missing_translations",
    "read_programme",
]
