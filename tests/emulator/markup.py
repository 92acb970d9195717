"""What Telegram accepts as text, HTML and buttons, and the words with which it refuses.

The HTML rules follow `parse_html` of tdlib's MessageEntity.cpp, errors and byte offsets included.
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

TEXT_LIMIT = 4096
DATA_LIMIT = 64  # bytes
BUTTONS_LIMIT = 100

_TAGS = {
    "a": "text_link",
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "u": "underline",
    "ins": "underline",
    "tg-spoiler": "spoiler",
    "tg-emoji": "custom_emoji",
    "span": "spoiler",
    "pre": "pre",
    "code": "code",
    "blockquote": "blockquote",
}
_SPACE = " \t\r\n\v\0"
_NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
_ENTITY = re.compile(r"&(?:#x([0-9a-fA-F]*)|#([0-9]*)|([a-zA-Z]*));?")


class Refused(Exception):
    """Telegram's 'no': an HTTP status and its description."""

    def __init__(
        self, status: int, description: str, parameters: dict[str, Any] | None = None
    ) -> None:
        super().__init__(description)
        self.status = status
        self.description = description
        self.parameters = parameters


def bad(description: str) -> Refused:
    return Refused(400, f"Bad Request: {description}")


def read_text(
    raw: object, parse_mode: object, *, limit: int = TEXT_LIMIT, what: str = "message text"
) -> tuple[str, list[dict[str, Any]]]:
    """The text as shown and its entities. Raises Refused."""
    if not isinstance(raw, str):
        raise bad(f"{what} is empty")
    mode = str(parse_mode or "").lower()
    if mode == "html":
        text, entities = _parse_html(raw)
    elif mode == "":
        text, entities = raw, []
    else:
        raise bad("unsupported parse_mode")
    shown = text.replace("\0", "").strip()
    if not shown:
        raise bad(f"{what} is empty")
    if _units(shown) > limit:
        raise bad("message is too long" if what == "message text" else f"{what} is too long")
    return shown, entities


def read_keyboard(markup: object) -> list[list[dict[str, Any]]]:
    """The rows of an inline keyboard; other kinds of reply markup show no buttons in a bubble."""
    if markup is None:
        return []
    if not isinstance(markup, dict):
        raise bad("can't parse reply keyboard markup JSON object")
    rows = markup.get("inline_keyboard")
    if rows is None:
        return []
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise bad("can't parse inline keyboard: expected an Array of Array")
    if sum(len(row) for row in rows) > BUTTONS_LIMIT:
        raise bad("reply markup is too long")
    return [[_read_button(button) for button in row] for row in rows if row]


def check_link(url: str) -> str:
    """Why Telegram would not open that link; '' if it would."""
    if "://" not in url and not url.lower().startswith(("mailto:", "tel:", "javascript:")):
        url = f"http://{url}"
    parts = urlsplit(url)
    if parts.scheme.lower() in {"tg", "ton", "tonsite"}:
        return ""
    if parts.scheme.lower() not in {"http", "https"}:
        return "Unsupported URL protocol"
    try:
        host = parts.hostname or ""
    except ValueError:
        return "Wrong HTTP URL"
    if "." not in host and ":" not in host:
        return "Wrong HTTP URL"
    return ""


def _read_button(button: object) -> dict[str, Any]:
    if not isinstance(button, dict):
        raise bad("can't parse inline keyboard button: InlineKeyboardButton must be an Object")
    label = button.get("text")
    if not isinstance(label, str) or not label.strip():
        raise bad("can't parse inline keyboard button: Button text must be non-empty")
    if url := button.get("url"):
        if why := check_link(str(url)):
            raise bad(f"inline keyboard button URL '{url}' is invalid: {why}")
        return {"text": label, "url": str(url)}
    data = button.get("callback_data")
    if data is None:
        raise bad(
            "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard"
        )
    if not isinstance(data, str) or not 1 <= len(data.encode()) <= DATA_LIMIT:
        raise bad("BUTTON_DATA_INVALID")
    return {"text": label, "callback_data": data}


def _units(text: str) -> int:
    """Length in UTF-16 code units, which is how Telegram counts."""
    return len(text) + sum(ord(c) > 0xFFFF for c in text)


def _parse_html(raw: str) -> tuple[str, list[dict[str, Any]]]:
    text = raw + "\0"
    end = len(raw)
    out: list[str] = []
    units = 0
    entities: list[dict[str, Any]] = []
    opened: list[tuple[str, str, int, int]] = []  # tag, argument, offset in units, place in `out`
    i = 0
    while i < end:
        char = text[i]
        if char == "&":
            code, i_after = _decode(text, i)
            if code:
                out.append(code)
                units += _units(code)
                i = i_after
                continue
        if char != "<":
            out.append(char)
            units += _units(char)
            i += 1
            continue
        begin, where = i, len(text[:i].encode())
        i += 1
        if text[i] != "/":
            tag, argument, i = _open_tag(text, begin, where)
            opened.append((tag, argument, units, len(out)))
            continue
        if not opened:
            raise _unparsed(f"Unexpected end tag at byte offset {where}")
        while text[i] not in _SPACE and text[i] != ">":
            i += 1
        name = text[begin + 2 : i].lower()
        while text[i] in _SPACE and text[i] != "\0":
            i += 1
        if text[i] != ">":
            raise _unparsed(f"Unclosed end tag at byte offset {where}")
        tag, argument, offset, place = opened.pop()
        if name and name != tag:
            raise _unparsed(
                f'Unmatched end tag at byte offset {where}, expected "</{tag}>", found "</{name}>"'
            )
        if units > offset:
            entity = {"type": _TAGS[tag], "offset": offset, "length": units - offset}
            url = argument or "".join(out[place:])
            if tag != "a":
                entities.append(entity)
            elif not check_link(url):  # a link that can't be opened becomes plain text
                entities.append({**entity, "url": url})
        i += 1
    if opened:
        raise _unparsed(f"Can't find end tag corresponding to start tag {opened[-1][0]}")
    return "".join(out), sorted(entities, key=lambda e: (e["offset"], -e["length"]))


def _open_tag(text: str, begin: int, where: int) -> tuple[str, str, int]:
    """Tag, its argument, and where to read on."""
    i = begin + 1
    while text[i] not in _SPACE and text[i] != ">":
        i += 1
    if text[i] == "\0":
        raise _unparsed(f"Unclosed start tag at byte offset {where}")
    tag = text[begin + 1 : i].lower()
    if tag not in _TAGS:
        raise _unparsed(f'Unsupported start tag "{tag}" at byte offset {where}')
    argument = ""
    while text[i] != ">":
        while text[i] != "\0" and text[i] in _SPACE:
            i += 1
        if text[i] == ">":
            break
        start = i
        while text[i] not in _SPACE and text[i] not in "=>":
            i += 1
        name = text[start:i]
        if not name:
            raise _unparsed(f'Empty attribute name in the tag "{tag}" at byte offset {where}')
        while text[i] != "\0" and text[i] in _SPACE:
            i += 1
        if text[i] != "=":
            if name == "expandable" and tag == "blockquote":
                continue
            raise _unparsed(
                f'Expected equal sign in declaration of an attribute of the tag "{tag}" '
                f"at byte offset {where}"
            )
        value, i = _attribute(text, i + 1, tag, where)
        if tag == "a" and name == "href":
            argument = value
        elif tag == "span" and name == "class" and value.startswith("tg-"):
            argument = value[3:]
    if tag == "span" and argument != "spoiler":
        raise _unparsed(f'Tag "span" must have class "tg-spoiler" at byte offset {where}')
    return tag, argument, i + 1


def _attribute(text: str, i: int, tag: str, where: int) -> tuple[str, int]:
    while text[i] != "\0" and text[i] in _SPACE:
        i += 1
    if text[i] == "\0":
        raise _unparsed(f'Unclosed start tag "{tag}" at byte offset {where}')
    if text[i] not in "'\"":
        start = i
        while text[i].isascii() and (text[i].isalnum() or text[i] in ".-"):
            i += 1
        if text[i] not in _SPACE and text[i] != ">":
            place = len(text[:start].encode())
            raise _unparsed(f"Unexpected end of name token at byte offset {place}")
        return text[start:i].lower(), i
    quote, i = text[i], i + 1
    out: list[str] = []
    while text[i] != quote and text[i] != "\0":
        if text[i] == "&":
            code, after = _decode(text, i)
            if code:
                out.append(code)
                i = after
                continue
        out.append(text[i])
        i += 1
    if text[i] == quote:
        i += 1
    if text[i] == "\0":
        raise _unparsed(f"Unclosed start tag at byte offset {where}")
    return "".join(out), i


def _decode(text: str, i: int) -> tuple[str, int]:
    """The character that the entity at `i` stands for and the place after it; '' if it is none."""
    match = _ENTITY.match(text, i)
    if match is None:
        return "", i
    hexadecimal, decimal, name = match.groups()
    if name is not None:
        return _NAMED.get(name, ""), match.end()
    digits = hexadecimal if hexadecimal is not None else decimal
    number = int(digits or "0", 16 if hexadecimal is not None else 10)
    if number == 0 or number >= 0x10FFFF or 0xD800 <= number <= 0xDFFF or len(digits) >= 9:
        return "", i
    return chr(number), match.end()


def _unparsed(why: str) -> Refused:
    return bad(f"can't parse entities: {why}")
