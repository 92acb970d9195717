"""The container file: lints clean, and holds what it must and nothing it must not."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from bot.core.settings import Settings
from tests.wiring.repository import ROOT, files

FILE = ROOT / "Dockerfile"


@pytest.fixture(scope="module")
def steps() -> list[tuple[str, str]]:
    """(instruction, rest) without comments, continued lines joined."""
    text = re.sub(r"^\s*#.*\n", "", FILE.read_text("utf-8"), flags=re.M).replace("\\\n", " ")
    return [tuple(line.split(None, 1)) for line in text.splitlines() if line.strip()]


def test_hadolint_has_nothing_to_say():
    hadolint = Path(sys.executable).parent / "hadolint"
    done = subprocess.run(
        [hadolint, "--no-color", FILE], check=False, capture_output=True, text=True
    )
    assert (done.returncode, done.stdout + done.stderr) == (0, "")
    assert "hadolint ignore" not in FILE.read_text("utf-8")


def test_it_runs_as_nobody_in_particular_and_is_stopped_gently(steps):
    last = steps[max(i for i, (name, _) in enumerate(steps) if name == "FROM") :]
    said = dict(last)
    assert said["USER"] == "10001:10001"
    assert said["STOPSIGNAL"] == "SIGTERM"
    assert said["CMD"] == '["python", "-m", "bot", "serve"]'
    assert said["HEALTHCHECK"].endswith('CMD ["python", "-m", "bot", "health"]')
    assert sum(name == "FROM" for name, _ in steps) == 2


def test_no_step_goes_through_a_shell(steps):
    """Exec form: signals reach the service, and nothing is expanded by surprise."""
    for name, rest in steps:
        if name in ("RUN", "CMD", "ENTRYPOINT"):
            assert rest.startswith("["), rest


def test_data_keys_and_backups_are_volumes_apart(steps):
    said = dict(steps)
    env = dict(pair.split("=", 1) for name, rest in steps if name == "ENV" for pair in rest.split())
    assert env["HOST"] == "0.0.0.0"
    for name in ("DATA_DIR", "KEY_FILE", "BACKUP_DIR"):
        assert name.lower() in Settings.model_fields
    folders = [env["DATA_DIR"], str(Path(env["KEY_FILE"]).parent), env["BACKUP_DIR"]]
    assert len(set(folders)) == 3
    assert all(f'"{folder}"' in said["VOLUME"] for folder in folders)
    assert not env.keys() & {"TELEGRAM_TOKEN", "DATABASE_URL", "SMTP_URL", "TELEGRAM_SECRET"}


def test_it_installs_only_what_is_locked(steps):
    installs = [
        rest for name, rest in steps if name == "RUN" and "install" in rest and "pip" in rest
    ]
    assert len(installs) == 1
    assert "--require-hashes" in installs[0]
    assert "requirements.lock" in installs[0]


def test_only_what_runs_goes_in(steps):
    copied = {
        rest.split()[0] for name, rest in steps if name == "COPY" and not rest.startswith("--from")
    }
    ignore = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    assert next(line for line in ignore if line and not line.startswith("#")) == "*"
    allowed = {line.removeprefix("!") for line in ignore if line.startswith("!")}
    assert copied == allowed
    assert all((ROOT / name).exists() for name in copied)
    tops = {p.relative_to(ROOT).parts[0] for p in files()}
    assert not allowed & {"tests", "docs", ".git", "data", ".keys"}
    assert {"bot", "handlers", "content", "locales"} <= allowed & tops
