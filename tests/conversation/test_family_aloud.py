"""A family's talk as it is said, word for word, to be read aloud: `family.txt` beside this file.

To say something differently, change the words, run this test with WRITE=1, and read the file.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

from bot.core.codes import code_words
from tests.conversation.test_family import shown_code
from tests.talker import Talker

SAID = Path(__file__).with_name("family.txt")
_CODE = re.compile(r"\b[2-9B-DF-HJ-NP-TV-XZ]{4}-[2-9B-DF-HJ-NP-TV-XZ]{4}\b", re.I)


def test_a_family_read_aloud(amina: Talker, ben: Talker, visitor: Talker) -> None:
    amina.says("I have twins born 3 2 2026")
    amina.says("Ada and Max")
    amina.says("add a child")
    amina.taps("Not born yet")
    amina.taps("October 2026")
    amina.says("remove the baby")
    amina.taps("Yes, take it off")
    amina.says("use this chat on another phone")
    amina.transcript.append("--- on her computer, in the web chat\n")
    code = code_words(shown_code(amina))
    visitor.now = amina.now
    visitor.says(f"link {code}")
    visitor.taps("Yes, both are mine")
    visitor.says("my children")
    amina.transcript += visitor.transcript
    amina.transcript.append("--- on her phone again\n")
    amina.says("add another parent")
    amina.taps("All my children")
    amina.transcript.append("--- Ben, on his own phone\n")
    code = code_words(shown_code(amina))
    ben.now = amina.now
    ben.command("family")
    ben.taps("I have a code")
    ben.says(code)
    ben.says("yes")
    ben.says("my children")
    ben.says("my bookings")
    amina.transcript += ben.transcript
    amina.transcript.append("--- Amina again\n")
    amina.says("who can see my bookings?")
    amina.taps("Let the other adults")
    amina.taps("Show my bookings to nobody")
    amina.taps("Be a family of my own")
    amina.taps("Yes, please")
    said = _CODE.sub("BCDF-GHJK", "\n".join(amina.transcript)) + "\n"
    if os.environ.get("WRITE"):
        SAID.write_text(said)
    assert said == SAID.read_text()
