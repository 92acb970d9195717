"""Children, other phones and other adults, talked through on both channels."""

from __future__ import annotations

import pytest
from sqlmodel import col, select

from bot.bookings.models import Claim
from bot.core.codes import read_code
from bot.families.models import Adult, Child, LinkCode
from bot.families.rules import AdultState
from bot.outbox.message import Message
from bot.outbox.models import Outbox
from bot.outbox.queries import talk
from bot.outbox.rules import OutboxState
from tests.conftest import HOUR, MINUTE
from tests.talker import Office, Talker

pytestmark = pytest.mark.long  # whole conversations


def shown_code(who: Talker) -> str:
    """The code on the screen."""
    return read_code(who.text.split("\n\n")[1])


def book(who: Talker, *, name: str = "Amina") -> str:
    """Book Baby Massage at West Street, answering only what is asked; the code."""
    who.says("baby massage at west street")
    who.taps("1.")
    who.taps("Book a place")
    who.says(name)
    for label in ("6 to 12 months", "07700 900982", "No"):
        if label in who.labels:
            who.taps(label)
        elif label.startswith("0") and "phone" in who.text.lower():
            who.says(label)
    return who.taps("Yes, book it").split("Your code is ")[1][:9]


def phone_code(who: Talker) -> str:
    who.taps_token("=phone_code")
    return shown_code(who)


def link(owner: Talker, newcomer: Talker) -> str:
    newcomer.now = owner.now
    newcomer.says(f"link {phone_code(owner)}")
    return newcomer.taps("Yes, both are mine")


def join(giver: Talker, newcomer: Talker) -> None:
    giver.taps_token("=carer_code")
    if "All my children" in giver.labels:
        giver.taps("All my children")
    elif "None of them" in giver.labels:
        giver.taps_token(giver.replies[0].message.rows[0][0].token)
    code = shown_code(giver)
    newcomer.now = giver.now
    newcomer.says(code)
    newcomer.taps("Yes, join")


def news(office: Office) -> list[tuple[str, OutboxState, str]]:
    """What was told to somebody who showed a code, and how."""

    def rows(db):
        found = db.exec(select(Outbox).where(col(Outbox.dedupe).startswith("linked:")))
        return [(r.channel, r.state, str(Message.from_json(r.private).text)) for r in found]

    return office.store.read_now(rows)


def taps_news(office: Office, who: Talker) -> str:
    """ "That wasn't me", on the newest line to whoever showed a code."""

    def token(db):
        rows = db.exec(select(Outbox).where(col(Outbox.dedupe).startswith("linked:")))
        return Message.from_json(list(rows)[-1].private).rows[0][0].token

    return who.taps_token(office.store.read_now(token))


# children


def test_twins_by_buttons(amina):
    amina.command("family")
    amina.taps("My children")
    assert "nobody on your list" in amina.text
    amina.taps("Add twins or more")
    amina.taps("Two: twins")
    amina.says("3 2 2026")
    said = amina.says("Ada and Max")
    assert "• Ada, 1 month" in said
    assert "• Max, 1 month" in said


@pytest.mark.parametrize("typed", ["I have twins born 3 2 2026", "my twins were born on 3/2/26",
                                   "we've got twins born 3rd February 2026"])  # fmt: skip
def test_twins_by_typing(amina, typed):
    amina.says(typed)
    assert "first names" in amina.text
    amina.taps("Leave it out")
    assert amina.text.count("• 1 month") == 2


def test_an_expected_baby_by_buttons_alone(amina):
    amina.taps_token("=children")
    amina.taps("Add a child")
    amina.taps("Not born yet")
    assert "a baby due August 2026" in amina.taps("August 2026")


def test_the_baby_is_here(amina):
    amina.says("add a child")
    amina.taps("Not born yet")
    amina.taps("March 2026")
    amina.taps("a baby due")
    amina.taps("The baby is here")
    assert "Welcome, little one" in amina.says("9 3 2026")
    assert "newborn" in amina.text


def test_a_loss_is_met_with_one_gentle_line_and_no_question(amina):
    amina.says("add a child")
    amina.taps("Not born yet")
    amina.taps("August 2026")
    asked = amina.says("remove my baby")
    assert "?" in asked
    assert "why" not in asked.lower()
    said = amina.taps("Yes, take it off")
    assert said == "Done. I won't mention it again. We are here for you, whatever you need."
    assert "nobody on your list" in amina.says("my children")


def test_removing_by_name_asks_once_and_can_be_left(amina):
    amina.says("I have twins born 3 2 2026")
    amina.says("Ada and Max")
    assert "Max, 1 month?" in amina.says("remove Max")
    assert "Max" in amina.taps("No, keep it")
    amina.says("take Max off my list")
    assert "Max" not in amina.taps("Yes, take it off")


def test_a_wrong_birthday_and_name_are_corrected(amina):
    amina.says("add my child")
    amina.says("3 2 2025")
    amina.says("Ava")
    amina.taps("Ava")
    amina.taps("Change the first name")
    assert "Ada, 13 months" in amina.says("Ada")
    amina.taps("Ada")
    amina.taps("Change the birthday")
    assert "check the date" in amina.says("3 2 1975")
    assert "Ada, 1 month" in amina.says("3 2 2026")


def test_an_old_button_of_a_child_that_is_gone_is_answered(amina):
    amina.says("add my child")
    amina.says("3 2 2025")
    amina.says("Ada")
    token = amina.button("Ada, 13 months").token
    amina.says("remove Ada")
    amina.taps("Yes, take it off")
    assert "not on your list" in amina.taps_token(token)


def test_nobody_opens_another_familys_child_by_its_number(amina, ben, office):
    amina.says("add my child")
    amina.says("3 2 2025")
    amina.says("Ada")
    token = amina.button("Ada, 13 months").token
    assert "isn't yours" in ben.taps_token(token)


def test_asking_for_sessions_for_twins_is_asking_for_sessions(amina):
    assert "List" not in amina.says("what's on for my twins born 3 2 2026?")
    assert "Rhyme Time" in amina.text


# one person on two chats


def test_one_person_on_telegram_and_the_web(amina, visitor, office):
    code = book(amina)
    assert "the same now" in link(amina, visitor)
    assert "Baby Massage" in visitor.says("my bookings")
    assert code
    assert news(office) == [
        ("telegram", OutboxState.QUEUED, "This chat now also works on the web.")
    ]


def test_a_code_shown_on_the_web_is_typed_on_telegram(amina, visitor, office):
    visitor.says("hello")
    amina.now = visitor.now
    visitor.taps_token("=phone_code")
    assert "on Telegram" in visitor.text
    amina.taps_token("=have_code")
    amina.says(shown_code(visitor))
    amina.says("yes")
    assert news(office) == [("web", OutboxState.SENT, "This chat now also works on Telegram.")]


def test_bookings_of_the_second_chat_come_along_with_its_buttons(amina, visitor, office):
    book(visitor)
    cancel = visitor.button("Cancel this booking").token
    link(amina, visitor)
    assert "Baby Massage" in amina.says("my bookings")
    assert "is cancelled" in visitor.taps_token(cancel)


def test_the_web_chat_shows_no_answers_given_on_telegram(amina, visitor, office):
    amina.says("hello")
    visitor.says("where do babies get the bcg")
    link(amina, visitor)

    def texts(db):
        adult = db.exec(select(Adult.id).where(Adult.state == AdultState.ACTIVE)).one()
        return " ".join(str(Message.from_json(r.private).text) for r in talk(db, adult))

    said = office.store.read_now(texts)
    assert "BCG" in said
    assert "Hello!" not in said
    assert "also works on the web" not in said


def test_what_danger_was_spoken_of_does_not_reach_the_other_screen(amina, visitor, office):
    visitor.says("my husband hits me")
    assert "999" in visitor.text
    link(amina, visitor)
    kept = office.store.read_now(
        lambda db: [r.sealed for r in db.exec(select(Outbox).where(Outbox.once)) if r.sealed]
    )
    assert all(b"999" not in k for k in kept)
    assert len(kept) == 1  # the code that was shown


def test_never_mind_links_nothing(amina, visitor, office):
    visitor.now = amina.now
    visitor.says(phone_code(amina))
    assert "Both will see your bookings" in visitor.text
    visitor.taps("Never mind")
    assert news(office) == []


def test_that_wasnt_me_cuts_the_other_chat_off_in_silence(amina, visitor, office):
    book(amina)
    visitor.says("add my child")
    visitor.says("3 2 2025")
    visitor.says("Ada")
    link(amina, visitor)
    assert "Baby Massage" in visitor.says("my bookings")
    assert "cut off" in taps_news(office, amina)
    assert "no bookings" in visitor.says("my bookings")
    assert "cut" not in visitor.text
    assert "Ada" in visitor.says("my children")
    assert "Ada" not in amina.says("my children")
    assert "undone already" in taps_news(office, amina)


def test_wrong_old_used_and_own_codes_say_so_kindly(amina, visitor, ben, office):
    code = phone_code(amina)
    assert "your own code" in amina.says(code)
    amina.command("menu")
    visitor.now = amina.now + 16 * MINUTE
    assert "I don't know that code" in visitor.says(code)
    amina.now = visitor.now
    assert "the same now" in link(amina, visitor)
    carol = office.talker("c" * 64, channel="web", now=visitor.now)
    assert "I don't know that code" in carol.says(code)
    assert "two people on Telegram" in ben_types(ben, amina)


def ben_types(ben: Talker, amina: Talker) -> str:
    ben.now = amina.now
    return ben.says(phone_code(amina))


def test_guessing_ends_in_a_wait(amina, visitor):
    code = phone_code(amina)
    visitor.now = amina.now
    for n in range(5):
        assert "I don't know that code" in visitor.says("2222-222" + "23456"[n])
    assert "in an hour" in visitor.says(code)
    amina.now = visitor.now = visitor.now + 2 * HOUR
    assert "the same now" in link(amina, visitor)


def test_a_code_is_never_kept_in_the_clear_nor_in_a_subject(amina, office):
    code = phone_code(amina)
    assert amina.replies[0].message.protected
    assert amina.replies[0].message.subject == ""

    def everything(db):
        rows = [*db.exec(select(LinkCode)), *db.exec(select(Outbox))]
        return repr([r.model_dump() for r in rows])

    kept = office.store.read_now(everything)
    assert code not in kept
    assert f"{code[:4]}-{code[4:]}" not in kept


def test_a_booking_code_still_opens_its_booking(amina, ben):
    code = book(amina)
    assert "Baby Massage" in ben.says(f"my code is {code}")


def test_erasing_after_linking_forgets_both_chats(amina, visitor, office):
    book(visitor)
    link(amina, visitor)
    amina.command("forget")
    amina.taps("Yes, delete it all")
    assert "Hello" in visitor.says("hi")
    assert "no bookings" in visitor.says("my bookings")

    def left(db):
        claims = [c.sealed for c in db.exec(select(Claim))]
        adults = [a.sealed for a in db.exec(select(Adult)) if a.state is not AdultState.ACTIVE]
        return claims + adults + list(db.exec(select(Child))) + list(db.exec(select(LinkCode)))

    assert set(office.store.read_now(left)) == {None}


def test_what_is_held_names_children_chats_and_who_sees_bookings(amina, visitor):
    amina.says("I have twins born 3 2 2026")
    amina.says("Ada and Max")
    link(amina, visitor)
    said = amina.command("mydata")
    assert "Ada, 1 month and Max, 1 month" in said
    assert "Telegram and the web chat" in said
    assert "Who sees your bookings: only you" in said


def test_an_arabic_chat_takes_a_code_in_its_own_digits(amina, office):
    sara = office.talker("b" * 64, channel="web", now=amina.now, lang="ar")
    code = phone_code(amina)
    arabic = code.translate(str.maketrans("23456789", "٢٣٤٥٦٧٨٩"))
    sara.now = amina.now
    sara.says(f"\u200f{arabic[:4]} {arabic[4:]}")
    yes = sara.replies[0].message.rows[0][0]
    sara.taps_token(yes.token)
    assert "the same now" in sara.text  # in the words of whoever showed the code


def test_a_code_keeps_its_order_in_right_to_left_text(office, amina):
    sara = office.talker("9", now=amina.now, lang="ar")
    sara.taps_token("=phone_code")
    assert "\u2068" in sara.text
    assert len(shown_code(sara)) == 8


# another adult


def test_a_second_adult_sees_the_children_and_nothing_else(amina, ben, office):
    amina.says("I have twins born 3 2 2026")
    amina.says("Ada and Max")
    book_code = book(amina)
    join(amina, ben)
    assert "Ada, 1 month" in ben.says("my children")
    assert "no bookings" in ben.says("my bookings")
    assert book_code
    assert "You have no bookings" in ben.text
    assert "Another adult has joined" in news(office)[0][2]


def test_no_screen_tells_not_sharing_from_having_nothing(amina, ben, office):
    """What Ben sees is the same, word for word, whether Amina shares, hides or has left."""
    join(amina, ben)

    def screens() -> list[str]:
        seen = []
        for act in ("=family", "=sharing", "=children", "=my_data", "=settings"):
            seen += [ben.taps_token(act), *ben.labels]
        return seen

    alone = screens()
    amina.taps_token("=shares_on")
    assert screens() == alone
    amina.taps_token("=shares_off")
    assert screens() == alone
    assert "Nobody is told" in amina.taps_token("=leave_family")
    amina.taps("Yes, please")
    assert screens() == alone
    assert len(news(office)) == 1  # that he joined, to her; nothing since


def test_sharing_is_off_at_first_and_ends_without_a_word(amina, ben, office):
    join(amina, ben)
    assert "Only you see your bookings" in amina.says("who can see my bookings?")
    amina.taps("Let the other adults")
    assert "The other adults in your family can see" in amina.text
    assert "Only you see your bookings" in amina.taps("Show my bookings to nobody")


def test_two_who_share_and_book_at_once_have_one_place(amina, ben, office):
    join(amina, ben)
    for who in (amina, ben):
        who.says("who can see my bookings?")
        who.taps("Let the other adults")
    for who, name in ((amina, "Amina"), (ben, "Ben")):
        who.says("baby massage at west street")
        who.taps("1.")
        who.taps("Book a place")
        who.says(name)
        who.taps("6 to 12 months")
    amina.taps("Yes, book it")
    assert "You have a place already." in ben.taps("Yes, book it")
    assert "1. Baby Massage" in amina.says("my bookings")
    assert "2. Baby Massage" not in amina.text


def test_a_grandmother_books_for_a_child_she_cannot_register(amina, ben):
    """She has no child on her list, and no code: booking asks an age and no more."""
    assert len(book(ben, name="Nana")) == 9


def test_that_wasnt_me_puts_the_other_adult_out(amina, ben, office):
    amina.says("I have twins born 3 2 2026")
    amina.says("Ada and Max")
    join(amina, ben)
    taps_news(office, amina)
    assert "nobody on your list" in ben.says("my children")
    assert "Ada" in amina.says("my children")


def test_the_web_and_telegram_say_the_same(amina, visitor):
    for who in (amina, visitor):
        who.command("start")
        who.taps_token("=family")
    assert amina.text == visitor.text
    assert amina.labels == visitor.labels
