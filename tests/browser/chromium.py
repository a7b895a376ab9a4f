# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Drives a headless Chromium by its DevTools protocol over two pipes: no driver, no port, no package."""

from __future__ import annotations

import base64
import itertools
import json
import os
import select
import shutil
import subprocess
import time
from pathlib import Path
from typing import Any

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-sync",
    "--disable-background-networking",
    "--disable-component-update",
    "--remote-debugging-pipe",
)
SECONDS = 60.0  # for any one answer
KEYS = {"Tab": 9, "Enter": 13, "Escape": 27, "Space": 32}


def find_chromium() -> str | None:
    """The path of a browser on this machine, if there is one."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


class BrowserError(Exception):
    """The browser ended, did not answer in time, or says that what it was asked for is wrong."""


class Chromium:
    """A browser with one empty page.

    What the page logs, throws and asks the network for is kept in ``received``.
    """

    def __init__(self, program: str, profile: Path) -> None:
        from_us, to_browser = os.pipe()
        from_browser, to_us = os.pipe()
        # The browser reads its file descriptor 3 and writes its 4.
        redirect = 'exec "$@" 3<&0 4>&1 </dev/null >/dev/null'
        command = ["sh", "-c", redirect, "sh", program, *FLAGS, f"--user-data-dir={profile}", "about:blank"]
        self._process = subprocess.Popen(command, stdin=from_us, stdout=to_us, stderr=subprocess.DEVNULL)
        os.close(from_us)
        os.close(to_us)
        self._write, self._read = to_browser, from_browser
        self._received, self._numbers, self._session = b"", itertools.count(1), ""
        self.received: list[dict[str, Any]] = []
        try:
            self._attach()
        except (BrowserError, OSError):
            self.close()
            raise

    def close(self) -> None:
        """End the browser and wait until it has gone."""
        try:
            self.send("Browser.close")
        except (BrowserError, OSError):
            self._process.kill()
        self._process.wait(SECONDS)
        os.close(self._write)
        os.close(self._read)

    def send(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Ask for something and wait for the answer."""
        number = next(self._numbers)
        message = {"id": number, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._write, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._next()
            if answer.get("id") != number:
                self.received.append(answer)
            elif "error" in answer:
                raise BrowserError(f"{method}: {answer['error']}")
            else:
                return answer["result"]

    def open(self, address: str) -> None:
        """Load a page and wait for its end."""
        self.received.clear()
        self.send("Page.navigate", url=address)
        while not any(event.get("method") == "Page.loadEventFired" for event in self.received):
            self.received.append(self._next())

    def run(self, script: str) -> Any:
        """The value of an expression in the page; a promise is waited for."""
        answer = self.send("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            raise BrowserError(f"{script}: {answer['exceptionDetails']}")
        return answer["result"].get("value")

    def press(self, key: str, shift: bool = False) -> None:
        """Press a key as a person does."""
        text = {"Enter": "\r", "Space": " "}.get(key, "")
        code = {
            "key": " " if key == "Space" else key,
            "code": key,
            "windowsVirtualKeyCode": KEYS[key],
            "modifiers": 8 if shift else 0,
        }
        self.send("Input.dispatchKeyEvent", type="keyDown" if text else "rawKeyDown", text=text, **code)
        self.send("Input.dispatchKeyEvent", type="keyUp", **code)

    def type(self, text: str) -> None:
        """Write into what has the focus."""
        self.send("Input.insertText", text=text)

    def look(
        self, scheme: str = "light", media: str = "screen", width: int = 1280, height: int = 900
    ) -> None:
        """How the page is looked at from now on."""
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        self.send("Emulation.setEmulatedMedia", media=media, features=features)
        self.send(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=False,
        )

    def screenshot(self, path: Path, full: bool = False) -> None:
        """Keep what is seen, or all of the page, as PNG."""
        answer = self.send("Page.captureScreenshot", captureBeyondViewport=full)
        path.write_bytes(base64.b64decode(answer["data"]))

    def paper(self) -> bytes:
        """The page as it is printed, as PDF."""
        answer = self.send("Page.printToPDF", preferCSSPageSize=True, printBackground=False)
        return base64.b64decode(answer["data"])

    def events(self, method: str) -> list[dict[str, Any]]:
        """The parameters of the events of a kind since the page was opened."""
        self.run("0")  # what came before this answer has arrived
        return [event["params"] for event in self.received if event.get("method") == method]

    def _attach(self) -> None:
        targets = self.send("Target.getTargets")["targetInfos"]
        page = next(target["targetId"] for target in targets if target["type"] == "page")
        self._session = self.send("Target.attachToTarget", targetId=page, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.send(f"{domain}.enable")

    def _next(self) -> dict[str, Any]:
        until = time.monotonic() + SECONDS
        while b"\0" not in self._received:
            ready, _writable, _failed = select.select(
                [self._read], [], [], max(0.0, until - time.monotonic())
            )
            received = os.read(self._read, 1 << 20) if ready else b""
            if not received:
                raise BrowserError("the browser ended" if ready else f"no answer within {SECONDS:.0f} s")
            self._received += received
        message, _end, self._received = self._received.partition(b"\0")
        return json.loads(message)


def complaints(browser: Chromium) -> list[object]:
    """What the page logged or threw, and what the browser held against it, such as a breach of its policy."""
    kinds = ("Runtime.exceptionThrown", "Log.entryAdded", "Runtime.consoleAPICalled")
    return [event for kind in kinds for event in browser.events(kind)]
