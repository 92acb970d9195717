"""Codes between chats: used once, soon, by somebody else; and what joining does and doesn't show."""

from __future__ import annotations

import threading
from datetime import date

import pytest
from sqlmodel import Session, select

from bot.bookings.models import Claim, WaitingEntry
from bot.bookings.rules import ClaimKind, EndedWhy, EntryState
from bot.conversation import joining
from bot.core.codes import code_words, new_code, read_code
from bot.enquiries import service as enquiries
from bot.enquiries.models import Enquiry
from bot.enquiries.rules import EnquiryKind
from bot.families import children, linking, queries, service
from bot.families.models import Adult, Agreement, CarerLink, ChannelAddress, Child, LinkCode
from bot.families.rules import CODE_LASTS, WRONG_CODES, WRONG_CODES_IN, AdultState, LinkPurpose
from bot.outreach import service as outreach
from bot.outreach.models import Follow
from bot.store.engine import Store
from tests.cast import Cast, make_cast
from tests.conftest import DAY, MINUTE, NOW
from tests.sessions import make_session

BORN = date(2026, 2, 3)


@pytest.fixture
def cast(db: Session) -> Cast:
    return make_cast(db)


def visitor(db: Session, key: str = "a" * 64) -> Adult:
    return service.welcome(db, channel="web", key=key, lang="en", now=NOW)


def show(db: Session, adult: Adult, purpose=LinkPurpose.CARER, now=NOW, shown=()) -> str:
    return linking.show_code(db, adult, purpose=purpose, channel="telegram", now=now, shown=shown)


def type_code(db: Session, adult: Adult, code: str, now=NOW) -> LinkCode:
    found = linking.find_code(db, adult, code, now=now)
    return linking.use_code(db, found.id, adult, now=now)


def link(db: Session, owner: Adult, newcomer: Adult) -> LinkCode:
    code = type_code(db, newcomer, show(db, owner, LinkPurpose.SAME_PERSON))
    joining.join_chats(db, code, newcomer, now=NOW)
    return code


def join(db: Session, giver: Adult, newcomer: Adult, *, shown=()) -> LinkCode:
    code = type_code(db, newcomer, show(db, giver, shown=shown))
    joining.join_family(db, code, newcomer, now=NOW)
    return code


def book(db: Session, adult: Adult, occurrence: str, *, now=NOW, code: str = "") -> Claim:
    claim = Claim(
        code=code or new_code(), key=new_code(), kind=ClaimKind.BOOKING, made_at=now,
        family_id=adult.family_id, adult_id=adult.id, occurrence_id=occurrence,
    )  # fmt: skip
    db.add(claim)
    db.flush()
    return claim


def ages(db: Session, adult: Adult) -> list[str]:
    return [str(c.private.get("first_name")) for c in queries.children_of(db, adult.id)]


# codes


@pytest.mark.parametrize(
    "typed", ["{}", "link {}", " {} ", "\u2067{}\u2069", "my code: {}", "الرمز {}"]
)
def test_a_code_is_read_however_it_is_typed(typed):
    code = "2345BCDF"
    for form in (code, code.lower(), code_words(code), "2345 bcdf", "٢٣٤٥-BCDF"):
        assert read_code(typed.format(form)) == code


@pytest.mark.parametrize("text", ["", "hello there", "07700 900982", "BCDF", "BCDFGHJKM"])
def test_other_things_are_no_code(text):
    assert read_code(text) == ""


def test_the_code_itself_is_not_kept(db, cast):
    code = show(db, cast.amina)
    row = db.exec(select(LinkCode)).one()
    assert code not in repr(row.model_dump())
    assert row.digest != code


def test_a_code_works_once(db, cast):
    code = show(db, cast.amina)
    type_code(db, cast.ben, code)
    with pytest.raises(linking.WrongCodeError):
        type_code(db, cast.carol, code)


def test_a_code_that_ran_out_is_a_wrong_code(db, cast):
    code = show(db, cast.amina)
    late = NOW + CODE_LASTS
    type_code(db, cast.carol, show(db, cast.amina, now=late), now=late + 14 * MINUTE)
    with pytest.raises(linking.WrongCodeError):
        type_code(db, cast.ben, code, now=late)


def test_a_code_that_ran_out_between_typing_and_yes_joins_nobody(db, cast):
    found = linking.find_code(db, cast.ben, show(db, cast.amina), now=NOW)
    with pytest.raises(linking.WrongCodeError):
        linking.use_code(db, found.id, cast.ben, now=NOW + CODE_LASTS)


def test_a_new_code_ends_the_old_one(db, cast):
    old = show(db, cast.amina)
    new = show(db, cast.amina)
    with pytest.raises(linking.WrongCodeError):
        type_code(db, cast.ben, old)
    type_code(db, cast.ben, new)


def test_guessing_ends_after_a_few_tries_also_with_the_right_code(db, cast):
    code = show(db, cast.amina)
    for n in range(WRONG_CODES):
        with pytest.raises(linking.WrongCodeError):
            type_code(db, cast.ben, "2222222" + "23456"[n])
    with pytest.raises(linking.TooManyCodesError):
        type_code(db, cast.ben, code)
    type_code(db, cast.carol, code)  # somebody else's tries are their own
    later = NOW + WRONG_CODES_IN + MINUTE
    type_code(db, cast.ben, show(db, cast.amina, now=later), now=later)


def test_the_own_code_is_refused_and_still_works(db, cast):
    code = show(db, cast.amina)
    with pytest.raises(linking.OwnCodeError):
        type_code(db, cast.amina, code)
    type_code(db, cast.ben, code)


def test_two_telegram_accounts_are_not_one_person(db, cast):
    code = show(db, cast.amina, LinkPurpose.SAME_PERSON)
    with pytest.raises(linking.TwoTelegramsError):
        type_code(db, cast.ben, code)
    type_code(db, visitor(db), code)


def test_of_two_who_type_a_code_at_once_one_joins(store: Store):
    def begin(db: Session) -> tuple[str, list[int]]:
        cast = make_cast(db)
        return show(db, cast.amina), [cast.ben.id, cast.carol.id]

    code, people = store.write_now(begin)
    barrier, ends = threading.Barrier(2), []

    def try_it(person: int) -> None:
        def work(db: Session) -> None:
            adult = db.get_one(Adult, person)
            found = linking.find_code(db, adult, code, now=NOW)
            joining.join_family(db, linking.use_code(db, found.id, adult, now=NOW), adult, now=NOW)

        barrier.wait()
        try:
            store.write_now(work)
            ends.append("joined")
        except linking.WrongCodeError:
            ends.append("refused")

    threads = [threading.Thread(target=try_it, args=(p,)) for p in people]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert sorted(ends) == ["joined", "refused"]


def test_of_two_chats_that_type_each_others_code_one_survives(store: Store):
    def begin(db: Session) -> list[tuple[int, str]]:
        people = [make_cast(db).amina, visitor(db)]
        codes = [show(db, p, LinkPurpose.SAME_PERSON) for p in people]
        return [(people[0].id, codes[1]), (people[1].id, codes[0])]

    pairs, ends = store.write_now(begin), []
    barrier = threading.Barrier(2)

    def try_it(person: int, code: str) -> None:
        def work(db: Session) -> None:
            adult = db.get_one(Adult, person)
            found = linking.find_code(db, adult, code, now=NOW)
            used = linking.use_code(db, found.id, adult, now=NOW)
            joining.join_chats(db, used, adult, now=NOW)

        barrier.wait()
        try:
            store.write_now(work)
            ends.append("joined")
        except linking.WrongCodeError:
            ends.append("refused")

    threads = [threading.Thread(target=try_it, args=p) for p in pairs]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert sorted(ends) == ["joined", "refused"]
    people = [p for p, _ in pairs]
    states = store.read_now(lambda db: [db.get_one(Adult, p).state for p in people])
    assert sorted(states) == [AdultState.ACTIVE, AdultState.MERGED]
    owners = store.read_now(
        lambda db: set(db.exec(select(ChannelAddress.adult_id).where(
            ChannelAddress.adult_id.in_(people))))
    )  # fmt: skip
    assert owners == {people[states.index(AdultState.ACTIVE)]}


# one person, two chats


def test_everything_of_the_second_chat_moves_to_the_first(db, cast, content):
    session, other = (make_session(db, starts_at=NOW + n * DAY, key=f"s{n}")[0] for n in (1, 2))
    web = visitor(db)
    web.reseal(name="Amina B", phone="+447700900982")
    children.add_children(db, web, born=BORN, count=2, names=["Ada", "Max"], now=NOW)
    claim = book(db, web, session.id)
    outreach.follow(db, web, other.id, now=NOW)
    enquiries.ask(db, kind=EnquiryKind.RING_ME, key="e", facts={}, adult_id=web.id, now=NOW)
    service.agree(
        db, web, content.wordings["register"], lang="en", value=True, channel="web", now=NOW
    )
    link(db, cast.amina, web)
    amina = cast.amina
    assert queries.find_adult(db, channel="web", key="a" * 64) is amina
    assert (claim.adult_id, claim.family_id) == (amina.id, amina.family_id)
    for model in (Follow, Enquiry, Agreement):
        assert [r.adult_id for r in db.exec(select(model))] == [amina.id]
    assert sorted(ages(db, amina)) == ["Ada", "Max"]
    assert amina.private["name"] == "Amina"  # what we knew stays
    assert amina.private["phone"] == "+447700900982"
    assert web.state is AdultState.MERGED


def test_the_older_of_two_bookings_of_the_same_stays(db, cast):
    (session,) = make_session(db, starts_at=NOW + DAY, capacity=2)
    web = visitor(db)
    first = book(db, web, session.id, now=NOW)
    second = book(db, cast.amina, session.id, now=NOW + MINUTE)
    link(db, cast.amina, web)
    assert (first.ended_at, first.adult_id) == (None, cast.amina.id)
    assert second.ended_why is EndedWhy.MERGED


def test_who_waits_twice_keeps_the_earlier_turn_and_the_others_come_along(db, cast):
    web = visitor(db)

    def wait(adult: Adult, series: str, minutes: int) -> WaitingEntry:
        at = NOW + minutes * MINUTE
        entry = WaitingEntry(
            code=new_code(),
            key=new_code(), family_id=adult.family_id, adult_id=adult.id, activity="henry",
            wish={"series": series}, joined_at=at, ranked_at=at,
        )  # fmt: skip
        db.add(entry)
        db.flush()
        return entry

    first, second, other = wait(web, "a", 1), wait(cast.amina, "a", 2), wait(web, "b", 3)
    code = link(db, cast.amina, web)
    assert second.state is EntryState.LEFT
    assert [e.state for e in (first, other)] == [EntryState.WAITING] * 2
    assert {e.family_id for e in (first, other)} == {cast.amina.family_id}
    joining.take_back(db, cast.amina, code.id, now=NOW)
    assert {e.adult_id for e in (first, other)} == {web.id}


def test_the_same_child_told_on_both_is_one(db, cast):
    web = visitor(db)
    children.add_children(db, cast.amina, born=BORN, count=2, now=NOW)
    children.add_children(db, web, born=BORN, count=2, names=["Ada", "Max"], now=NOW)
    children.add_children(db, web, due=date(2026, 9, 1), now=NOW)
    link(db, cast.amina, web)
    assert len(queries.children_of(db, cast.amina.id)) == 3


def test_that_wasnt_me_gives_the_other_chat_its_own_back_and_nothing_else(db, cast):
    mine, theirs = (make_session(db, starts_at=NOW + n * DAY, key=f"s{n}")[0] for n in (1, 2))
    web = visitor(db)
    web.reseal(phone="+447700900982")
    children.add_children(db, web, born=BORN, names=["Ada"], now=NOW)
    children.add_children(db, cast.amina, due=date(2026, 9, 1), now=NOW)
    own, other = book(db, cast.amina, mine.id), book(db, web, theirs.id)
    code = link(db, cast.amina, web)
    assert joining.take_back(db, cast.amina, code.id, now=NOW + DAY)
    assert queries.find_adult(db, channel="web", key="a" * 64) is web
    assert (other.adult_id, other.family_id) == (web.id, web.family_id)
    assert own.adult_id == cast.amina.id
    assert ages(db, web) == ["Ada"]
    assert len(queries.children_of(db, cast.amina.id)) == 1
    assert "phone" not in cast.amina.private
    assert web.state is AdultState.ACTIVE
    assert not joining.take_back(db, cast.amina, code.id, now=NOW + DAY)


def test_only_who_showed_the_code_can_take_the_link_back(db, cast):
    code = link(db, cast.amina, visitor(db))
    assert not joining.take_back(db, cast.ben, code.id, now=NOW)
    assert not joining.take_back(db, cast.amina, code.id, now=NOW + 31 * DAY)


def test_who_lives_with_others_on_one_chat_does_on_both(db, cast):
    join(db, cast.amina, cast.ben)
    web = visitor(db)
    (session,) = make_session(db, starts_at=NOW + DAY)
    claim = book(db, web, session.id)
    code = type_code(db, cast.ben, show(db, web, LinkPurpose.SAME_PERSON))
    joining.join_chats(db, code, cast.ben, now=NOW)
    assert web.family_id == claim.family_id == cast.amina.family_id
    assert joining.take_back(db, web, code.id, now=NOW)
    assert web.family_id == claim.family_id != cast.amina.family_id
    assert cast.ben.family_id == cast.amina.family_id


def test_erasing_after_linking_leaves_nothing_of_either_chat(db, cast):
    web = visitor(db)
    web.reseal(name="Amina")
    children.add_children(db, web, born=BORN, now=NOW)
    children.add_children(db, cast.amina, born=BORN, now=NOW)
    link(db, cast.amina, web)
    service.erase(db, cast.amina, now=NOW)
    for adult in (cast.amina, web):
        assert (adult.sealed, adult.state) == (None, AdultState.ERASED)
    assert db.exec(select(Child)).all() == []
    assert db.exec(select(CarerLink)).all() == []
    assert db.exec(select(LinkCode)).all() == []
    keys = set(db.exec(select(ChannelAddress.key)))
    assert not keys & {"101", "a" * 64}


def test_what_is_kept_for_taking_back_goes_after_a_month(db, cast):
    web = visitor(db)
    web.reseal(name="Amina")
    link(db, cast.amina, web)
    show(db, cast.ben, now=NOW + 31 * DAY)
    assert (web.sealed, web.state) == (None, AdultState.ERASED)
    assert cast.amina.state is AdultState.ACTIVE


# another adult


def test_who_joins_sees_the_chosen_children_and_nothing_else(db, cast):
    ada, _max = children.add_children(
        db, cast.amina, born=BORN, count=2, names=["Ada", "Max"], now=NOW
    )
    children.add_children(db, cast.ben, born=date(2020, 1, 1), names=["Zoe"], now=NOW)
    join(db, cast.amina, cast.ben, shown=[ada.id])
    assert cast.ben.family_id == cast.amina.family_id
    assert sorted(ages(db, cast.ben)) == ["Ada", "Zoe"]
    assert sorted(ages(db, cast.amina)) == ["Ada", "Max"]
    children.add_children(db, cast.amina, due=date(2026, 10, 1), now=NOW)
    assert len(queries.children_of(db, cast.ben.id)) == 2  # what is told later is the teller's


def test_the_area_somebody_remembers_is_theirs_alone(db, cast):
    join(db, cast.amina, cast.ben)
    service.remember_place(db, cast.amina, "area:erith")
    assert queries.remembered_place(db, cast.ben) == ""


def test_bookings_are_seen_only_of_who_shares_and_only_while_they_do(db, cast):
    join(db, cast.amina, cast.ben)
    amina, ben = cast.amina, cast.ben
    assert queries.sharing_adults(db, ben) == [ben.id]
    amina.shares_since = NOW
    assert queries.sharing_adults(db, ben) == [ben.id, amina.id]
    assert queries.sharing_adults(db, amina) == [amina.id]
    assert queries.sharing_adults(db, cast.carol) == [cast.carol.id]
    amina.shares_since = None
    assert queries.sharing_adults(db, ben) == [ben.id]


def test_sharing_ends_with_leaving_and_with_moving(db, cast):
    join(db, cast.amina, cast.ben)
    cast.ben.shares_since = NOW
    join(db, cast.carol, cast.ben)
    assert not cast.ben.shares_since
    assert cast.ben.family_id == cast.carol.family_id


def test_leaving_takes_ones_own_along_and_changes_nothing_for_the_others(db, cast):
    ada, *_ = children.add_children(db, cast.amina, born=BORN, names=["Ada"], now=NOW)
    join(db, cast.amina, cast.ben, shown=[ada.id])
    (session,) = make_session(db, starts_at=NOW + DAY)
    claim = book(db, cast.ben, session.id)
    joining.leave_family(db, cast.amina, now=NOW)
    assert cast.amina.family_id != cast.ben.family_id == claim.family_id
    assert ages(db, cast.amina) == ages(db, cast.ben) == ["Ada"]
    children.rename(db, queries.children_of(db, cast.amina.id)[0], "Adele")
    assert ages(db, cast.ben) == ["Ada"]


def test_leaving_a_family_of_one_changes_nothing(db, cast):
    before = cast.amina.family_id
    joining.leave_family(db, cast.amina, now=NOW)
    assert cast.amina.family_id == before


def test_two_who_booked_the_same_may_join_and_neither_loses_a_place(db, cast):
    (session,) = make_session(db, starts_at=NOW + DAY, capacity=2)
    one, two = book(db, cast.amina, session.id), book(db, cast.ben, session.id)
    join(db, cast.amina, cast.ben)
    assert one.ended_at is None
    assert two.ended_at is None


def test_that_wasnt_me_ends_a_joining_and_hides_the_children_again(db, cast):
    ada, *_ = children.add_children(db, cast.amina, born=BORN, names=["Ada"], now=NOW)
    children.add_children(db, cast.ben, born=BORN, now=NOW)  # the same child, for all we know
    code = join(db, cast.amina, cast.ben, shown=[ada.id])
    assert ages(db, cast.ben) == ["Ada"]
    assert joining.take_back(db, cast.amina, code.id, now=NOW)
    assert cast.ben.family_id != cast.amina.family_id
    assert ages(db, cast.ben) == ["None"]
    assert ages(db, cast.amina) == ["Ada"]


def test_erasing_one_adult_leaves_the_others_their_children(db, cast):
    ada, *_ = children.add_children(db, cast.amina, born=BORN, names=["Ada"], now=NOW)
    children.add_children(db, cast.amina, due=date(2026, 9, 1), now=NOW)
    join(db, cast.amina, cast.ben, shown=[ada.id])
    service.erase(db, cast.amina, now=NOW)
    assert ages(db, cast.ben) == ["Ada"]
    assert len(db.exec(select(Child)).all()) == 1
