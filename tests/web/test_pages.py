"""Every public page: found, well formed, headed, small, and in the reader's language."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

import pytest
from aiohttp.test_utils import TestClient, TestServer

from bot.core.settings import Mode
from bot.store.columns import keys, use_keys
from bot.store.models import Fact
from bot.timetable.importing import PROGRAMME
from tests.web.client import PageClient, check_headers
from tests.web.world import World, copy_of, prepare

PAGES = (
    "/", "/timetable", "/chat", "/booking", "/venues", "/help", "/urgent", "/privacy",
    "/accessibility", "/nowhere",
)  # fmt: skip


@pytest.mark.parametrize("lang", ["en", "ar", "pl"])
@pytest.mark.parametrize("path", PAGES)
async def test_every_page_is_sound_in_every_language(
    client: PageClient, path: str, lang: str
) -> None:
    seen = await client.get(f"{path}?lang={lang}", status=404 if path == "/nowhere" else 200)
    assert seen.page.lang == lang
    assert seen.page.direction == ("rtl" if lang == "ar" else "ltr")


async def test_every_link_on_every_page_leads_somewhere(client: PageClient) -> None:
    seen_paths = await crawl(client)
    assert {"/timetable", "/session", "/help", "/venues", "/urgent"} <= seen_paths
    assert len(seen_paths) > 60  # every venue and every help page


async def test_another_council_needs_no_change_of_code(tmp_path: Path) -> None:
    before = keys()
    folder = Path(__file__).resolve().parents[1] / "councils" / "thornbury_vale"
    world = copy_of(prepare(tmp_path, content=folder), tmp_path / "copy")
    try:
        async with TestClient(TestServer(world.app())) as raw:
            client = PageClient(raw, world)
            assert len(await crawl(client)) > 10
            home = await client.get("/")
    finally:
        world.close()
        use_keys(before)
    assert world.content.council.council["en"] in home.text
    assert "Bexley" not in home.html


async def crawl(client: PageClient) -> set[str]:
    """Follow every link of ours once, sessions by one example. The paths that were seen."""
    seen_paths: set[str] = set()
    todo = ["/"]
    while todo:
        path = todo.pop()
        seen = await client.get(path)
        for href, words in seen.page.links:
            assert words.strip(), f"a link without words to {href} on {path}"
            plain = href.partition("#")[0]
            family = re.sub(r"/session/[^?]+", "/session", plain.partition("?")[0])
            if not plain.startswith("/") or family in seen_paths or plain.startswith("/exit"):
                continue
            if plain.endswith(".ics"):
                continue
            seen_paths.add(family)
            todo.append(plain)
    return seen_paths


async def test_every_page_offers_urgent_help_and_says_demo_and_sample(client: PageClient) -> None:
    for path in PAGES:
        seen = await client.get(path, status=404 if path == "/nowhere" else 200)
        assert seen.link("Urgent help") == "/urgent"
        assert "Demo" in seen.text
        assert "sample" in seen.text


async def test_the_language_of_the_browser_is_used_and_a_choice_is_kept(client: PageClient) -> None:
    seen = await client.get("/", **{"Accept-Language": "xx, pl-PL;q=0.9, en;q=0.1"})
    assert seen.page.lang == "pl"
    chosen = await client.get("/?lang=ar", **{"Accept-Language": "pl"})
    assert chosen.page.lang == "ar"
    assert "/timetable?lang=ar" in [href for href, _ in chosen.page.links]
    unknown = await client.get("/?lang=tlh")
    assert unknown.page.lang == "en"


async def test_words_that_a_language_lacks_are_marked_as_english(client: PageClient) -> None:
    seen = await client.get("/help/weaning?lang=pl")
    assert '<div class="text" lang="en" dir="ltr">' in seen.html


async def test_live_mode_offers_only_languages_that_a_person_approved(world: World) -> None:
    app = world.app(mode=Mode.LIVE, public_url="https://families.example")
    async with TestClient(TestServer(app)) as raw:
        answer = await raw.get("/?lang=pl", headers={"Accept-Language": "ar"})
        html = await answer.text()
    assert '<html lang="en"' in html
    assert "Polski" not in html
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=31536000")
    assert "X-Robots-Tag" not in answer.headers


async def test_sensitive_topics_are_discreet(client: PageClient) -> None:
    topics = client.world.content.topics
    sensitive = [t for t in topics.values() if t.sensitive]
    assert sensitive
    listed = await client.get("/help")
    for topic in sensitive:
        path = listed.link(topic.name["en"])
        assert topic.id not in path
        seen = await client.get(path)
        assert topic.name["en"] not in seen.page.title
        assert seen.headers["Cache-Control"] == "no-store"
        assert seen.link("Exit this page") == "/exit"
        await client.get(f"/help/{topic.id}", status=404)


async def test_files_are_kept_for_a_year_under_a_name_that_changes(client: PageClient) -> None:
    html = (await client.get("/chat")).html
    for path in set(re.findall(r'"(/static/[^"]+)"', html)):
        answer = await client.raw.get(path)
        assert answer.status == 200
        assert "immutable" in answer.headers["Cache-Control"]
        assert not check_headers(answer.headers)
    await client.get("/static/0000000000.style.css", status=404)
    await client.get("/static/..%2fcouncil.yaml", status=404)


async def test_health_robots_and_icon(client: PageClient) -> None:
    for path, kind in (
        ("/healthz", "text/plain"),
        ("/readyz", "text/plain"),
        ("/robots.txt", "text/plain"),
        ("/favicon.ico", "image/svg+xml"),
    ):
        answer = await client.raw.get(path)
        assert (answer.status, answer.content_type) == (200, kind)
        assert not check_headers(answer.headers)


async def test_ready_says_no_when_the_database_is_away(world: World) -> None:
    async with TestClient(TestServer(world.app())) as raw:
        world.store.engine.dispose()
        (world.settings.data_dir / "bot.sqlite3").unlink()
        world.store._read_engine.dispose()
        answer = await raw.get("/readyz")
        assert answer.status == 503


async def test_a_real_programme_is_not_called_a_sample(world: World) -> None:
    def make_real(db) -> None:
        db.get(Fact, PROGRAMME).value = "real:x:y"

    world.store.write_now(make_real)
    async with TestClient(TestServer(world.app())) as raw:
        client = PageClient(raw, world)
        for path in ("/nowhere", "/", "/timetable"):
            seen = await client.get(path, status=404 if path == "/nowhere" else 200)
            assert "sample" not in seen.text


async def test_the_first_visit_to_the_timetable_is_light(client: PageClient) -> None:
    """60 kB in all, counted as they travel; the browser test counts them again on the wire."""
    total = 0
    page = await client.raw.get("/timetable", headers={"Accept-Encoding": "gzip"})
    html = await page.text()
    for path in {"/timetable", *re.findall(r'"(/static/[^"]+)"', html)}:
        answer = await client.raw.get(path, headers={"Accept-Encoding": "gzip"})
        await answer.read()
        total += int(answer.headers.get("Content-Length", 0)) or len(html)
    assert total < 60_000


async def test_another_council_has_its_own_colours_and_words(world: World) -> None:
    content = dataclasses.replace(
        world.content,
        council=dataclasses.replace(world.content.council, colour="#f0e442", ink="#000000"),
    )
    world.content = content
    async with TestClient(TestServer(world.app())) as raw:
        html = await (await raw.get("/")).text()
        path = re.search(r'/static/[^"]+style\.css', html)
        assert path
        css = await (await raw.get(path[0])).text()
    assert "--brand:#f0e442;--on-brand:#000000" in css
    assert "--accent:#f0e442" not in css.partition("@media")[0]  # too pale for a link on white
