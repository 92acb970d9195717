"""Nothing in the repository is tied to the machine or the mirror it was written on."""

from __future__ import annotations

import re
import tomllib

import pytest

from tests.wiring.repository import ROOT, files

#: In two pieces, so that this file doesn't name them either.
_OF_THIS_MACHINE = re.compile(r"(?<![\w.])/(wor" + r"k|far" + r"m)/")
_INDEX = re.compile(r"(?<!no-emit-)ind" + r"ex-url|--find-li" + r"nks|://[^\s/]+/sim" + r"ple\b")
_LOCKS = ("requirements.lock", "requirements-test.lock")
_NEVER = re.compile(r"(^|/)(\.env|[^/]*\.(keys|sqlite3|mo|pyc|jsonl\.gz))$|^(data|\.keys)/")


def test_no_file_names_a_path_of_this_machine_or_a_package_index():
    found = []
    for path in files():
        try:
            text = path.read_text("utf-8")
        except UnicodeDecodeError:
            continue
        for number, line in enumerate(text.splitlines(), 1):
            if _OF_THIS_MACHINE.search(line) or _INDEX.search(line):
                found.append(f"{path.relative_to(ROOT)}:{number}: {line.strip()[:80]}")
    assert found == []


@pytest.mark.parametrize("name", _LOCKS)
def test_a_lock_has_a_version_and_hashes_for_everything_and_no_address(name):
    text = (ROOT / name).read_text("utf-8")
    assert "://" not in text
    packages = re.split(r"\n(?=[A-Za-z0-9])", text.strip())
    assert len(packages) > 20
    for package in packages:
        first = package.splitlines()[0]
        assert re.match(r"[A-Za-z0-9._-]+(\[[\w,-]+\])?==\S+", first), first
        assert "--hash=sha256:" in package, first


def test_the_locks_hold_what_the_project_asks_for():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    asked = {_LOCKS[0]: project["project"]["dependencies"]}
    asked[_LOCKS[1]] = [*asked[_LOCKS[0]], *project["dependency-groups"]["test"]]
    for lock, wanted in asked.items():
        text = (ROOT / lock).read_text("utf-8")
        locked = {_plain(m[1]) for m in re.finditer(r"^([A-Za-z0-9._-]+)(?:\[|==)", text, re.M)}
        assert {_plain(re.match(r"[A-Za-z0-9._-]+", w)[0]) for w in wanted} <= locked


def test_no_data_key_or_secret_is_committed():
    names = [str(p.relative_to(ROOT)) for p in files()]
    assert [n for n in names if _NEVER.search(n)] == []
    token = re.compile(r"\b\d{8,10}:AA[A-Za-z0-9_-]{33}\b")  # a real bot's token looks so
    key = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----")
    for path in files():
        text = path.read_text("utf-8", errors="replace")
        assert not token.search(text), path
        assert not key.search(text), path


def test_every_test_folder_is_a_package():
    folders = {p.parent for p in files() if p.name.startswith("test_") and p.suffix == ".py"}
    assert [str(f) for f in folders if not (f / "__init__.py").is_file()] == []


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
