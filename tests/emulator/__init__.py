"""A stand-in for api.telegram.org, for tests and benchmarks.

It keeps Telegram's rules, not only its shapes: which calls are refused and with which words, how
updates are queued and sent again, when a tap is lost, what each person has on the screen.

In the process of the test::

    async with Emulator(token=TOKEN) as emulator:      # 127.0.0.1, a free port
        ... start the bot with TELEGRAM_API_URL=emulator.url and TELEGRAM_TOKEN=emulator.token
        await emulator.says(7, "hello")                 # person 7 types
        await emulator.settled(7)                       # the bot has dealt with it
        assert emulator.said(7)[-1].text == "Hello!"    # the bot's bubbles since 7's last act
        await emulator.taps(7, "Book a place")          # the newest button of that label
        await emulator.sees(7, "Booked")                # waits until it is on the screen

As a process of its own: ``python -m tests.emulator --port 8081 --ledger calls.jsonl``; drive it
with `RemoteEmulator`, which has the same verbs (`remote.py`).

What people do (each returns an `Act` with the update's id): `says`, `command`, `taps`,
`sends_token` (a forged or old button), `location`, `photo`, `voice`, `file`, `sticker`, `contact`,
`edits`, `blocks`, `unblocks`, `adds_to_group`, `sends_update` (any JSON). `meets` says who a person
is (language, name) beforehand. Nobody who has not written can be written to, as in Telegram, unless
`meets(..., started=True)` or `Emulator(everyone_known=True)`.

What is seen: `screen(chat)` is every `Bubble` now on that chat's screen, `said(person)` the bot's
since the person's last act, `newest(person)` the last of the bot's, `button(person, label)`,
`toast(act)` the word shown for a tap, `calls(method, chat_id)` the ledger of calls in order,
`deliveries` every try to hand over an update, `commands` the command menus by language, `left` the
groups that the bot left.

Waiting: `settled(person)`, `sees(person, text)`, `until(condition)`. None sleeps longer than it
must; each fails with what was missing after `timeout` real seconds.

Faults: `breaks(method, Fault.flood(3), chat_id=7, times=2)`; method "*" is every method,
`times=None` is until `mends()`. `Fault.blocked()`, `.not_found()`, `.flood(seconds)`,
`.server_error(502)`, `.refused(words)`, `.slow(seconds)`, `.cut_before()` (read but not acted on,
then cut), `.cut_after()` (acted on, then cut), `.garbage()` (200 that is no JSON),
`.unauthorised()`.
`goes_down()` and `comes_up()` refuse connections altogether. `loses_answers(n)`: the bot's next n
answers to the webhook do not arrive, so those updates come again. `redelivers(act)` sends an update
once more. `latency` (real seconds, settable at any time) delays each answer of the API.

Time: `clock` runs `speed` times as fast as the real one and can be moved with `advance(seconds)`.
Webhook retries, `tap_lives` (150 s) and `message_lives` (86,400 s) and the 48 hours within which a
message can be deleted go by it. Long polling's `timeout` is in its seconds too; `Fault.slow` and
`latency` are real.
"""

from tests.emulator.chats import Bubble, BubbleButton
from tests.emulator.emulator import TOKEN, Act, Call, Delivery, Emulator
from tests.emulator.faults import Fault
from tests.emulator.remote import RemoteEmulator

__all__ = [
    "TOKEN",
    "Act",
    "Bubble",
    "BubbleButton",
    "Call",
    "Delivery",
    "Emulator",
    "Fault",
    "RemoteEmulator",
]
