"""Old buttons, bookings and follows after a start with a folder that names none of their venues,
activities and topics any more: each is answered, and the booking is shown by the old ids."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import select

from bot.bookings.models import Claim
from bot.bookings.queries import claim_slots
from bot.content import Content, load
from bot.outreach import service as outreach
from bot.understanding.reader import Reader
from tests.conftest import SHIPPED
from tests.conversation.test_main_job import book
from tests.talker import Office

pytestmark = pytest.mark.long  # every old button

Elsewhere = tuple[Content, Reader]


@pytest.fixture(scope="module")
def elsewhere() -> Elsewhere:
    content = load(SHIPPED.parent / "tests" / "councils" / "thornbury_vale")
    return content, Reader.from_content(content)


def test_every_old_button_is_answered(office, amina, elsewhere):
    tokens = []
    for text in ("what's on near erith", "baby massage", "help with childcare costs", "menu",
                 "my 6 month old, remember it", "where is hook lane", "help and advice"):  # fmt: skip
        amina.says(text)
        tokens += [b.token for r in amina.replies for row in r.message.rows for b in row if b.token]
    assert len(set(tokens)) > 20
    amina.office = Office(office.store, *elsewhere)
    for token in dict.fromkeys(tokens):
        assert amina.taps_token(token)


def test_the_booking_is_shown_reminded_and_cancelled_by_the_old_ids(office, amina, ben, elsewhere):
    code = book(amina)
    amina.office = ben.office = later = Office(office.store, *elsewhere)
    for who, text in ((ben, code), (amina, "my bookings")):
        assert "West street" in who.says(text)
    [claim] = office.store.read_now(lambda db: db.exec(select(Claim)).all())
    [first, *_] = office.store.read_now(claim_slots, claim)
    noon = first.starts_at.replace(hour=12) - timedelta(days=1)
    desk = later.desk
    office.store.write_now(outreach.plan_reminders, content=desk.content, now=noon, zone=desk.zone)
    amina.now = noon + timedelta(hours=8)
    assert "West street" in amina.hears(later.deliver(amina.now))
    amina.says(code)
    assert "West street" in amina.taps("About this session")
    assert "We have nothing more about this place." in amina.text
    amina.says(code)
    assert "is cancelled" in amina.taps("Cancel this booking")
