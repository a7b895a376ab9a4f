# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A made-up run with every outcome in it, the same at each call: what the page is looked at with."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from typing import Any

from ansible_collections.reforge.cloud.plugins.module_utils.core.clock import iso
from ansible_collections.reforge.cloud.plugins.plugin_utils.report.document import report_of
from ansible_collections.reforge.cloud.plugins.plugin_utils.text.words import counted

BEGAN = 1_760_000_000.0
OLD, NEW = "debian12_20240701", "debian13_20260115"
EVIL = "</script><script>window.broken = 1</script><img src=x onerror='window.broken = 2'>"
GROUPS = (
    ("zenlayer_zec", "asia-east-1"),
    ("tencent_cvm", "ap-tokyo"),
    ("tencent_lighthouse", "eu-frankfurt"),
)
ADVICE = "Contact the vendor's support; a later run tries the reset again."
# The outcome of every 20th host, by the rest of its number; all others are reset.
SPECIAL = {4: "failed", 7: "refused", 9: "unchanged", 12: "timeout", 14: "unknown", 17: "not proven"}
MESSAGES = {
    "reset": "the installed image is another one",
    "failed": "the provider shows REINSTALL_FAILED",
    "refused": "it carries the tag reforge-protect",
    "unchanged": "the image is installed, and its last reset did not fail",
    "timeout": "its end was not seen within 600 s, its state is REBUILDING",
    "unknown": "the request got no answer, and the record would look the same either way",
    "not proven": "the installed image is another one",
}
CODES = {"failed": "REINSTALL_FAILED", "timeout": "TIMEOUT", "unknown": "NO_ANSWER"}
PROBLEM = "the provider reports the reset as done, but the same installation answers"


class Story:
    """One host's row and events; ``chance`` makes its times."""

    def __init__(self, number: int, outcome: str, chance: random.Random) -> None:
        self.provider, self.region = GROUPS[number % len(GROUPS)]
        self.id, self.outcome = f"ins-{number:05}", outcome
        self.name = f"{('web', 'edge', 'db')[number % 3]}-{number:04}.example.net"
        sent = BEGAN + 1 + number * 0.02 + chance.uniform(0, 4)
        times = [
            sent,
            sent + chance.uniform(5, 14),
            sent + chance.uniform(70, 130),
            sent + chance.uniform(132, 170),
        ]
        if outcome == "failed":
            times[2:] = [times[1] + 30, times[1] + 30]
        elif outcome in ("timeout", "unknown"):
            times[2:] = [sent + 250, sent + 250]
        self.stop, self.install, self.boot, self.end = times

    def events(self) -> Iterator[str]:
        """The lines of the events file."""
        if self.outcome in ("refused", "unchanged"):
            yield self._line(BEGAN + 0.5, "planned", "running")
            return
        yield self._line(BEGAN + 0.5, "planned", "running")
        yield self._line(self.stop, "sent", "running", verb="stop", answer="accepted")
        yield self._line(self.install, "sent", "stopped", verb="reset", answer="accepted")
        yield self._line(self.install + 2, "seen", "resetting")
        if self.boot < self.end:
            yield self._line(self.boot, "seen", "running")
        yield self._line(self.end, "ended", "running", outcome=self.outcome)

    def _line(self, time: float, event: str, status: str, **more: str) -> str:
        return json.dumps(
            {
                "time": time,
                "event": event,
                "provider": self.provider,
                "instance_id": self.id,
                "status": status,
                "vendor_status": status.upper(),
                **more,
            }
        )

    def row(self) -> dict[str, Any]:
        """The row of the result."""
        acted = self.outcome not in ("refused", "unchanged")
        done = self.outcome in ("reset", "not proven")
        request = f"{int(self.id[4:]) * 7919:08x}-5f0c-4f57-9d0e-7a2b5c1d9e10"
        code = CODES.get(self.outcome)
        state = {"image": OLD, "status": "running", "vendor_status": "RUNNING", "zone": f"{self.region}a"}
        return {
            "instance_id": self.id,
            "name": self.name.split(".")[0],
            "group": f"{self.provider} {self.region}",
            "verdict": "reset" if acted else self.outcome,
            "reason": "image_differs" if acted else "protected",
            "message": MESSAGES[self.outcome],
            "problem": PROBLEM if self.outcome == "not proven" else None,
            "outcome": self.outcome,
            "changed": acted,
            "before": state,
            "after": {**state, "image": NEW if done else OLD} if acted else None,
            "erases": [f"disk-{self.id[4:]}"] if acted else [],
            "request_ids": [request] if acted else [],
            "started_at": iso(self.stop) if acted else None,
            "finished_at": iso(self.end) if acted else None,
            "seconds": round(self.end - self.stop, 1) if acted else None,
            "error": {
                "code": code,
                "message": MESSAGES[self.outcome],
                "request_id": request,
                "advice": ADVICE,
            }
            if code
            else None,
        }


def sample(count: int, *evil: str) -> dict[str, Any]:
    """A report of so many hosts; the first ones are named by ``evil``."""
    chance = random.Random(7)
    stories = [Story(number, SPECIAL.get(number % 20, "reset"), chance) for number in range(count)]
    hosts = dict(zip([*evil, *(story.name for story in stories[len(evil) :])], stories))
    last = max(story.end for story in stories)
    systems = {
        host: {
            "ssh_began": last + 2,
            "ssh_ready": last + chance.uniform(6, 30),
            "proof": "same" if story.outcome == "not proven" else "identity",
        }
        for host, story in hosts.items()
        if story.outcome in ("reset", "not proven")
    }
    again = [
        host
        for host, story in hosts.items()
        if story.outcome in ("failed", "timeout", "unknown", "not proven")
    ]
    refused = counted(sum(story.outcome == "refused" for story in stories), "host")
    command = "ansible-playbook reforge.cloud.rebuild -i fleet.reforge.yml --limit @rebuild.limit"
    return report_of(
        {host: story.row() for host, story in hosts.items()},
        BEGAN,
        last + 32,
        events=[line for story in stories for line in story.events()],
        systems=systems,
        run_id="2025-10-09-web",
        again=again,
        command=f"{command} -e rebuild_confirm={len(again)}" if again else None,
        caveats=[f"{refused} refused: not included until the cause is fixed."] if again else (),
    )
