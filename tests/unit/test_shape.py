# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The check of sizes finds what is too long, too complex or there twice."""

from __future__ import annotations

import pytest

from tools import shape

LONG = "def long():\n" + "    print()\n" * shape.FUNCTION_LINES
BUSY = "def busy(x):\n    return " + " or ".join(f"x == {n} and x" for n in range(6)) + "\n"
LINES = "".join(f"    value_{n} = some_call({n}, more={n})\n" for n in range(shape.SHARED_LINES))
FIRST, SECOND = f"def first():\n{LINES}", f"def second():\n{LINES}"
DOCUMENTED = 'DOCUMENTATION = r"""\n' + "".join(f"line {n}: text\n" for n in range(20)) + '"""\n'


@pytest.fixture
def check(tmp_path, monkeypatch):
    """Check files with these sources, as if they were plugins; returns the findings."""
    monkeypatch.chdir(tmp_path)

    def run(capsys, **sources):
        (tmp_path / "plugins").mkdir()
        for name, source in sources.items():
            (tmp_path / "plugins" / f"{name}.py").write_text(source, encoding="utf-8")
        status = shape.main(["plugins"])
        *findings, verdict = capsys.readouterr().out.splitlines()
        assert verdict.startswith("shape: FAILED" if status else "shape: passed")
        return findings

    return run


@pytest.mark.parametrize(
    "source, finding",
    [
        (LONG, "plugins/one.py:1: 41 lines, long: split it"),
        (BUSY, "plugins/one.py:1: complexity 12, busy: split it"),
        ("x = 1\n" * 301, "plugins/one.py:1: 301 lines in the file: split it"),
    ],
    ids=["long", "busy", "big"],
)
def test_what_is_too_big_is_named_with_its_line(check, capsys, source, finding):
    assert check(capsys, one=source) == [finding]


def test_code_in_two_places_is_named_once(check, capsys):
    (finding,) = check(capsys, one=FIRST, two=SECOND)
    assert "plugins/one.py" in finding and "plugins/two.py" in finding and "say them once" in finding


def test_documentation_may_be_alike(check, capsys):
    assert check(capsys, one=DOCUMENTED + "x = 1\n", two=DOCUMENTED + "y = 2\n") == []


def test_small_and_different_is_fine(check, capsys):
    assert check(capsys, one="x = 1\n", two="def two():\n    return 2\n") == []
