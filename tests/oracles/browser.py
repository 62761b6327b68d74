"""Chromium without a window, driven as a person would: by clicks and keys."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By

from tests.oracles.tools import find, missing

FLAGS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--hide-scrollbars",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
)  # fmt: skip
PATIENCE = 30
"""Seconds until something that is waited for is taken to be missing."""


class Browser:
    """One window. Whatever it fetches and whatever its console says is kept."""

    def __init__(self, driver: webdriver.Chrome) -> None:
        self.driver = driver

    def open(self, page: Path, place: str = "", width: int = 1280, dark: bool = False) -> None:
        """Open a file from the disk, and wait until it is drawn."""
        self.driver.execute_cdp_cmd(
            "Emulation.setDeviceMetricsOverride",
            {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False},
        )
        scheme = [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": scheme})
        self.driver.get("about:blank")
        self.driver.get(f"{page.as_uri()}{place}")
        self.until(lambda: self.script("return document.documentElement.dataset.ready"))

    def script(self, text: str, *arguments: Any) -> Any:
        """What a function's body returns."""
        return self.driver.execute_script(text, *arguments)

    def all(self, selector: str) -> list[Any]:
        """Elements, by a selector of CSS."""
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def one(self, selector: str) -> Any:
        """The first of them, once there is one."""
        self.until(lambda: self.all(selector))
        return self.all(selector)[0]

    def click(self, selector: str) -> None:
        """Click the middle of an element, with the mouse."""
        element = self.one(selector)
        self.script("arguments[0].scrollIntoView({block: 'center'})", element)
        element.click()

    def click_at(self, selector: str, x: float, y: float) -> None:
        """Click so many pixels right of and below an element's corner."""
        element = self.one(selector)
        self.script("arguments[0].scrollIntoView({block: 'center'})", element)
        wide, high = self.script("const b = arguments[0].getBoundingClientRect(); return [b.width, b.height]", element)
        actions = ActionChains(self.driver, duration=0)
        actions.move_to_element_with_offset(element, round(x - wide / 2), round(y - high / 2)).click().perform()

    def type(self, *keys: str) -> None:
        """Keys for whatever has the focus."""
        actions = ActionChains(self.driver, duration=0)
        for key in keys:
            actions.send_keys(key)
        actions.perform()

    def chord(self, held: str, key: str) -> None:
        """A key while another is held."""
        ActionChains(self.driver, duration=0).key_down(held).send_keys(key).key_up(held).perform()

    def until(self, holds: Callable[[], Any]) -> None:
        """Wait until something holds."""
        end = time.monotonic() + PATIENCE
        while not holds():
            assert time.monotonic() < end, f"not so within {PATIENCE} s"
            time.sleep(0.02)

    def complaints(self) -> list[str]:
        """What the console said since this was asked last."""
        return [entry["message"] for entry in self.driver.get_log("browser")]

    def fetched(self) -> set[str]:
        """Addresses that were asked for since this was asked last."""
        events = [json.loads(entry["message"])["message"] for entry in self.driver.get_log("performance")]
        asked = [event["params"] for event in events if event["method"] == "Network.requestWillBeSent"]
        return {event["request"]["url"] for event in asked}


@contextmanager
def browser(profile: Path) -> Iterator[Browser]:
    """A browser with a profile of its own; the test is skipped where there is none (see :mod:`tests.oracles.tools`)."""
    program, driver = find("chromium"), find("chromedriver")
    if program is None or driver is None:
        missing("chromium with chromedriver")
    options = Options()
    options.binary_location = str(program)
    for flag in (*FLAGS, f"--user-data-dir={profile}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    window = webdriver.Chrome(options=options, service=Service(str(driver)))
    try:
        yield Browser(window)
    finally:
        window.quit()
