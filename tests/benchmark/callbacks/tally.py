# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Counts the tasks of a play, and the results of single hosts, for the one who measures."""

from __future__ import annotations

import json
import os
from collections import Counter
from typing import Any

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
name: tally
type: notification
short_description: Numbers of tasks and results
description: One JSON object into the file that REFORGE_TALLY names.
"""


class CallbackModule(CallbackBase):
    """Enabled by ANSIBLE_CALLBACKS_ENABLED=tally."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "notification"
    CALLBACK_NAME = "tally"
    CALLBACK_NEEDS_ENABLED = True

    def __init__(self) -> None:
        super().__init__()
        self._counts: Counter[str] = Counter()

    def v2_playbook_on_task_start(self, task: Any, is_conditional: bool) -> None:
        self._counts["tasks"] += 1

    def v2_runner_on_ok(self, result: Any) -> None:
        self._counts["results"] += 1

    def v2_runner_on_failed(self, result: Any, ignore_errors: bool = False) -> None:
        self._counts["results"] += 1

    def v2_runner_on_skipped(self, result: Any) -> None:
        self._counts["results"] += 1

    def v2_runner_on_unreachable(self, result: Any) -> None:
        self._counts["results"] += 1

    def v2_playbook_on_stats(self, stats: Any) -> None:
        with open(os.environ["REFORGE_TALLY"], "w", encoding="utf-8") as file:
            json.dump(self._counts, file)
