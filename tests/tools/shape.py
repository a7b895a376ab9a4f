# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Keep functions and files small, and say things once: shape.py [FOLDER...]

In the folders (by default plugins and tests/tools) no function has a complexity over 10 (radon's count, which
includes boolean operators) or more than 40 lines; in the emulator, the first. In plugins no file has 300
lines, and no two places share six lines of code; documentation does not count as code.
"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from radon.complexity import cc_visit
from radon.visitors import Class

COMPLEXITY = 10
FUNCTION_LINES = 40
FILE_LINES = 299
SHARED_LINES = 6
DOCUMENTATION = {"DOCUMENTATION", "EXAMPLES", "RETURN"}


def complex_functions(file: Path) -> Iterator[str]:
    """The functions and methods that decide too much."""
    for block in cc_visit(file.read_text(encoding="utf-8")):
        if not isinstance(block, Class) and block.complexity > COMPLEXITY:
            yield f"{file}:{block.lineno}: complexity {block.complexity}, {block.name}: split it"


def long_functions(file: Path) -> Iterator[str]:
    """The functions that do not fit a screen."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            lines = (node.end_lineno or 0) - node.lineno + 1
            if lines > FUNCTION_LINES:
                yield f"{file}:{node.lineno}: {lines} lines, {node.name}: split it"


def long_file(file: Path) -> Iterator[str]:
    """The file itself if it is too long."""
    lines = len(file.read_text(encoding="utf-8").splitlines())
    if lines > FILE_LINES:
        yield f"{file}:1: {lines} lines in the file: split it"


def without_documentation(source: str) -> str:
    """The source with the documentation of its plugin as empty lines."""
    lines = source.splitlines()
    for node in ast.walk(ast.parse(source)):
        target = node.targets[0] if isinstance(node, ast.Assign) else getattr(node, "target", None)
        if isinstance(target, ast.Name) and target.id in DOCUMENTATION:
            lines[target.lineno - 1 : target.end_lineno] = [""]
            for number in range(node.lineno, node.end_lineno or 0):  # type: ignore[attr-defined]
                lines[number] = ""
    return "\n".join(lines) + "\n"


def shared_code(files: list[Path]) -> list[str]:
    """The places with the same lines, as pylint finds them."""
    if not files:
        return []
    with tempfile.TemporaryDirectory() as folder:
        for file in files:
            copy = Path(folder, file)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_text(without_documentation(file.read_text(encoding="utf-8")), encoding="utf-8")
        options = [
            "--duplicates",
            str(SHARED_LINES - 1),  # it tells of what is longer
            "--ignore-comments",
            "--ignore-docstrings",
            "--ignore-imports",
        ]
        command = [sys.executable, "-m", "pylint.checkers.symilar", *options, *map(str, files)]
        report = subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout
    groups = re.findall(r"^(\d+) similar lines in .*\n((?:==.*\n)+)", report, re.MULTILINE)
    return [
        f"{' and '.join(places.replace('==', '').split())}: {lines} lines shared: say them once"
        for lines, places in groups
    ]


def main(folders: list[str]) -> int:
    """Print what is too big; returns the exit status."""
    files = [file for folder in folders for file in sorted(Path(folder).rglob("*.py"))]
    shipped = [file for file in files if file.parts[0] == "plugins"]
    findings: list[str] = []
    for file in files:
        findings += (*complex_functions(file), *long_functions(file))
    for file in shipped:
        findings += long_file(file)
    findings += shared_code(shipped)
    # The vendors' records are long tables, so only what decides is counted there.
    for file in sorted(Path("tests/emulator").rglob("*.py")):
        findings += complex_functions(file)
    for finding in findings:
        print(finding)
    print(f"shape: {'FAILED' if findings else 'passed'}, {len(files)} files, {len(findings)} findings")
    return int(bool(findings))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:] or ["plugins", "tests/tools"]))
