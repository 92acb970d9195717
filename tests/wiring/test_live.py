"""Live mode refuses what isn't fit for families: one plain sentence each, with what to do."""

from __future__ import annotations

import dataclasses
import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from bot.content import Content
from bot.content.values import Approval
from bot.core.sealing import Keys, make_keys
from bot.core.settings import Mode, Settings
from bot.opening import NotFitForLiveError, lay_out_content, open_all, refuse_live
from bot.store.engine import Store
from tests.conftest import NOW
from tests.wiring.conftest import MakeSettings

pytestmark = pytest.mark.long  # opens the service many times

YES = Approval(by="Ada Quill", on=date(2026, 2, 1))


@pytest.fixture
def fit(content: Content) -> Content:
    """A council's content with nothing left to say about it."""
    return dataclasses.replace(
        content,
        programme=dataclasses.replace(content.programme, sample=False),
        calendar=dataclasses.replace(content.calendar, sample=False),
        safety=dataclasses.replace(
            content.safety,
            cards={
                k: dataclasses.replace(c, approved={"en": YES})
                for k, c in content.safety.cards.items()
            },
        ),
        wordings={
            k: dataclasses.replace(w, approved={"en": YES}) for k, w in content.wordings.items()
        },
    )


@pytest.fixture
def keys() -> Keys:
    """Keys that a person made."""
    return dataclasses.replace(make_keys(), made_here=False)


@pytest.fixture
def store(sqlite_template: Path, tmp_path: Path) -> Any:
    path = tmp_path / "live.sqlite3"
    path.write_bytes(sqlite_template.read_bytes())
    opened = Store(f"sqlite:///{path}", durable=False)
    yield opened
    opened.close()


@pytest.fixture
def live(settings: MakeSettings, tmp_path: Path) -> Any:
    def make(**changes: Any) -> Settings:
        return settings(
            **{"mode": Mode.LIVE, "public_url": "https://families.example.org",
               "backup_dir": tmp_path / "backups", **changes}
        )  # fmt: skip

    return make


def faults(settings: Settings, content: Content, keys: Keys, store: Store) -> list[str]:
    with pytest.raises(NotFitForLiveError) as refused:
        refuse_live(settings, content, keys, store)
    said = refused.value.sentence(str)
    assert said.startswith("This can't go live yet:")
    assert all(f"- {fault}" in said for fault in refused.value.faults)
    return refused.value.faults


def test_what_is_fit_goes_live(live, fit, keys, store):
    refuse_live(live(), fit, keys, store)


def test_a_sample_programme_is_refused(live, fit, content, keys, store):
    sample = dataclasses.replace(fit, programme=content.programme)
    [said] = faults(live(), sample, keys, store)
    assert said.startswith("The timetable is the sample. Import a real one:")


def test_a_sample_in_the_folder_does_no_harm_where_a_real_programme_was_imported(
    live, settings, fit, content, keys, store
):
    store.write_now(lay_out_content, content=fit, settings=settings(), now=NOW)
    sample = dataclasses.replace(fit, programme=content.programme)
    refuse_live(live(), sample, keys, store)


def test_sample_term_dates_are_refused(live, fit, content, keys, store):
    sample = dataclasses.replace(fit, calendar=content.calendar)
    assert content.calendar.sample
    [said] = faults(live(), sample, keys, store)
    assert said.startswith(
        "The term dates are a sample. Put the real ones in content/calendar.yaml"
    )


def test_an_unapproved_card_is_refused(live, fit, keys, store):
    for risk, card in fit.safety.cards.items():
        cards = {**fit.safety.cards, risk: dataclasses.replace(card, approved={})}
        wrong = dataclasses.replace(fit, safety=dataclasses.replace(fit.safety, cards=cards))
        [said] = faults(live(), wrong, keys, store)
        assert said.startswith(f"Nobody has approved the card “{risk}”. Have it approved")


def test_an_unapproved_wording_is_refused(live, fit, keys, store):
    for ident, wording in fit.wordings.items():
        wordings = {**fit.wordings, ident: dataclasses.replace(wording, approved={})}
        [said] = faults(live(), dataclasses.replace(fit, wordings=wordings), keys, store)
        assert said.startswith(f"Nobody has approved the wording “{ident}”. Have it approved")


def test_a_card_needs_approval_in_every_language_on_offer(live, fit, keys, store):
    """A language is on offer once a person approved it; its cards must be approved then too."""
    council = dataclasses.replace(
        fit.council,
        languages=tuple(
            dataclasses.replace(x, approved=YES) if x.tag == "pl" else x
            for x in fit.council.languages
        ),
    )
    found = faults(live(), dataclasses.replace(fit, council=council), keys, store)
    assert len(found) == len(fit.safety.cards) + len(fit.wordings)


@pytest.mark.parametrize("url", ["", "http://families.example.org"])
def test_an_address_without_https_is_refused(live, fit, keys, store, url):
    [said] = faults(live(public_url=url), fit, keys, store)
    assert said.startswith("PUBLIC_URL must start with https://. Set it to")


def test_a_key_that_the_service_made_is_refused(live, fit, keys, store):
    [said] = faults(live(), fit, dataclasses.replace(keys, made_here=True), store)
    assert said.startswith("The key was made by the service itself. Make one and keep a copy:")


def test_no_place_for_backups_is_refused(live, fit, keys, store):
    [said] = faults(live(backup_dir=None), fit, keys, store)
    assert said == "There is nowhere to keep backups. Set BACKUP_DIR."


def test_a_clock_of_tests_is_refused(live, fit, keys, store, tmp_path):
    [said] = faults(live(test_clock=str(tmp_path / "clock")), fit, keys, store)
    assert said.startswith("TEST_CLOCK is set. Unset it")


def test_what_ships_is_refused_with_every_fault_at_once_and_each_is_one_line(settings):
    """The whole way, as `MODE=live make run` goes it."""
    with pytest.raises(NotFitForLiveError) as refused:
        open_all(settings(mode=Mode.LIVE))
    found = refused.value.faults
    assert len(found) >= 12
    for said in found:
        assert "\n" not in said
        assert re.match(r"[A-Z].+\. [A-Z].+", said), f"{said}: what is wrong, then what to do"


def test_demo_refuses_none_of_it(settings):
    open_all(settings()).store.close()
