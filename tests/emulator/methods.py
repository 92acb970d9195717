"""The methods of the Bot API that the bot may call, with Telegram's own refusals."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from tests.emulator.markup import Refused, bad, read_keyboard, read_text
from tests.emulator.updates import USUAL, Webhook
from tests.emulator.world import World, rows_of

Args = dict[str, Any]
_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")
_COMMAND = re.compile(r"[a-z0-9_]{1,32}")
_ACTIONS = {"typing", "upload_photo", "upload_document", "find_location", "choose_sticker"}


class Methods:
    """Each public method is the Bot API method of that name, in lower case."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._by_name: dict[str, Callable[[Args], Any]] = {
            name: getattr(self, name) for name in dir(self) if not name.startswith("_")
        }
        del self._by_name["call"]

    def call(self, method: str, args: Args) -> Any:
        """The result of a call. Raises Refused."""
        found = self._by_name.get(method.lower())
        if found is None:
            raise Refused(404, "Not Found: method not found")
        return found(args)

    def getme(self, _args: Args) -> Any:
        return self._world.bot

    def sendmessage(self, args: Args) -> Any:
        chat = self._world.reachable(args.get("chat_id"))
        text, entities = read_text(args.get("text"), args.get("parse_mode"))
        rows = rows_of(read_keyboard(args.get("reply_markup")))
        bubble = self._world.new_bubble(chat, mine=True, text=text)
        bubble.html = str(args.get("text"))
        bubble.entities = entities
        bubble.rows = rows
        bubble.protected = _true(args.get("protect_content"))
        options = args.get("link_preview_options")
        bubble.preview = not (
            _true(args.get("disable_web_page_preview"))
            or (isinstance(options, dict) and _true(options.get("is_disabled")))
        )
        return self._world.json(chat, bubble)

    def sendlocation(self, args: Args) -> Any:
        return self._pin(args, "location")

    def sendvenue(self, args: Args) -> Any:
        if not args.get("title"):
            raise bad("venue title must be non-empty")
        if not args.get("address"):
            raise bad("venue address must be non-empty")
        return self._pin(args, "venue")

    def senddocument(self, args: Args) -> Any:
        return self._media(args, "document")

    def sendphoto(self, args: Args) -> Any:
        return self._media(args, "photo")

    def editmessagetext(self, args: Args) -> Any:
        chat = self._world.reachable(args.get("chat_id"))
        bubble = self._world.find(chat, args.get("message_id"), doing="edit")
        if not bubble.mine or bubble.kind != "text":
            raise bad("message can't be edited")
        text, entities = read_text(args.get("text"), args.get("parse_mode"))
        rows = rows_of(read_keyboard(args.get("reply_markup")))
        if (text, entities, rows) == (bubble.text, bubble.entities, bubble.rows):
            raise _not_modified()
        bubble.text, bubble.entities, bubble.rows = text, entities, rows
        bubble.html, bubble.edited = str(args.get("text")), True
        return self._world.json(chat, bubble)

    def editmessagereplymarkup(self, args: Args) -> Any:
        chat = self._world.reachable(args.get("chat_id"))
        bubble = self._world.find(chat, args.get("message_id"), doing="edit")
        if not bubble.mine:
            raise bad("message can't be edited")
        rows = rows_of(read_keyboard(args.get("reply_markup")))
        if rows == bubble.rows:
            raise _not_modified()
        bubble.rows, bubble.edited = rows, True
        return self._world.json(chat, bubble)

    def deletemessage(self, args: Args) -> Any:
        chat = self._world.reachable(args.get("chat_id"))
        bubble = self._world.find(chat, args.get("message_id"), doing="delete")
        if not self._world.may_delete(bubble):
            raise bad("message can't be deleted for everyone")
        del chat.bubbles[bubble.message_id]
        return True

    def deletemessages(self, args: Args) -> Any:
        """One message too old, and none of the lot goes; messages not found are skipped."""
        chat = self._world.reachable(args.get("chat_id"))
        ids = args.get("message_ids")
        if not isinstance(ids, list) or not ids:
            raise bad("message identifiers are not specified")
        if len(ids) > 100:
            raise bad("too many message identifiers specified")
        found = [b for i in ids if (b := chat.bubbles.get(int(i))) is not None]
        if not all(self._world.may_delete(bubble) for bubble in found):
            raise bad("message can't be deleted for everyone")
        for bubble in found:
            chat.bubbles.pop(bubble.message_id, None)
        return True

    def answercallbackquery(self, args: Args) -> Any:
        tap = self._world.taps.get(str(args.get("callback_query_id", "")))
        if tap is None or self._world.clock.now() - tap.made_at > self._world.tap_lives:
            raise bad("query is too old and response timeout expired or query ID is invalid")
        text = str(args.get("text") or "")
        if len(text) > 200:
            raise bad("MESSAGE_TOO_LONG")
        if not tap.answered:
            tap.toast = text
        tap.answered += 1
        return True

    def sendchataction(self, args: Args) -> Any:
        self._world.reachable(args.get("chat_id"))
        if args.get("action") not in _ACTIONS:
            raise bad("wrong parameter action in request")
        return True

    def getchat(self, args: Args) -> Any:
        return self._world.reachable(args.get("chat_id")).to_json()

    def leavechat(self, args: Args) -> Any:
        chat = self._world.reachable(args.get("chat_id"))
        if chat.kind == "private":
            raise bad("chat member status can't be changed in private chats")
        chat.member = False
        self._world.left.append(chat.id)
        return True

    def setmycommands(self, args: Args) -> Any:
        commands = args.get("commands")
        if not isinstance(commands, list) or len(commands) > 100:
            raise bad("can't parse commands: expected an Array of BotCommand")
        menu: dict[str, str] = {}
        for item in commands:
            name, words = str(item.get("command", "")), str(item.get("description", ""))
            if not _COMMAND.fullmatch(name):
                raise bad("BOT_COMMAND_INVALID")
            if not 1 <= len(words) <= 256:
                raise bad("BOT_COMMAND_DESCRIPTION_INVALID")
            menu[name] = words
        self._world.profile.commands[_language(args)] = menu
        return True

    def getmycommands(self, args: Args) -> Any:
        menu = self._world.profile.commands.get(_language(args), {})
        return [{"command": name, "description": words} for name, words in menu.items()]

    def deletemycommands(self, args: Args) -> Any:
        self._world.profile.commands.pop(_language(args), None)
        return True

    def setmyname(self, args: Args) -> Any:
        return self._describe("name", args, 64)

    def setmydescription(self, args: Args) -> Any:
        return self._describe("description", args, 512)

    def setmyshortdescription(self, args: Args) -> Any:
        return self._describe("short_description", args, 120)

    def setchatmenubutton(self, _args: Args) -> Any:
        return True

    def setwebhook(self, args: Args) -> Any:
        url = str(args.get("url") or "")
        secret = str(args.get("secret_token") or "")
        if secret and not _SECRET.fullmatch(secret):
            raise bad("secret token contains illegal characters")
        if url and not url.startswith(("https://", "http://127.0.0.1:", "http://localhost:")):
            raise bad("bad webhook: An HTTPS URL must be provided for webhook")
        self._allow(args)
        if _true(args.get("drop_pending_updates")):
            self._world.updates.forget_all()
        connections = int(args.get("max_connections") or 40)
        self._world.updates.set_webhook(Webhook(url, secret, connections) if url else None)
        return True

    def deletewebhook(self, args: Args) -> Any:
        if _true(args.get("drop_pending_updates")):
            self._world.updates.forget_all()
        self._world.updates.set_webhook(None)
        return True

    def getwebhookinfo(self, _args: Args) -> Any:
        webhook = self._world.updates.webhook
        body: dict[str, Any] = {
            "url": webhook.url if webhook else "",
            "has_custom_certificate": False,
            "pending_update_count": len(self._world.updates.pending()),
        }
        if webhook is not None and webhook.last_error:
            body["last_error_message"] = webhook.last_error
        return body

    def _allow(self, args: Args) -> None:
        allowed = args.get("allowed_updates")
        if isinstance(allowed, list):
            self._world.updates.allowed = tuple(str(kind) for kind in allowed) or USUAL

    def _pin(self, args: Args, kind: str) -> Any:
        chat = self._world.reachable(args.get("chat_id"))
        try:
            lat, lon = float(args["latitude"]), float(args["longitude"])
        except (KeyError, TypeError, ValueError):
            raise bad("latitude and longitude must be specified") from None
        if not (-90 <= lat <= 90 and -180 <= lon <= 180):
            raise bad("wrong location specified")
        rows = rows_of(read_keyboard(args.get("reply_markup")))
        bubble = self._world.new_bubble(chat, mine=True, kind=kind)
        bubble.pin = {
            "latitude": lat,
            "longitude": lon,
            "title": str(args.get("title", "")),
            "address": str(args.get("address", "")),
        }
        bubble.rows = rows
        bubble.protected = _true(args.get("protect_content"))
        return self._world.json(chat, bubble)

    def _media(self, args: Args, kind: str) -> Any:
        chat = self._world.reachable(args.get("chat_id"))
        caption = args.get("caption")
        text, entities = (
            read_text(caption, args.get("parse_mode"), limit=1024, what="message caption")
            if caption
            else ("", [])
        )
        rows = rows_of(read_keyboard(args.get("reply_markup")))
        bubble = self._world.new_bubble(chat, mine=True, text=text, kind=kind)
        bubble.entities, bubble.rows = entities, rows
        bubble.protected = _true(args.get("protect_content"))
        return self._world.json(chat, bubble)

    def _describe(self, what: str, args: Args, limit: int) -> bool:
        words = str(args.get(what) or "")
        if len(words) > limit:
            raise bad(f"{what} is too long")
        self._world.profile.texts.setdefault(what, {})[_language(args)] = words
        return True


def _language(args: Args) -> str:
    code = str(args.get("language_code") or "")
    if code and not re.fullmatch(r"[a-z]{2}", code):
        raise bad("invalid language code specified")
    return code


def _true(value: object) -> bool:
    return value is True or str(value).lower() in {"true", "1"}


def _not_modified() -> Refused:
    return bad(
        "message is not modified: specified new message content and reply markup are exactly "
        "the same as a current content and reply markup of the message"
    )
