"""What we promise of the folder that ships."""

from __future__ import annotations

import pickle
import re
import time
from collections.abc import Iterator
from dataclasses import fields, is_dataclass

import pytest

from bot.content import Content, check, load, missing_translations
from bot.content.markup import digits_of
from bot.content.values import Mode, Repeat
from tests.content.conftest import BEXLEY

VENUES = "west_street northumberland_heath north_cray danson northend normandy greenmead nest east_wickham hook_lane haberdashers_crayford howbury lib_crayford lib_welling lib_erith lib_upper_belvedere lib_bexleyheath lib_sidcup lib_blackfen lib_slade_green"
AREAS = "erith crayford thamesmead belvedere slade_green welling bexleyheath sidcup barnehurst north_cray crook_log northumberland_heath abbey_wood blackfen dartford greenwich lewisham bromley"
ACTIVITIES = "baby_group stay_and_play toddler_group baby_massage baby_yoga sing_and_sign story_songs rhyme_time library_session music messy_play sensory peep coffee_morning young_parent_group dads_group mindful_mums antenatal breastfeeding_support weigh_clinic starting_solids fussy_eating_workshop henry speech_group snap_under5s first_aid job_club benefits_advice baby_bank soft_play swimming"
TOPICS = "childcare_funding funding_2yo nursery_places school_admissions baby_bank food_bank household_help benefits healthy_start health_visitor health_review weighing bcg immunisations infant_feeding weaning fussy_eating sleep toilet_training speech_language send dla behaviour parenting_course perinatal mental_health loneliness baby_loss domestic_abuse dentist asthma health_advice midwifery housing nrpf back_to_work esol"
OUTCODES = "DA1 DA5 DA6 DA7 DA8 DA14 DA15 DA16 DA17 DA18 SE2 SE9 SE18 SE28"

# Numbers of an undated file judged to be ten years old, of councillors' officers, or of no page
# at all: they are not to reach a parent before somebody has rung them.
NOT_FOR_PARENTS = (
    "020 3045 5480", "01322 446725", "020 3045 4724", "01322 332559", "01322 448441",
    "020 8308 3886", "020 8303 6052", "01322 359475", "020 8320 1618", "020 8303 3839",
    "020 7652 9500", "020 7652 9528", "020 8301 1536", "0808 802 5565", "020 3045 5634",
    "020 3045 5476", "0300 100 0212", "0808 196 1776", "0800 448 0737", "0808 802 6869",
    "0300 330 5777", "01322 334192",
)  # fmt: skip

# What the report of February 2025 says that each venue has; Danson and Northend have no groups.
ONLY_CLINICS = {"danson", "northend"}
CLINICS = {"midwife_clinic", "health_review_clinic", "weigh_clinic", "antenatal"}


def test_the_folder_has_no_problem_and_loads() -> None:
    assert check(BEXLEY) == []
    content = load(BEXLEY)
    assert pickle.loads(pickle.dumps(content)) == content


@pytest.mark.bench
def test_the_folder_loads_at_once() -> None:
    """Real time: by hand, on a machine with nothing else to do."""
    begun = time.perf_counter()
    load(BEXLEY)
    assert time.perf_counter() - begun < 0.5


@pytest.mark.parametrize(
    ("kind", "slugs"),
    [
        ("venues", VENUES),
        ("areas", AREAS),
        ("activities", ACTIVITIES),
        ("topics", TOPICS),
        ("outcodes", OUTCODES),
    ],
)
def test_every_agreed_slug_is_there(bexley: Content, kind: str, slugs: str) -> None:
    assert set(slugs.split()) - set(getattr(bexley, kind)) == set()


def test_every_number_says_where_it_is_from_and_who_keeps_it(bexley: Content) -> None:
    for contact in bexley.contacts.values():
        assert contact.source, contact.id
        assert contact.checked, contact.id
        assert contact.owner, contact.id
        assert contact.phone or contact.text or contact.web or contact.email, contact.id


def test_no_unchecked_number_reaches_a_parent(bexley: Content) -> None:
    said = digits_of(" ".join(_texts(bexley)))
    pages = " ".join(_texts(bexley))
    digits = {digits_of(found) for found in re.findall(r"\+?\d[\d ]{6,}\d", pages)}
    for number in NOT_FOR_PARENTS:
        assert digits_of(number) not in digits
        assert digits_of(number) not in said
    assert digits_of("020 8303 7777") in digits  # the search itself finds numbers


def test_the_programme_is_a_sample_of_what_the_report_names(bexley: Content) -> None:
    programme = bexley.programme
    assert programme.sample
    assert bexley.calendar.sample
    assert len(programme.series) >= 60
    assert not any(plan.starts or plan.dates for plan in programme.series)
    for plan in programme.series:
        venue = bexley.venues[plan.venue]
        assert not venue.former, plan.id
        assert bexley.activities[plan.activity].offered, plan.id
        if plan.venue in ONLY_CLINICS:
            assert plan.activity in CLINICS, plan.id
    kinds = {plan.repeat for plan in programme.series}
    assert kinds == {Repeat.WEEKLY, Repeat.MONTHLY, Repeat.DATES, Repeat.COURSE}
    assert {plan.mode for plan in programme.series} == set(Mode)
    assert {plan.venue for plan in programme.series if plan.weekday == 5} >= ONLY_CLINICS
    henry = [p for p in programme.series if p.activity in ("henry", "starting_solids")]
    assert all(p.repeat is not Repeat.COURSE and p.ends.hour - p.begins.hour == 2 for p in henry)


def test_every_venue_of_the_report_has_something_on(bexley: Content) -> None:
    busy = {plan.venue for plan in bexley.programme.series}
    idle = {v.id for v in bexley.venues.values() if not v.former} - busy
    assert idle == {"lib_bexley_village", "lib_north_heath", "lib_bostall"}  # not in the report


def test_massage_and_yoga_have_a_small_charge_and_the_rest_of_ours_is_free(bexley: Content) -> None:
    paid = {a.id for a in bexley.activities.values() if not a.free}
    assert paid == {"baby_massage", "baby_yoga"}
    assert all(bexley.activities[each].cost["en"] == "Small charge" for each in paid)


def test_help_pages_are_short(bexley: Content) -> None:
    for topic in bexley.topics.values():
        words = len(topic.pages["en"].split())
        assert 60 <= words <= 180, (topic.id, words)
        sentences = re.split(r"[.?!:]\s|\n", topic.pages["en"])
        longest = max(sentences, key=lambda each: len(each.split()))
        assert len(longest.split()) <= 30, (topic.id, longest)


def test_every_card_is_in_every_language_and_nobody_has_approved_it(bexley: Content) -> None:
    tags = {language.tag for language in bexley.council.languages}
    for card in bexley.safety.cards.values():
        assert set(card.text) == tags
        assert not card.approved
        for text in card.text.values():
            assert "{opens}" in text
            assert "55" in text
    assert all(set(w.text) == tags and not w.approved for w in bexley.wordings.values())
    known = "ro pa ne bn tr uk ta zh zh-Hant lt bg yo fr es pt so ur hi fa sq it de ru vi"
    assert set(known.split()) <= set(bexley.safety.unsupported)


def test_sensitive_things_have_another_name_for_previews(bexley: Content) -> None:
    sensitive = {a.id for a in bexley.activities.values() if a.sensitive}
    assert {"mindful_mums", "counselling", "benefits_advice", "food_bank_session"} <= sensitive
    for ident in sensitive:
        neutral = bexley.activities[ident].neutral
        assert neutral is not None
        assert neutral["en"] != bexley.activities[ident].name["en"]
    topics = {t.id for t in bexley.topics.values() if t.sensitive}
    assert {"domestic_abuse", "mental_health", "perinatal", "baby_loss"} <= topics


def test_a_venue_without_a_sure_point_is_placed_by_its_area(bexley: Content) -> None:
    assert bexley.venues["danson"].point is None
    assert bexley.place_of("danson") == bexley.areas["crook_log"].point
    assert bexley.place_of("greenmead") == bexley.venues["greenmead"].point


def test_missing_translations_are_counted(bexley: Content) -> None:
    missing = missing_translations(bexley)
    assert set(missing) == {"ar", "pl"}
    for names in missing.values():
        assert not [name for name in names if name.startswith(("card", "wording", "contact"))]
        assert not [n for n in names if re.fullmatch(r"(activity|topic): \w+", n)]
        assert "help page: sleep" in names


def _texts(value: object) -> Iterator[str]:
    """Every text in a content, wherever it stands."""
    if isinstance(value, str):
        yield value
    elif is_dataclass(value):
        for field in fields(value):
            yield from _texts(getattr(value, field.name))
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, tuple | frozenset):
        for inner in value:
            yield from _texts(inner)
