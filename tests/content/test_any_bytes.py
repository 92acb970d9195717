"""Whatever stands in a file, reading it gives problems or content, never a crash."""

from __future__ import annotations

import tempfile
from contextlib import suppress
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.content import Content, ContentError, check, load, read_programme
from tests.content.conftest import THORNBURY, copy_into

FILES = sorted(path.name for path in THORNBURY.iterdir() if path.is_file())
WHOLE = {name: (THORNBURY / name).read_bytes() for name in FILES}
CONTENT = load(THORNBURY)
SNIPPETS = st.sampled_from(
    [
        b"[",
        b"{",
        b"}",
        b"- ",
        b": ",
        b"\n",
        b";",
        b'"',
        b"'",
        b"|\n",
        b"&a ",
        b"*a",
        b"!!x ",
        b"\x00",
        b"\xff",
        b"#",
        b"---\n",
        b"2026-13-01",
        b"\t",
    ]
)


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=300))
def test_bytes_as_a_programme(raw: bytes) -> None:
    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / "p.csv"
        path.write_bytes(raw)
        with suppress(ContentError):
            read_programme(path, CONTENT)


@settings(max_examples=150, deadline=None)
@given(
    name=st.sampled_from(FILES),
    at=st.integers(min_value=0),
    cut=st.integers(min_value=0, max_value=30),
    put=st.one_of(SNIPPETS, st.binary(max_size=12), st.just(b"[" * 5000), st.just(b"- " * 5000)),
)
def test_bytes_anywhere_in_a_folder(name: str, at: int, cut: int, put: bytes) -> None:
    whole = WHOLE[name]
    at %= len(whole)
    with tempfile.TemporaryDirectory() as place:
        folder = copy_into(Path(place))
        (folder / name).write_bytes(whole[:at] + put + whole[at + cut :])
        problems = check(folder)
    lines = {file: raw.count(b"\n") + 2 for file, raw in WHOLE.items()}
    for problem in problems:
        assert problem.expected
        assert problem.line >= 1
        longest = lines.get(problem.file, 10_000) + (put + b"\n").count(b"\n") + put.count(b"\r")
        assert problem.line <= longest, problem


@settings(max_examples=60, deadline=None)
@given(name=st.sampled_from([name for name in FILES if name.endswith(".yaml")]), raw=st.binary())
def test_a_file_of_nothing_but_bytes(name: str, raw: bytes) -> None:
    with tempfile.TemporaryDirectory() as place:
        folder = copy_into(Path(place))
        (folder / name).write_bytes(raw)
        assert check(folder)


def test_the_content_itself_is_plain(thornbury: Content) -> None:
    assert thornbury == CONTENT
