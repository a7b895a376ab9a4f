# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Renew all that is generated from the code and committed: ``python tests/tools/tables.py``, or ``make
tables``.
"""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path[:0] = [str(ROOT / ".build" / "collections"), str(ROOT / "tests")]

from tools import readme_tables, role_options

if __name__ == "__main__":
    readme_tables.renew()
    role_options.renew()
