# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Check the Python code, and the JavaScript of the pages, by all means, also when one finds something:
lint.py [NAME...]

The names are those of CHECKS; without any, all are run. It takes about 15 seconds.
"""

from __future__ import annotations

import subprocess
import sys

CHECKS = {
    "format": ("ruff", "format", "--check", "."),
    "ruff": ("ruff", "check", "--output-format", "concise", "."),
    "mypy": ("mypy", "--no-error-summary"),
    "oxlint": ("oxlint", "--deny-warnings", "plugins", "tests"),
    "shape": (sys.executable, "tests/tools/shape.py"),
}


def check(name: str) -> bool:
    """Run one check, print what it finds and a verdict, and return whether it found nothing."""
    passed = subprocess.run(CHECKS[name], check=False).returncode == 0
    if name != "shape":  # which says so itself
        print(f"{name}: {'passed' if passed else 'FAILED'}", flush=True)
    return passed


if __name__ == "__main__":
    unknown = [name for name in sys.argv[1:] if name not in CHECKS]
    if unknown:
        sys.exit(f"lint: unknown check {unknown[0]}; there are {', '.join(CHECKS)}")
    verdicts = [check(name) for name in sys.argv[1:] or CHECKS]
    sys.exit(not all(verdicts))
