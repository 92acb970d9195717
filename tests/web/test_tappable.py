"""Numbers and addresses of a chat message are links, in the words as they stand; English inside
other words is marked as English."""

from __future__ import annotations

import html
import re

import pytest
from markupsafe import Markup

from bot.content.values import Contact
from handlers.web.tappable import Tappable, in_english
from tests.web.client import PageClient, read
from tests.web.world import DANGER

CONTACTS = (
    Contact("a", {"en": "Emergency"}, phone="999"),
    Contact("b", {"en": "Galop"}, phone="0800 999 5428", text="85258", web="https://x.test/?a=1&b=2"),
)  # fmt: skip


@pytest.mark.parametrize(
    ("text", "links"),
    [
        ("call 999.", ["tel:999"]),
        ("<b>0800 999 5428, 85258</b>", ["tel:08009995428", "sms:85258"]),
        ("https://x.test/?a=1&amp;b=2 (any time)", ["https://x.test/?a=1&b=2"]),
        ('<a href="https://y.test/999">999</a>', ["https://y.test/999"]),
        ("£999, 9990, x999, 0333 999 1234, 1/999", []),
    ],
)
def test_only_numbers_that_are_whole_become_links(text: str, links: list[str]) -> None:
    made = Tappable(CONTACTS)(Markup(text))
    assert [href for href, _ in read(f"<p>{made}</p>").links] == links
    assert re.sub(r"<[^>]*>", "", made) == re.sub(r"<[^>]*>", "", text)


def test_without_contacts_nothing_is_linked() -> None:
    assert Tappable(())(Markup("call 999")) == "call 999"


def test_english_in_other_words_is_marked_and_escaped() -> None:
    assert in_english("غدا · \u2066Small <charge>\u2069") == (
        'غدا · <span lang="en" dir="ltr">Small &lt;charge&gt;</span>'
    )
    assert in_english("\u2066cut off") == "\u2066cut off"


@pytest.mark.parametrize("script", [True, False])
async def test_the_card_is_word_for_word_and_its_numbers_can_be_tapped(
    client: PageClient, script: bool
) -> None:
    fields = {"text": DANGER, "key": "abcdefgh1"}
    if script:
        shown = read((await client.json("/chat", fields))["html"])
    else:
        shown = (await client.post("/chat", fields)).page
    content = client.world.content
    card = content.safety.cards["domestic_abuse"]
    text = " ".join(" ".join(shown.words).split()).replace(" .", ".")
    for paragraph in html.unescape(card.text["en"]).splitlines():
        assert paragraph.partition("{opens}")[0].strip() in text
    hrefs = [href for href, _ in shown.links]
    for ident in card.contacts:
        contact = content.contacts[ident]
        if contact.phone:
            assert f"tel:{contact.phone.replace(' ', '')}" in hrefs
        if contact.web:
            assert contact.web in hrefs


async def test_what_is_left_in_english_is_marked_in_an_arabic_chat(client: PageClient) -> None:
    fields = {"text": "Howbury Tumblers tomorrow", "key": "abcdefgh1"}
    shown = await client.json("/chat?lang=ar", fields)
    assert '<span lang="en" dir="ltr">Howbury Tumblers</span>' in shown["html"]
    assert "\u2066" not in shown["html"]
    assert "\u2066" not in (await client.get("/chat?lang=ar")).html
