#!/usr/bin/python
# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A module that does nothing but print a result as large as that of a reset of 10,000 instances."""

from __future__ import annotations

import json

ROW = {f"field{number}": "x" * 30 for number in range(20)}

print(json.dumps({"changed": False, "instances": [ROW] * 10_000}))
