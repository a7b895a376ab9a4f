# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Writes all results as one JSON document to standard output when the play has ended, as ansible.posix.json
does.
"""

from __future__ import annotations

import json
from typing import Any

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
name: json_document
type: stdout
short_description: One document for the tests
description: Results by host, of those tasks that did not fail.
"""


class CallbackModule(CallbackBase):
    """Chosen by ANSIBLE_STDOUT_CALLBACK=json_document."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "stdout"
    CALLBACK_NAME = "json_document"

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.results: list[dict[str, Any]] = []

    def v2_runner_on_ok(self, result: Any) -> None:
        self.results.append({"host": result._host.get_name(), "msg": result._result.get("msg")})

    def v2_playbook_on_stats(self, stats: Any) -> None:
        self._display.display(json.dumps(self.results))
