"""An echo bot to measure beside the service: `python echo.py stock|aiohttp URL TOKEN`.

`stock` is python-telegram-bot as its own example has it: the httpx backend, one update at a time.
`aiohttp` is the fastest that the library can be made here: the service's request, and updates
handled at the same time. Both keep nothing, check nothing and answer every text with itself.
Runs in an environment of its own, which holds the library and little else.
"""

from __future__ import annotations

import sys
from typing import Any

from telegram import Update
from telegram.ext import ApplicationBuilder, ContextTypes, MessageHandler, filters


async def echo(update: Update, _context: ContextTypes.DEFAULT_TYPE) -> None:
    if update.message is not None and update.message.text:
        await update.message.reply_text(update.message.text)


def main(kind: str, url: str, token: str) -> None:
    builder: Any = ApplicationBuilder().token(token).base_url(f"{url}/bot")
    if kind == "aiohttp":
        from handlers.telegram.request import AiohttpRequest  # noqa: PLC0415  # stock has no aiohttp

        request = AiohttpRequest(api_url=url, token=token)
        builder = builder.request(request).get_updates_request(request).concurrent_updates(True)
    application = builder.build()
    application.add_handler(MessageHandler(filters.TEXT, echo))
    application.run_polling(allowed_updates=["message"])


if __name__ == "__main__":
    main(*sys.argv[1:4])
