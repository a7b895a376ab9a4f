# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What a run has on this machine while it lasts: a folder, and what is to be said should it end too early.

Tasks run in processes that are forked from the one that has loaded this file. It is the last one to end, also
after Ctrl-C, or when a play has lost all its hosts; it removes the folder and has the last word.
"""

from __future__ import annotations

import atexit
import os
import shutil
import signal
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from ..text.screen import show

OWNER = os.getpid()
FOLDER = os.path.join(tempfile.gettempdir(), f"reforge-{OWNER}-{os.urandom(8).hex()}")
NOTHING_SENT = (
    "\nThe run was interrupted before anything was sent. To continue, run the same command again.\n"
)
LAST_WORDS = os.path.join(FOLDER, "last-words")
SENT_AGAIN = 0.05  # seconds after which Ctrl-C is sent again, when the fork in which it was lost is over


def run_folder() -> str:
    """The folder of this run, for its owner only; all that is in it is removed at the end of the run."""
    if not os.path.isdir(FOLDER):
        os.mkdir(FOLDER, 0o700)
    return FOLDER


def say_at_end(text: str) -> None:
    """Show the text at the end of the run, unless ``have_said`` or another text comes before it."""
    run_folder()
    with open(f"{LAST_WORDS}.new", "w", encoding="utf-8") as file:
        file.write(text)
    os.replace(f"{LAST_WORDS}.new", LAST_WORDS)


def have_said() -> None:
    """Nothing has to be shown at the end any more."""
    with suppress(FileNotFoundError):
        os.unlink(LAST_WORDS)


@contextmanager
def said_if_stopped(text: str) -> Iterator[None]:
    """Show this text instead, unless it is empty, if the run is stopped while it is in this context."""
    before = _last_words()
    if text:
        say_at_end(text)
    try:
        yield
    finally:
        if before:
            say_at_end(before)
        else:
            have_said()


def _last_words() -> str:
    try:
        with open(LAST_WORDS, encoding="utf-8") as file:
            return file.read()
    except OSError:
        return ""


def keep_interrupts() -> None:
    """Send Ctrl-C again where Python has lost it.

    An exception in what Python calls after a fork is only reported, and ansible-core forks for each task: a
    KeyboardInterrupt that is raised there, in the lock of logging, would let the play go on.
    """
    report = sys.unraisablehook

    def hook(lost: sys.UnraisableHookArgs) -> None:
        if os.getpid() != OWNER or lost.exc_type is not KeyboardInterrupt:
            report(lost)
            return
        timer = threading.Timer(SENT_AGAIN, os.kill, (OWNER, signal.SIGINT))
        timer.daemon = True
        timer.start()

    sys.unraisablehook = hook


keep_interrupts()


@atexit.register
def _end_run() -> None:
    if os.getpid() != OWNER:
        return
    text = _last_words()
    shutil.rmtree(FOLDER, ignore_errors=True)
    if text:
        show(text)
