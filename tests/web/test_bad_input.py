"""What no page of ours would send: refused with a clear page, never a fault of ours."""

from __future__ import annotations

import asyncio
import io
import logging

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from handlers.http.languages import accepted
from handlers.http.limits import PAGES, Limits, Rule, TooManyError, network_of
from handlers.staff import add_staff
from handlers.telegram.webhook import webhook
from tests.web.client import PageClient, check_headers
from tests.web.world import World

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (b"text=%ff%fe", FORM, 400),
        (b"\xff\xfe", FORM, 400),
        (b"text=a&text=b", FORM, 400),
        (b"text=hello", {"Content-Type": "text/plain"}, 400),
        (b"text=hello", {"Content-Type": "nonsense;;;"}, 400),
        (b"text=hello", {"Content-Type": FORM["Content-Type"] + "; charset=utf-7"}, 400),
        (b"text=hello", {"Content-Type": FORM["Content-Type"] + "; charset=nonsense"}, 400),
        (b'{"text": "hello"}', {"Content-Type": "application/json"}, 400),
        (b"a=1&" * 300, FORM, 400),
        (b"text=" + b"x" * 70_000, FORM, 413),
        (b"text=" + b"x" * 3_000_000, FORM, 413),
        (b"lat=x&lon=y", FORM, 400),
        (b"lat=999&lon=0", FORM, 400),
        (b"lat=nan&lon=inf", FORM, 400),
    ],
)
async def test_odd_forms_get_a_clear_page(
    client: PageClient, body: bytes, headers: dict[str, str], status: int
) -> None:
    answer = await client.raw.post(
        "/chat", data=io.BytesIO(body), headers={"Origin": client.origin, **headers}
    )
    seen = await client._seen(answer, status)
    assert seen.page.h1


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://["},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Cookie": "visitor=" + "A" * 43},
    ],
)
async def test_forms_of_other_websites_are_refused(
    client: PageClient, headers: dict[str, str]
) -> None:
    for path in ("/chat", "/chat/clear", "/booking", "/booking/cancel"):
        answer = await client.raw.post(path, data={"text": "hello"}, headers=headers)
        assert (await client._seen(answer, 403)).page.h1


async def test_our_own_public_address_is_ours(world: World) -> None:
    async with TestClient(TestServer(world.app(public_url="https://families.example"))) as raw:
        answer = await raw.post(
            "/chat",
            data={"text": "hello"},
            headers={"Origin": "https://families.example"},
            allow_redirects=False,
        )
        assert answer.status == 303


async def test_methods_that_an_address_does_not_know(client: PageClient) -> None:
    answer = await client.raw.put("/timetable", headers={"Origin": client.origin})
    seen = await client._seen(answer, 405)
    assert "GET" in seen.headers["Allow"]
    trace = await client.raw.request("TRACE", "/", headers={"Origin": client.origin})
    assert trace.status == 405
    head = await client.raw.head("/timetable")
    assert head.status == 200
    assert not check_headers(head.headers)


@pytest.mark.parametrize(
    "cookie", ["visitor=", "visitor=;;;=", 'visitor="\\777', "é=é", "=", "a" * 4000, "visitor=x y"]
)
async def test_odd_cookies_are_nobody(client: PageClient, cookie: str) -> None:
    seen = await client.get("/chat", Cookie=cookie)
    assert "Clear this chat" not in seen.text


@given(st.text(max_size=300))
def test_any_accept_language_is_read(header: str) -> None:
    assert all(tag.isascii() for tag in accepted(header))


@pytest.mark.parametrize("after", ["", "-1", "x", "1e9", "9" * 40, "١٢"])
async def test_odd_rows_to_go_on_from(client: PageClient, after: str) -> None:
    answer = await client.raw.get("/chat/new", params={"after": after})
    assert answer.status == 400


async def test_errors_for_the_script_are_one_sentence(client: PageClient) -> None:
    answer = await client.raw.post(
        "/chat", data={"text": "x"}, headers={"Origin": "null", "Accept": "application/json"}
    )
    assert answer.status == 403
    assert "did not come from this website" in (await answer.json())["error"]


async def test_a_fault_of_ours_says_sorry_and_tells_nothing(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken(_request: web.Request) -> web.Response:
        raise RuntimeError("Amina lives at 1 Secret Street")

    app = world.app()
    app.router.add_get("/broken/{name}", broken)
    async with TestClient(TestServer(app)) as raw:
        seen = await PageClient(raw, world).get("/broken/amina", status=500)
    assert "Sorry, something went wrong" in seen.text
    assert "Amina" not in seen.html
    [record] = [r for r in caplog.records if r.name.startswith("handlers")]
    assert record.path == "/broken/{name}"


async def test_too_many_messages_are_told_when_to_go_on(client: PageClient) -> None:
    for n in range(60):
        answer = await client.raw.post(
            "/chat",
            data={"token": "=menu", "key": f"key-{n:08}"},
            headers={"Origin": client.origin, "Accept": "application/json"},
        )
        if n and answer.status == 429:
            break
    assert answer.status == 429
    assert "second" in (await answer.json())["error"]
    assert int(answer.headers["Retry-After"]) <= 3


async def test_the_way_out_works_for_whoever_asks_too_often(client: PageClient) -> None:
    for _ in range(3 * PAGES.burst):
        answer = await client.raw.get("/icon-of-nothing")
        if answer.status == 429:
            break
    assert answer.status == 429
    left = await client.raw.get("/exit", allow_redirects=False)
    assert left.status == 303
    assert "://" in left.headers["Location"]


async def test_only_as_many_proxies_are_believed_as_are_there(world: World) -> None:
    async def tries(app: web.Application, forwarded: list[str]) -> list[int]:
        async with TestClient(TestServer(app)) as raw:
            return [
                (
                    await raw.post(
                        "/booking", data={"code": "2222"}, headers={"X-Forwarded-For": f}
                    )
                ).status
                for f in forwarded
            ]

    made_up = [f"10.0.0.{n}, 192.0.2.1" for n in range(12)]
    assert (await tries(world.app(trusted_proxies=1), made_up))[-1] == 429
    many = [f"198.51.100.{n}" for n in range(12)]
    assert set(await tries(world.app(trusted_proxies=1), many)) == {400}
    assert (await tries(world.app(), many))[-1] == 429


def test_a_bucket_fills_up_again() -> None:
    now = 0.0
    limits = Limits(lambda: now)
    rule = Rule("x", 2, 10)
    limits.take(rule, "a")
    limits.take(rule, "a")
    with pytest.raises(TooManyError) as refused:
        limits.take(rule, "a")
    assert refused.value.seconds == 10
    limits.take(rule, "b")
    now = 10.0
    limits.take(rule, "a")
    with pytest.raises(TooManyError):
        limits.take(rule, "a")


def test_a_home_has_one_network() -> None:
    assert network_of("2001:db8::1") == network_of("2001:db8::ffff")
    assert network_of("::ffff:192.0.2.1") == network_of("192.0.2.1")
    assert network_of("nonsense") == "unknown"


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(body=st.binary(max_size=200), kind=st.sampled_from(["form", "text"]))
def test_any_body_is_no_fault_of_ours(world: World, body: bytes, kind: str) -> None:
    async def send() -> int:
        async with TestClient(TestServer(world.app())) as raw:
            headers = FORM if kind == "form" else {"Content-Type": "text/plain"}
            answer = await raw.post("/chat", data=body, headers=headers)
            return answer.status

    assert asyncio.run(send()) < 500


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(text=st.text(max_size=300))
def test_any_words_are_answered(world: World, text: str) -> None:
    async def send() -> int:
        async with TestClient(TestServer(world.app())) as raw:
            said = text.encode("utf-8", "ignore").decode()
            return (await raw.post("/chat", data={"text": said})).status

    assert asyncio.run(send()) == 200


BODIES = (
    b"",
    b"text=hello",
    b"\x1f\x8b\x08junk",
    b"4\r\ntext\r\nZZ\r\n",
    b"5\r\ntext=\r\n0\r\n\r\n",
)
ODD_HEADS = (
    "Content-Encoding: gzip", "Content-Encoding: deflate", "Content-Encoding: br",
    "Content-Encoding: zstd", "Content-Encoding: nonsense", "Transfer-Encoding: chunked",
    "Content-Length: 99999999999999999999", "Content-Length: 60000", "Content-Length: 5",
    "Content-Type: multipart/form-data", "Content-Type: application/x-www-form-urlencoded",
    "Content-Type: application/x-www-form-urlencoded; charset=utf-16", "Expect: 100-continue",
    "Expect: nonsense",
)  # fmt: skip


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    path=st.sampled_from(["/chat", "/chat/clear", "/booking", "/staff/enter", "/telegram/webhook"]),
    heads=st.lists(st.sampled_from(ODD_HEADS), max_size=4, unique=True),
    body=st.sampled_from(BODIES) | st.binary(max_size=60),
)
@example("/chat", [ODD_HEADS[0], "Content-Length: 10", ODD_HEADS[10]], b"text=hello")
@example("/chat", [ODD_HEADS[5], ODD_HEADS[10]], BODIES[3])
@example("/chat", ["Content-Length: 60000", ODD_HEADS[10]], b"text=hello")
def test_odd_headers_and_broken_off_bodies_are_no_fault_of_ours(
    world: World,
    caplog: pytest.LogCaptureFixture,
    path: str,
    heads: list[str],
    body: bytes,
) -> None:
    """Whatever comes down the wire: no 5xx, and nothing in the log that looks like a fault."""
    caplog.clear()
    answer = asyncio.run(_raw_post(world, path, heads, body))
    assert not answer.startswith(b"HTTP/1.1 5"), answer[:60]
    ours = [r for r in caplog.records if not r.name.startswith("aiohttp")]  # silenced by `logs`
    assert not [r for r in ours if r.levelno >= logging.ERROR]


async def _raw_post(world: World, path: str, heads: list[str], body: bytes) -> bytes:
    """Send it, hang up half-way, and read what comes back, if anything does."""
    app = world.app()
    add_staff(app)
    app.router.add_post("/telegram/webhook", webhook(secret="s", store=_never, wake=print))
    async with TestServer(app) as server:
        reader, writer = await asyncio.open_connection(server.host, server.port)
        sent = ["X-Telegram-Bot-Api-Secret-Token: s", *heads]
        lines = [f"POST {path} HTTP/1.1", f"Host: {server.host}:{server.port}", *sent, "", ""]
        writer.write("\r\n".join(lines).encode() + body)
        writer.write_eof()
        answer = await reader.read()
        writer.close()
        await writer.wait_closed()
        return answer


async def _never(_updates: object) -> bool:
    return False
