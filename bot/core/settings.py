"""Every setting of the service, in one frozen model that documents itself.

Values come from the environment. The README's table is made from this model.
"""

from __future__ import annotations

import re
from email.utils import parseaddr
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import SplitResult, urlsplit
from zoneinfo import ZoneInfo

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.core.errors import PlannedError, Translate

#: What a bot's token looks like; the log takes out whatever looks so.
TELEGRAM_TOKEN = re.compile(r"\d{6,12}:[A-Za-z0-9_-]{30,}")


class Mode(StrEnum):
    """demo says so on every page; live refuses to start on what isn't fit for families."""

    DEMO = "demo"
    LIVE = "live"


class SettingsError(PlannedError):
    """A setting that can't be used. `faults` has one line a setting: name, fault, what was expected."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("; ".join(faults))
        self.faults = faults

    def sentence(self, _: Translate) -> str:
        return _("These settings can't be used:") + "\n" + "\n".join(self.faults)


class Settings(BaseSettings):
    """What can be set from outside. Secrets never show in `repr`, logs or errors."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", env_ignore_empty=True)

    host: Annotated[str, Field(description="Address to listen on.")] = "127.0.0.1"
    port: Annotated[
        int, Field(ge=0, le=65535, description="Port for the chat, the pages and the webhook.")
    ] = 8080
    mode: Annotated[Mode, Field(description="`demo` (says so on every page) or `live`.")] = (
        Mode.DEMO
    )
    public_url: Annotated[
        str,
        Field(
            description="How the outside reaches us, like https://families.example.gov.uk. "
            "Set: Telegram uses a webhook. Unset: long polling."
        ),
    ] = ""
    database_url: Annotated[
        SecretStr,
        Field(description="postgresql://user:password@host/name. Unset: SQLite in `DATA_DIR`."),
    ] = SecretStr("")
    data_dir: Annotated[Path, Field(description="Where SQLite keeps its file.")] = Path("data")
    content_dir: Annotated[
        Path, Field(description="The council's words, venues and programme.")
    ] = Path("content")
    key_file: Annotated[
        Path,
        Field(description="Keys that seal personal fields. Never below `DATA_DIR`."),
    ] = Path(".keys/seal.keys")
    backup_dir: Annotated[
        Path | None, Field(description="Where `python -m bot backup` writes. Live needs one.")
    ] = None
    telegram_token: Annotated[
        SecretStr, Field(description="The bot's token from BotFather. Unset: Telegram is off.")
    ] = SecretStr("")
    telegram_secret: Annotated[
        SecretStr,
        Field(description="Secret for the webhook. Unset: made from the token."),
    ] = SecretStr("")
    telegram_api_url: Annotated[str, Field(description="Base address of the Bot API.")] = (
        "https://api.telegram.org"
    )
    smtp_url: Annotated[
        SecretStr,
        Field(
            description="smtp://user:password@host:587 or smtps://…:465. Unset: no e-mail is sent."
        ),
    ] = SecretStr("")
    mail_from: Annotated[str, Field(description="Sender of e-mails.")] = (
        "Children's Centres <no-reply@localhost>"
    )
    tz_name: Annotated[str, Field(description="Local time zone.")] = "Europe/London"
    log_level: Annotated[str, Field(description="debug, info, warning or error.")] = "info"
    trusted_proxies: Annotated[
        int,
        Field(ge=0, le=5, description="How many proxies in front of us set X-Forwarded-For."),
    ] = 0
    test_clock: Annotated[
        str,
        Field(
            description="For tests only, refused in live mode: a file whose text is the time "
            "(ISO 8601, UTC) the service believes it is."
        ),
    ] = ""

    @model_validator(mode="before")
    @classmethod
    def _trimmed(cls, given: dict[str, Any]) -> dict[str, Any]:
        """Files of settings leave spaces and line ends around values; a blank one is not set."""
        plain = {k: v.strip() if isinstance(v, str) else v for k, v in given.items()}
        return {k: v for k, v in plain.items() if v != ""}

    @field_validator("tz_name")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (KeyError, ValueError, OSError) as error:  # unknown, unreadable, a folder
            raise ValueError("expected a time zone name, like Europe/London") from error
        return value

    @field_validator("public_url")
    @classmethod
    def _whole_address(cls, value: str) -> str:
        value = value.rstrip("/")
        parts = _address(value, "http", "https")
        if value and (parts is None or parts.path or parts.query or parts.fragment):
            raise ValueError(
                "expected an address that starts with https:// and has no path: "
                "the pages need a host of their own"
            )
        return value

    @field_validator("telegram_api_url")
    @classmethod
    def _known_api(cls, value: str) -> str:
        if _address(value, "http", "https") is None:
            raise ValueError("expected an address that starts with https://")
        return value

    @field_validator("mail_from")
    @classmethod
    def _whole_sender(cls, value: str) -> str:
        if "\n" in value or not all(parseaddr(value)[1].partition("@")):
            raise ValueError("expected a sender like Children's Centres <centres@example.gov.uk>")
        return value

    @field_validator("database_url")
    @classmethod
    def _known_database(cls, value: SecretStr) -> SecretStr:
        url = value.get_secret_value()
        file = url.startswith("sqlite:///") and url not in ("sqlite:///", "sqlite:///:memory:")
        if url and not (file or _address(url, "postgresql", "postgres", bare=True)):
            raise ValueError("expected postgresql://user:password@host/name or sqlite:///FILE")
        return value

    @field_validator("telegram_token")
    @classmethod
    def _whole_token(cls, value: SecretStr) -> SecretStr:
        if value.get_secret_value() and not TELEGRAM_TOKEN.fullmatch(value.get_secret_value()):
            raise ValueError(
                "expected the whole token that @BotFather gave: digits, a colon and 35 letters"
            )
        return value

    @field_validator("telegram_secret")
    @classmethod
    def _plain_secret(cls, value: SecretStr) -> SecretStr:
        if not re.fullmatch(r"[A-Za-z0-9_-]{0,256}", value.get_secret_value()):
            raise ValueError(
                "expected letters, digits, _ and -, at most 256: Telegram takes no others"
            )
        return value

    @field_validator("smtp_url")
    @classmethod
    def _known_mail(cls, value: SecretStr) -> SecretStr:
        url = value.get_secret_value()
        if url and _address(url, "smtp", "smtps") is None:
            raise ValueError("expected smtp://user:password@host:587 or smtps://…:465")
        return value

    @field_validator("log_level")
    @classmethod
    def _known_level(cls, value: str) -> str:
        if value.lower() not in {"debug", "info", "warning", "error"}:
            raise ValueError("expected debug, info, warning or error")
        return value.lower()

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.tz_name)

    @property
    def sqlite(self) -> bool:
        return not self.database_url.get_secret_value().startswith("postgres")

    @property
    def secure(self) -> bool:
        """Whether cookies may demand https."""
        return self.public_url.startswith("https://")

    @property
    def database(self) -> str:
        """The SQLAlchemy address of the database."""
        url = self.database_url.get_secret_value()
        if not url:
            return f"sqlite:///{self.data_dir / 'bot.sqlite3'}"
        scheme, _, rest = url.partition("://")
        return url if scheme == "sqlite" else f"postgresql+psycopg://{rest}"

    @property
    def address(self) -> str:
        """Where people reach us, without a slash at the end."""
        everywhere = self.host in ("0.0.0.0", "::")  # noqa: S104  # an address of no machine
        return self.public_url or f"http://{'127.0.0.1' if everywhere else self.host}:{self.port}"


def read_settings(**changes: object) -> Settings:
    """The settings from the environment, with `changes` on top. Raises SettingsError naming all faults."""
    try:
        return Settings(**changes)  # type: ignore[arg-type]  # names are checked by the model itself
    except ValidationError as problem:
        raise SettingsError(
            [
                f"{'.'.join(str(p) for p in e['loc']).upper()}: {e['msg'].removeprefix('Value error, ')}"
                for e in problem.errors(include_input=False, include_url=False)
            ]
        ) from None


def _address(url: str, *schemes: str, bare: bool = False) -> SplitResult | None:
    """The parts of an address with one of these schemes; None where it is none. `bare`: a host may
    be missing, as where PostgreSQL listens on a socket."""
    try:
        parts = urlsplit(url)
        fits = parts.port != 0  # looks at it, too: raises where it is no number
    except ValueError:
        return None
    known = parts.scheme in schemes and (bare or bool(parts.hostname))
    return parts if fits and known and not re.search(r"\s", url) else None


def settings_table() -> str:
    """The settings as a Markdown table, for the README."""
    lines = ["| Setting | Default | What it does |", "| --- | --- | --- |"]
    for name, field in Settings.model_fields.items():
        default = field.default
        if isinstance(default, SecretStr):
            default = ""
        shown = f"`{getattr(default, 'value', default)}`" if default not in ("", None) else "–"
        lines.append(f"| `{name.upper()}` | {shown} | {field.description} |")
    return "\n".join(lines)
