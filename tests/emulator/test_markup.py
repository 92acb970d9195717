"""The emulator's judgement of texts and buttons, against what Telegram is known to say."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.emulator.markup import Refused, check_link, read_keyboard, read_text


@pytest.mark.parametrize(
    ("html", "shown"),
    [
        ("plain", "plain"),
        ("<b>bold</b> <i>it</i>", "bold it"),
        ("<B>bold</B>", "bold"),
        ("&lt;b&gt; &amp; &quot;&#39;&#x41;", "<b> & \"'A"),
        ("&nbsp; &lt", "&nbsp; <"),
        ('<a href="https://a.org/?x=1&amp;y=2">a</a>', "a"),
        ("<a href='https://a.org'>a</a>", "a"),
        ('<span class="tg-spoiler">s</span>', "s"),
        ("<blockquote expandable>q</blockquote>", "q"),
        ("<b>a</>", "a"),
        ("  trimmed \n", "trimmed"),
        ("a > b", "a > b"),
    ],
)
def test_html_that_telegram_takes(html: str, shown: str) -> None:
    assert read_text(html, "HTML")[0] == shown


@pytest.mark.parametrize(
    ("html", "why"),
    [
        ("<b>open", "Can't find end tag corresponding to start tag b"),
        ("a <b", "Unclosed start tag at byte offset 2"),
        ("a < b", 'Unsupported start tag "" at byte offset 2'),
        ("a < b >", 'Unsupported start tag "" at byte offset 2'),
        ("<p>a</p>", 'Unsupported start tag "p" at byte offset 0'),
        ("<br>", 'Unsupported start tag "br" at byte offset 0'),
        ("żó<x>", 'Unsupported start tag "x" at byte offset 4'),
        ("</b>", "Unexpected end tag at byte offset 0"),
        ("<b>a</i>", 'Unmatched end tag at byte offset 4, expected "</b>", found "</i>"'),
        ("<b><i>a</b></i>", 'Unmatched end tag at byte offset 7, expected "</i>", found "</b>"'),
        ("<a href=x/y>a</a>", "Unexpected end of name token at byte offset 8"),
        ("<a href>a</a>", 'Expected equal sign in declaration of an attribute of the tag "a"'),
        ("<span>a</span>", 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
    ],
)
def test_html_that_telegram_refuses(html: str, why: str) -> None:
    with pytest.raises(Refused) as caught:
        read_text(html, "HTML")
    assert caught.value.status == 400
    assert caught.value.description.startswith(f"Bad Request: can't parse entities: {why}")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "message text is empty"),
        (" \n ", "message text is empty"),
        ("<b></b>", "message text is empty"),
        ("x" * 4097, "message is too long"),
        ("👶" * 2049, "message is too long"),
        (None, "message text is empty"),
    ],
)
def test_texts_that_are_empty_or_too_long(text: object, why: str) -> None:
    with pytest.raises(Refused, match=why):
        read_text(text, "HTML")


def test_the_limit_counts_what_is_shown() -> None:
    assert len(read_text(f"<b>{'x' * 4096}</b>", "HTML")[0]) == 4096


def test_entities_are_counted_as_telegram_counts() -> None:
    _, entities = read_text('👶<b>b</b> <a href="https://a.org">l</a><a href="x">t</a>', "HTML")
    assert entities == [
        {"type": "bold", "offset": 2, "length": 1},
        {"type": "text_link", "offset": 4, "length": 1, "url": "https://a.org"},
    ]


@given(st.text(max_size=60))
def test_any_text_is_shown_or_refused(text: str) -> None:
    with contextlib.suppress(Refused):
        assert read_text(text, "HTML")[0]


@pytest.mark.parametrize(
    ("button", "why"),
    [
        ({"text": "", "callback_data": "a"}, "Button text must be non-empty"),
        ({"text": "a"}, "Text buttons are unallowed in the inline keyboard"),
        ({"text": "a", "callback_data": ""}, "BUTTON_DATA_INVALID"),
        ({"text": "a", "callback_data": "ż" * 33}, "BUTTON_DATA_INVALID"),
        ({"text": "a", "url": "tel:+441"}, "Unsupported URL protocol"),
        ({"text": "a", "url": "ftp://a.org"}, "Unsupported URL protocol"),
        ({"text": "a", "url": "http://localhost:8080"}, "Wrong HTTP URL"),
    ],
)
def test_buttons_that_telegram_refuses(button: dict[str, str], why: str) -> None:
    with pytest.raises(Refused, match=why):
        read_keyboard({"inline_keyboard": [[button]]})


def test_buttons_that_telegram_takes() -> None:
    row = [
        {"text": "a", "callback_data": "ż" * 32},
        {"text": "b", "url": "https://a.org/x"},
        {"text": "c", "url": "tg://user?id=7"},
    ]
    assert read_keyboard({"inline_keyboard": [row]}) == [row]
    assert read_keyboard(None) == []
    assert check_link("example.org/page") == ""
