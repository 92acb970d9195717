"""How long things are kept: read, said in each language, counted back."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.content import Content
from bot.content.keeping import Keep, Period, parse_period

MARCH = datetime(2028, 3, 31, 4, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("typed", "before", "said"),
    [
        ("30 days", datetime(2028, 3, 1, 4, 30, tzinfo=UTC), ["30 days", "30 dni", "30 يومًا"]),
        ("1 month", datetime(2028, 2, 29, 4, 30, tzinfo=UTC), ["1 month", "1 miesiąc", "شهر"]),
        ("12 months", datetime(2027, 3, 31, 4, 30, tzinfo=UTC),
         ["12 months", "12 miesięcy", "12 شهرًا"]),
        ("2 Years", datetime(2026, 3, 31, 4, 30, tzinfo=UTC), ["2 years", "2 lata", "سنتان"]),
        ("120 years", datetime(1908, 3, 31, 4, 30, tzinfo=UTC),
         ["120 years", "120 lat", "120 سنة"]),
    ],
)  # fmt: skip
def test_a_period_is_counted_by_the_calendar_and_said_in_words(typed, before, said):
    period = parse_period(typed)
    assert period.before(MARCH) == before
    assert [period.said(lang) for lang in ("en", "pl", "ar")] == said
    assert period.said("not a language") == said[0]


@pytest.mark.parametrize("typed", ["", "soon", "0 days", "-1 day", "30", "2 weeks", "130 years"])
def test_what_is_no_period_is_refused(typed):
    with pytest.raises(ValueError, match=r"120|such as"):
        parse_period(typed)


def test_the_privacy_notice_says_every_period_in_every_language(content: Content):
    keep, notice = content.council.keep, content.wordings["privacy"]
    for lang, text in notice.text.items():
        assert "{" not in text
        for period in (keep.chats, keep.bookings, keep.unregistered, keep.registered):
            assert period.said(lang) in text, (lang, period)


def test_only_blanks_that_are_known_are_filled():
    keep = Keep(*(Period(n, "day") for n in range(1, 5)))
    assert keep.fill("a {chats} b {registered}", "en") == "a 1 day b 4 days"
