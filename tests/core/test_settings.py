"""Settings as people type them: what can't be used is said at the start, name by name."""

from __future__ import annotations

import pytest

from bot.core.settings import SettingsError, read_settings

TOKEN = "123456789:AAEmulatorTokenOnlyForTests_0123456789"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", "postgresql://user:secret@host:port/name"),
        ("DATABASE_URL", "mysql://user:secret@host/name"),
        ("DATABASE_URL", "sqlite:///"),
        ("DATABASE_URL", "sqlite:///:memory:"),
        ("SMTP_URL", "smtp://user:secret@host:port"),
        ("SMTP_URL", "smtp://host:99999"),
        ("SMTP_URL", "smtp://"),
        ("SMTP_URL", "smtp://[::1"),
        ("PUBLIC_URL", "https://"),
        ("PUBLIC_URL", "families.example.gov.uk"),
        ("PUBLIC_URL", "https://example.gov.uk/families"),
        ("PUBLIC_URL", "https://example.gov.uk/?page=1"),
        ("PUBLIC_URL", "https://example.gov.uk:port"),
        ("PUBLIC_URL", "https://families example.gov.uk"),
        ("TELEGRAM_API_URL", "api.telegram.org"),
        ("TELEGRAM_SECRET", "not a secret that Telegram takes"),
        ("TELEGRAM_TOKEN", "123"),
        ("MAIL_FROM", "Children's Centres"),
        ("MAIL_FROM", "Centres\nBcc: <all@example.org>"),
        ("PORT", "many"),
        ("TZ_NAME", "../etc/passwd"),
    ],
)
def test_what_cannot_be_used_is_refused_by_name(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as refused:
        read_settings()
    (fault,) = refused.value.faults
    assert fault.startswith(f"{name}: ")
    assert "secret@" not in fault


@pytest.mark.parametrize(
    ("name", "value", "kept"),
    [
        ("PUBLIC_URL", "https://families.example.gov.uk/", "https://families.example.gov.uk"),
        ("HOST", "  ", "127.0.0.1"),
        ("HOST", "0.0.0.0\r", "0.0.0.0"),
        ("PORT", " 8081\n", 8081),
        ("DATABASE_URL", " sqlite:////srv/bot.sqlite3 ", "sqlite:////srv/bot.sqlite3"),
        ("DATABASE_URL", "postgresql:///bot?host=/run", "postgresql:///bot?host=/run"),
        ("TELEGRAM_TOKEN", f"{TOKEN}\n", TOKEN),
        (
            "SMTP_URL",
            "smtps://u%40x:p@mail.example.org:465",
            "smtps://u%40x:p@mail.example.org:465",
        ),
    ],
)
def test_what_can_be_used_is_taken_without_what_stands_around_it(
    name: str, value: str, kept: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    found = getattr(read_settings(), name.lower())
    assert getattr(found, "get_secret_value", lambda: found)() == kept
