# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Whether what a call did and said is right, by the contract and by what really happened on the stage.

Every sentence that comes back is a defect.
"""

from __future__ import annotations

import calendar
import time
from collections.abc import Iterator
from typing import Any

from emulator.model import Operation
from histories.stage import Call, Stage

DAY = 86400.0
LAG = 16.0  # how far a look may lag behind
STARTS = ("reboot", "reset", "start")


class Judge:
    """Looks at each call when it is over.

    ``claimed`` are the operations that a call has called its own success.
    """

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._claimed: dict[str, Call] = {}

    def problems(self, call: Call) -> list[str]:
        """All that is wrong with the last call."""
        found = []
        for instance_id in call.params["instance_ids"]:
            found += [f"{instance_id}: {problem}" for problem in self._sent(call, instance_id)]
            row = call.rows.get(instance_id)
            if row and row["outcome"]:
                said = f"{instance_id}: {call.verb} says {row['outcome']} ({row['reason']})"
                found += [f"{said}, {problem}" for problem in self._said(call, row, instance_id)]
        if call.check_mode and call.request_ids:
            found.append("check mode had something done")
        return found

    # what it did

    def _sent(self, call: Call, instance_id: str) -> Iterator[str]:
        """What a call may send: what was asked for, once, and nothing that an earlier call has begun
        already.
        """
        ours = [one for one in self._operations(instance_id, call.verb) if one.request_id in call.request_ids]
        if len(ours) > 1 and call.verb == "reset":
            yield f"wiped {len(ours)} times by one call"
        for deed in ours[:1]:
            yield from self._needless(call, instance_id, deed)

    def _needless(self, call: Call, instance_id: str, deed: Operation) -> Iterator[str]:
        """Whether the deed repeats what the ledger says was asked for already, or undoes what is as it should
        be.
        """
        if not call.params["ledger"]:
            return
        run_id = call.params.get("run_id")
        for earlier in self._stage.calls[: self._stage.calls.index(call)]:
            if earlier.verb != call.verb or not earlier.params["ledger"]:
                continue
            theirs = self._of(earlier, instance_id)
            succeeded = [one for one in theirs if one.succeeds and self._target(call) == _image(one)]
            if run_id and earlier.params.get("run_id") == run_id and succeeded:
                yield f"{call.verb} once more under the run id {run_id}"
            lately = deed.started - earlier.began < DAY and self._same_target(earlier, call)
            nameless = self._both_nameless(earlier, call) and self._unseen(earlier, instance_id)
            if lately and nameless and succeeded:
                yield f"{call.verb} once more, although the end of an earlier one was wanted and not seen"

    def _unseen(self, earlier: Call, instance_id: str) -> bool:
        """Whether no call since has told of the end."""
        if earlier.killed:
            unseen = True
        else:
            row = earlier.rows.get(instance_id)
            unseen = (bool(row) and row["outcome"] == "timeout") or (
                bool(row) and row["reason"] == "not_seen"
            )
        later = self._stage.calls[self._stage.calls.index(earlier) + 1 : -1]
        told = any(one.verb == earlier.verb and not one.check_mode for one in later)
        return unseen and not told

    @staticmethod
    def _both_nameless(earlier: Call, call: Call) -> bool:
        return not earlier.params.get("run_id") and not call.params.get("run_id")

    def _same_target(self, earlier: Call, call: Call) -> bool:
        return self._target(earlier) == self._target(call)

    # what it said

    def _said(self, call: Call, row: Any, instance_id: str) -> Iterator[str]:
        checks = {
            "reset": self._says_reset,
            "rebooted": self._says_rebooted,
            "unchanged": self._says_unchanged,
            "failed": self._says_failed,
            "refused": self._says_nothing_done,
        }
        check = checks.get(row["outcome"])
        if check:
            yield from check(call, row, instance_id)

    def _says_reset(self, call: Call, row: Any, instance_id: str) -> Iterator[str]:
        """One that ended well with the image, in the time of the call or of the request that it continues;
        once.
        """
        since = _moment(row["continued_since"]) or call.began
        image = self._target(call) or (row["before"] or {}).get("image")
        proofs = [
            one
            for one in self._operations(instance_id, "reset")
            if one.succeeds and _image(one) == image and since - LAG <= one.ends <= call.ended
        ]
        if not proofs:
            yield "and no reset to the image ended then"
            return
        fresh = [one for one in proofs if one.request_id not in self._claimed or row["reason"] == "attached"]
        if not fresh:
            yield "for a reset that an earlier call has reported already"
        else:
            self._claimed[fresh[-1].request_id] = call

    def _says_rebooted(self, call: Call, row: Any, instance_id: str) -> Iterator[str]:
        since = _moment(row["continued_since"]) or call.began
        boots = [
            one
            for kind in STARTS
            for one in self._operations(instance_id, kind)
            if one.succeeds and since - LAG <= one.ends <= call.ended
        ]
        if not boots:
            yield "and it did not boot then"

    def _says_unchanged(self, call: Call, row: Any, instance_id: str) -> Iterator[str]:
        truth = self._stage.fleet.look(instance_id)
        if call.verb == "reset" and row["reason"] == "image_matches":
            if truth is None or truth.image_id != self._target(call):
                yield "and it runs another image"
            if self._broken(call, instance_id):
                yield "and its last reset failed, as the ledger knows"
        if row["reason"] == "done_in_run" and not any(
            one.succeeds and _image(one) == self._target(call)
            for earlier in self._stage.calls
            if earlier.params.get("run_id") == call.params.get("run_id")
            for one in self._of(earlier, instance_id)
        ):
            yield "and nothing was done under the run id"
        booted = (one.succeeds for kind in STARTS for one in self._operations(instance_id, kind))
        if row["reason"] == "rebooted_since" and not any(booted):
            yield "and it never booted"

    def _says_failed(self, call: Call, row: Any, instance_id: str) -> Iterator[str]:
        """What had a good end is no failure."""
        ours = self._of(call, instance_id)
        if any(one.succeeds and one.ends <= call.ended - LAG for one in ours):
            yield "and it was done"

    def _says_nothing_done(self, call: Call, row: Any, instance_id: str) -> Iterator[str]:
        if self._of(call, instance_id):
            yield f"and a {call.verb} was done"

    def _broken(self, call: Call, instance_id: str) -> bool:
        """Whether a call before this one said that a reset of ours failed, and none has succeeded since."""
        broken = False
        for earlier in self._stage.calls[: self._stage.calls.index(call)]:
            row = earlier.rows.get(instance_id)
            if earlier.verb != "reset" or not earlier.params["ledger"] or row is None or earlier.check_mode:
                continue
            if row["outcome"] == "failed" and any(not one.succeeds for one in self._of(earlier, instance_id)):
                broken = True
            if row["outcome"] == "reset":
                broken = False
        return broken

    # the truth

    def _operations(self, instance_id: str, kind: str) -> list[Operation]:
        return [one for one in self._stage.fleet.history(instance_id) if one.kind == kind]

    def _of(self, call: Call, instance_id: str) -> list[Operation]:
        kinds = {"reset": "reset", "reboot": "reboot"}.get(call.verb, "")
        return [one for one in self._operations(instance_id, kinds) if one.request_id in call.request_ids]

    @staticmethod
    def _target(call: Call) -> str:
        return call.params.get("image_id") or ""


def _image(operation: Operation) -> str:
    return str({**operation.changes, **operation.results}.get("image_id", ""))


def _moment(text: str | None) -> float:
    """Seconds since 1970, 0 for none."""
    return float(calendar.timegm(time.strptime(text, "%Y-%m-%dT%H:%M:%SZ"))) if text else 0.0
