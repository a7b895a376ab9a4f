# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Values as people read them in a terminal or a log."""

from __future__ import annotations

from ...module_utils.core.text import printable


def last_line(text: str) -> str:
    """The last line that says something, as printable text: programs say why after their banners."""
    lines = [line for line in text.splitlines() if line.strip()]
    return printable(lines[-1]) if lines else ""


def advised(text: str, advice: str | None) -> str:
    """The text as a sentence, and after it what to do, unless it says so already."""
    return f"{text.rstrip('.')}. {advice}" if advice and advice not in text else text


def counted(count: int, noun: str) -> str:
    """A number with its noun: 1 host, 2 hosts."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def duration(seconds: float | None) -> str:
    """Seconds as people write them: 42 s, 3 min 20 s."""
    if seconds is None:
        return ""
    whole = round(seconds)
    return f"{whole} s" if whole < 60 else f"{whole // 60} min {whole % 60} s"


def age(seconds: float | None) -> str:
    """How long ago something was: 40 s, 3 min, 5 h, 12 d."""
    if seconds is None:
        return ""
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{int(seconds // size)} {unit}"
    return f"{int(seconds)} s"
