"""The page in a real browser, by clicks and keys, against the data and the netlist."""

from __future__ import annotations

import json

import numpy as np
import pytest
from selenium.webdriver.common.keys import Keys

import trilc
from passes import efforts
from tests.oracles.browser import browser
from tests.report.conftest import TOKENS
from trilc.aig.traverse import reachable
from trilc.report.packing import unpacked

FIND_BIT = """
const canvas = document.querySelector('#modules canvas'), box = canvas.getBoundingClientRect();
const told = (x, y) => {
    canvas.dispatchEvent(new PointerEvent('pointermove', {clientX: box.left + x, clientY: box.top + y}));
    return document.querySelector('.tip.shown')?.textContent ?? '';
};
for (let y = 8; y < box.height - 8; y += 5) for (let x = 8; x < box.width - 60; x += 5) {
    const bit = told(x, y).match(/^h.(\\d+)/)?.[1];
    if (bit && told(x, y + 8) === told(x, y) && told(x + 4, y + 4) === told(x, y)) return [x, y + 4, Number(bit)];
}
return null;
"""
"""Rest the pointer here and there on the map, until it is told which bit is there."""

SECTIONS = ["overview", "text", "bits", "modules", "gates", "automaton", "questions", "figures"]


@pytest.fixture(scope="module")
def window(tmp_path_factory):
    with browser(tmp_path_factory.mktemp("profile")) as opened:
        yield opened


@pytest.fixture
def opened(window, report):
    """The page, just opened; afterwards nobody must have complained, and nothing may have been fetched."""
    window.driver.get("about:blank")
    window.complaints(), window.fetched()
    window.open(report)
    yield window
    assert window.complaints() == []
    outside = {url for url in window.fetched() if not url.startswith(("file:", "data:", "blob:", "about:"))}
    assert outside == set()


def text_of(window, selector):
    return window.script("return document.querySelector(arguments[0]).textContent", selector)


def place(window):
    return window.script("return location.hash")


def test_every_section_is_there(opened, data):
    assert [link.get_attribute("hash") for link in opened.all("#sections a")] == [f"#{name}" for name in SECTIONS]
    for name in SECTIONS:
        opened.click(f"#sections a[href='#{name}']")
        opened.until(lambda name=name: opened.all(f"#sections a[href='#{name}'][aria-current]"))
        assert opened.one(f"#{name} h1, #{name} h2").is_displayed()
    assert text_of(opened, "h1") == data["title"]
    assert opened.all("img") == []
    keys = opened.script("return [...document.querySelectorAll('.key')].map((key) => key.textContent)")
    assert keys == [name.replace(" ", "␣").replace("\u202e", "\\u{202e}") for name in TOKENS]
    assert len(opened.all(".question")) == 2
    assert len(opened.all(".figure svg")) > 4


def test_search_finds_a_bit_a_token_and_a_gate(opened, data, tokens):
    opened.type("/")
    opened.until(lambda: opened.all("#palette[open]"))
    opened.type("h[7]")
    opened.until(lambda: text_of(opened, "#palette li b") == "h[7]")
    opened.type(Keys.ENTER)
    opened.until(lambda: opened.all("#card[data-bit='7']"))
    assert "bit=7" in place(opened)
    assert place(opened).startswith("#bits")
    opened.until(lambda: opened.script("return document.querySelector('#bits').getBoundingClientRect().top < 200"))
    opened.chord(Keys.CONTROL, "k")
    opened.until(lambda: opened.all("#palette[open]"))
    opened.type("a", Keys.ENTER)
    opened.until(lambda: text_of(opened, "#reads") == "a")
    assert f"at={1 + int(np.argmax(tokens == 0))}" in place(opened)
    gate = 1 + len(data["gates"]["inputs"]) + len(data["gates"]["registers"]) + 5
    opened.click("#find")
    opened.type(f"g{gate}", Keys.ENTER)
    opened.until(lambda: text_of(opened, "#gates aside h2") == f"g{gate}")
    opened.click("#find")
    opened.type(Keys.ESCAPE)
    opened.until(lambda: not opened.all("#palette[open]"))


def test_a_click_into_the_waterfall_chooses_bit_and_moment(opened, data):
    opened.click("#text button[data-key='index']")
    high = max(3, min(18, 600 // len(data["bits"]["names"])))
    opened.click_at("#text .fall canvas", 44 + 28 * 9 + 14, 26 + 36 + 4 + high * 3 + high / 2)
    opened.until(lambda: "at=10" in place(opened))
    assert "bit=3" in place(opened)
    assert opened.one("#card").get_attribute("data-bit") == "3"
    states = np.unpackbits(unpacked(data["text"]["states"]), axis=1, bitorder="little")
    for button in opened.all(".cells button"):
        bit = int(button.get_attribute("data-bit"))
        assert button.get_attribute("aria-label") == f"h[{bit}] is {states[10, bit]}"
    opened.type(Keys.ARROW_RIGHT, Keys.ARROW_DOWN)
    opened.until(lambda: "at=11" in place(opened) and "bit=4" in place(opened))
    opened.type(Keys.ENTER)
    opened.until(lambda: place(opened).startswith("#bits"))
    bit, moment = next((bit, card["contexts"][0]) for bit, card in enumerate(data["bits"]["cards"]) if card["contexts"])
    opened.click(f"#bits .tile[data-bit='{bit}']")
    opened.click(f".lines button[data-at='{moment}']")
    opened.until(lambda: f"at={moment}" in place(opened))


def test_a_click_on_a_bit_shows_its_cone(opened, data):
    opened.script("document.querySelector('#modules canvas').scrollIntoView({block: 'center'})")
    into, of = unpacked(data["wiring"]["to"]), unpacked(data["wiring"]["from"])
    opened.until(lambda: opened.script(FIND_BIT))
    x, y, bit = opened.script(FIND_BIT)
    opened.click_at("#modules canvas", x, y)
    opened.until(lambda: text_of(opened, "#modules aside h2") == f"h[{bit}]")
    assert f"bit={bit}" in place(opened)
    for kind, ends, others in (("into", into, of), ("out", of, into)):
        shown = opened.one(f"#modules .{kind}")
        assert int(shown.get_attribute(f"data-{kind}")) == (ends == bit).sum()
        reached, edge, counts = set(), {bit}, []
        while edge := set(others[np.isin(ends, list(edge))].tolist()) - reached:
            reached |= edge
            counts.append(len(reached))
        assert [int(dd.text.replace(",", "")) for dd in shown.find_elements("css selector", "dd")] == counts[:5]


def test_a_gate_shows_its_cone(opened, model, data):
    netlist = trilc.compile(model, None, efforts.pipeline("fast"), keep_state=True)
    opened.script("document.querySelector('#gates canvas').scrollIntoView({block: 'center'})")
    opened.until(lambda: opened.script("return document.querySelector('#gates canvas').dataset.milliseconds"))
    opened.click("#bits .tile[data-bit='2']")
    opened.script("[...document.querySelectorAll('#card button')].find((b) => b.textContent === 'Gates').click()")
    opened.until(lambda: text_of(opened, "#gates aside h2") == netlist.register_names[2])
    cone = reachable(netlist, netlist.next_state[2:3])
    cone[0] = False
    shown = opened.one("#gates .into")
    first = 1 + netlist.num_inputs
    assert int(shown.get_attribute("data-gates")) == cone[netlist.first_and :].sum()
    assert int(shown.get_attribute("data-registers")) == cone[first : netlist.first_and].sum()
    assert int(shown.get_attribute("data-inputs")) == cone[:first].sum()
    above = np.zeros(netlist.num_nodes, bool)
    above[netlist.register_literals[2] >> 1] = True
    for k, (a, b) in enumerate(netlist.fanins >> 1):
        above[netlist.first_and + k] = above[a] | above[b]
    seen = opened.one("#gates .out")
    assert int(seen.get_attribute("data-gates")) == above[netlist.first_and :].sum()
    assert int(seen.get_attribute("data-registers")) == above[netlist.next_state >> 1].sum()
    assert int(seen.get_attribute("data-outputs")) == above[netlist.outputs >> 1].sum()


def test_a_link_brings_the_view_back(window, report):
    window.open(report, "#modules?bit=5&at=77&order=module")
    assert place(window) == "#modules?bit=5&at=77&order=module"
    assert window.one("#card").get_attribute("data-bit") == "5"
    assert text_of(window, "#modules aside h2") == "h[5]"
    assert text_of(window, ".moment h3:not(:only-child)").startswith("token")
    assert window.all("#text button[data-key='module'][aria-pressed='true']")
    assert window.script("return document.querySelector('#modules').getBoundingClientRect().top < 300")
    window.script("location.hash = '#bits?bit=6'")
    window.until(lambda: window.one("#card").get_attribute("data-bit") == "6")
    window.open(report, "#nowhere?bit=99999&at=-3&node=1e9&order=constructor&x=<b>")
    assert window.one("#card").get_attribute("data-bit") is not None
    assert window.complaints() == []


def test_light_and_dark(window, report):
    shots = {}
    for dark in (False, True):
        window.open(report, dark=dark)
        assert window.script("return document.documentElement.dataset.theme") == ("dark" if dark else "light")
        shots[dark] = brightness(window)
    assert shots[False] > 200
    assert shots[True] < 60
    window.click("#theme")
    assert window.script("return document.documentElement.dataset.theme") == "light"
    assert brightness(window) > 200
    assert window.complaints() == []


def brightness(window):
    """The mean of the window's pixels, 0 to 255; the browser itself reads its picture."""
    return window.driver.execute_async_script(
        "const [png, done] = arguments; const image = new Image(); image.onload = () => {"
        "const g = Object.assign(document.createElement('canvas'), {width: 64, height: 64}).getContext('2d');"
        "g.drawImage(image, 0, 0, 64, 64); const found = g.getImageData(0, 0, 64, 64).data;"
        "done(found.reduce((sum, value, k) => sum + (k % 4 < 3 ? value : 0), 0) / (64 * 64 * 3)); };"
        "image.src = 'data:image/png;base64,' + png;",
        window.driver.get_screenshot_as_base64(),
    )


def test_narrow_and_wide_nothing_sticks_out(window, report):
    for width in (390, 768, 1600):
        window.open(report, width=width)
        for name in SECTIONS:
            window.script("document.getElementById(arguments[0]).scrollIntoView()", name)
        assert window.script("return document.documentElement.scrollWidth") <= width
        beyond = window.script(
            "return [...document.querySelectorAll('section > *')]"
            ".filter((e) => e.getBoundingClientRect().right > innerWidth + 1).map((e) => e.className)"
        )
        assert beyond == []


def test_the_data_can_be_saved(window, report, tmp_path):
    window.driver.execute_cdp_cmd("Browser.setDownloadBehavior", {"behavior": "allow", "downloadPath": str(tmp_path)})
    window.open(report)
    window.click("#export")
    window.until(lambda: list(tmp_path.glob("*.json")))
    (saved,) = tmp_path.glob("*.json")
    window.until(lambda: saved.stat().st_size == report.with_suffix(".json").stat().st_size)
    assert saved.read_bytes() == report.with_suffix(".json").read_bytes()
    json.loads(saved.read_text())
