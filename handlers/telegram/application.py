"""The python-telegram-bot Application: its handlers, its start and its menus.

Of the library we take the types, the client, parsing and dispatch. Updates come to it from the
inbox, one person's in order, and never from an updater or queue of its own; state is in our
tables. A handler makes one turn; the replies are sent by delivery, so that they survive a crash.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from itertools import chain, repeat
from typing import Any

from telegram import BotCommand, BotCommandScopeAllPrivateChats, Chat, Update
from telegram.constants import ChatType
from telegram.error import InvalidToken, TelegramError
from telegram.ext import (
    Application,
    ApplicationBuilder,
    ApplicationHandlerStop,
    CallbackQueryHandler,
    ChatMemberHandler,
    ContextTypes,
    MessageHandler,
    filters,
)

from bot.core.errors import Kind as Failure
from bot.core.errors import PlannedError, Translate
from bot.delivery.telegram import TelegramChannel
from handlers.telegram import inbound
from handlers.telegram.request import STAND_IN, AiohttpRequest, request_of
from handlers.telegram.turns import Turns, current_row
from handlers.telegram.waiting import stopped_within

App = Application[Any, Any, Any, Any, Any, Any]

#: Commands and what they do, in the order of the menu, by language code; "" is for everybody else.
Menus = Mapping[str, Mapping[str, str]]

#: Seconds between tries to reach Telegram at the start; the last one is kept.
CONNECT_PAUSES = (1.0, 2.0, 5.0, 15.0, 30.0)

#: Where the answers to taps that are still on their way are kept, so that the end waits for them.
_ANSWERS = "answers"

log = logging.getLogger(__name__)


class TokenRefusedError(PlannedError):
    """Telegram does not know the token."""

    kind = Failure.INVALID

    def sentence(self, _: Translate) -> str:
        return _("Telegram does not accept TELEGRAM_TOKEN. Get the right one from @BotFather.")


def build(
    token: str, api_url: str, turns: Turns, *, only_private: Callable[[str], str] = str
) -> App:
    """The Application, not connected yet (see `connect`).

    `only_private` says in a language (a code, perhaps "") that we talk in private chats only.
    """
    # At DEBUG the library logs every message it sends and receives, word for word.
    logging.getLogger("telegram").setLevel(logging.WARNING)
    request = AiohttpRequest(api_url=api_url, token=token)
    application: App = (
        ApplicationBuilder()
        .token(STAND_IN)
        .base_url(_no_address)
        .base_file_url(_no_address)
        .request(request)
        .get_updates_request(request)
        .updater(None)
        .job_queue(None)
        .build()
    )
    handlers = Handlers(application, turns, only_private)
    private, message = filters.ChatType.PRIVATE, filters.UpdateType.MESSAGE
    application.add_handlers(
        [
            CallbackQueryHandler(handlers.tap),
            MessageHandler(private & message, handlers.turn),
            MessageHandler(private & filters.UpdateType.EDITED_MESSAGE, handlers.turn),
            MessageHandler(~private, handlers.group),
            ChatMemberHandler(handlers.membership, ChatMemberHandler.MY_CHAT_MEMBER),
        ]
    )
    application.add_error_handler(_keep_error)
    return application


async def connect(application: App, *, menus: Menus, stop: asyncio.Event) -> bool:
    """Reach Telegram, however long it takes, and set the command menus; False if stopped before.

    Raises TokenRefusedError. The rest of the service need not wait for this.
    """
    for pause in chain(CONNECT_PAUSES, repeat(CONNECT_PAUSES[-1])):
        try:
            await application.initialize()
            break
        except InvalidToken:
            raise TokenRefusedError from None
        except TelegramError as error:
            log.warning("telegram is out of reach", extra={"error": type(error).__name__})
        if await stopped_within(stop, pause):
            return False
    await set_menus(application, menus)
    return True


async def disconnect(application: App) -> None:
    """Let the last answers go out, then close the connections. No error if never connected."""
    if answers := list(application.bot_data.get(_ANSWERS, ())):
        await asyncio.wait(answers, timeout=1.0)
    await application.shutdown()
    await application.bot.request.shutdown()


async def set_menus(application: App, menus: Menus) -> None:
    """Set the command menu of each language. What fails is logged: the bot works without."""
    scope = BotCommandScopeAllPrivateChats()
    for lang, words in menus.items():
        commands = [BotCommand(name, description) for name, description in words.items()]
        try:
            await application.bot.set_my_commands(commands, scope=scope, language_code=lang or None)
        except TelegramError as error:
            problem = {"lang": lang, "error": type(error).__name__}
            log.warning("a command menu was not set", extra=problem)


class Handlers:
    """What the Application calls. Each makes at most one turn."""

    def __init__(self, application: App, turns: Turns, only_private: Callable[[str], str]) -> None:
        self._bot, self._request = application.bot, request_of(application.bot)
        self._answers: set[asyncio.Task[None]] = application.bot_data.setdefault(_ANSWERS, set())
        self._channel = TelegramChannel(application.bot)
        self._turns = turns
        self._only_private = only_private

    async def turn(self, update: Update, _context: ContextTypes.DEFAULT_TYPE) -> str:
        """One thing that a person did, as one turn. Returns the word for a tap."""
        row = current_row.get()
        incoming = inbound.read(update, inbox_id=row.inbox_id if row else None)
        if incoming is None:
            return ""
        result = await self._turns.take(incoming)
        if row is not None:
            row.taken = True
        if result.hide:
            await self._channel.erase(incoming.sender.external, result.hide)
        return result.toast

    async def tap(self, update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
        """A button. It is answered whatever happens: until then the phone shows it as busy."""
        toast = ""
        try:
            toast = await self.turn(update, context)
        finally:
            # Nobody waits for this answer, least of all the person's next message.
            answer = asyncio.create_task(self._answer(update, toast))
            self._answers.add(answer)
            answer.add_done_callback(self._answers.discard)

    async def membership(self, update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
        """Stopped or started again by a person, or put into a group."""
        change = update.my_chat_member
        if change is None:
            return
        if change.chat.type == ChatType.PRIVATE:
            await self.turn(update, context)
        elif inbound.enters(change):
            await self._leave(change.chat, change.from_user.language_code or "", say=True)

    async def group(self, update: Update, _context: ContextTypes.DEFAULT_TYPE) -> None:
        """A message in a group that we are still in: leave without a word."""
        if update.effective_chat is not None and update.effective_chat.type != ChatType.PRIVATE:
            await self._leave(update.effective_chat, "", say=False)

    async def _answer(self, update: Update, toast: str) -> None:
        query = update.callback_query
        if query is None:
            return
        said = {"text": toast[:200]} if toast else {}
        try:
            await self._request.call("answerCallbackQuery", {"callback_query_id": query.id, **said})
        except TelegramError as error:  # too old: the phone has given up by itself
            log.debug("a tap was not answered: %s", type(error).__name__)

    async def _leave(self, chat: Chat, lang: str, *, say: bool) -> None:
        try:
            if say and chat.type != ChatType.CHANNEL:
                await self._bot.send_message(chat.id, self._only_private(lang))
        except TelegramError as error:
            log.info("could not speak in a group", extra={"error": type(error).__name__})
        try:
            await self._bot.leave_chat(chat.id)
        except TelegramError as error:  # the next message in that group makes us try again
            log.info("could not leave a group", extra={"error": type(error).__name__})


async def _keep_error(_update: object, context: ContextTypes.DEFAULT_TYPE) -> None:
    """Hand the error to whoever runs the row; the library would log it with its texts."""
    row, error = current_row.get(), context.error
    if row is not None and error is not None:
        row.error = error
    raise ApplicationHandlerStop


def _no_address(_token: str) -> str:
    return "telegram:"
