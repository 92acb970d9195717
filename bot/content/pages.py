"""Page templates of a council's own, in `pages/`: whether each can be read.

They are compiled when somebody first opens the page; a slip would otherwise be found by a parent.
"""

from __future__ import annotations

from pathlib import Path

from bot.content.problems import Problems


def check_pages(folder: Path, problems: Problems) -> None:
    """Note each template that is not UTF-8 or not Jinja2."""
    from jinja2 import Environment, TemplateSyntaxError  # noqa: PLC0415  # only `check` needs it

    reader = Environment(autoescape=True, extensions=["jinja2.ext.i18n"])
    for file in sorted(folder.rglob("*.html")):
        shown = f"pages/{file.relative_to(folder).as_posix()}"
        try:
            reader.parse(file.read_text("utf-8"))
        except UnicodeDecodeError:
            problems.note(shown, 1, "the text is not in UTF-8", "a file saved as UTF-8")
        except TemplateSyntaxError as fault:
            problems.note(shown, fault.lineno, f"not a template: {fault.message}", "Jinja2")
