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
KINDS = {"reset": "reset", "reboot": "reboot", "password": "password"}
REACHED = ("reset", "rebooted", "password_set")
DONE = ("done_in_run", "done_meanwhile", "rebooted_since")


class Judge:
    """Looks at each call when it is over.

    ``claimed`` are the operations that a call has called its own success.
    """

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._claimed: dict[tuple[str, str], Call] = {}  # by instance and request: one request may reset many

    def problems(self, call: Call) -> list[str]:
        """All that is wrong with the last call."""
        found = []
        for instance_id in call.ids:
            found += [f"{instance_id}: {problem}" for problem in self._sent(call, instance_id)]
            row = call.rows.get(instance_id)
            if row and row["outcome"]:
                claim = f"{instance_id}: {call.verb} says {row['outcome']} ({row['reason']})"
                found += [f"{claim}, {problem}" for problem in self._said(call, row, instance_id)]
        if call.check_mode and call.request_ids:
            found.append("check mode had something done")
        return found

    # what it did

    def _sent(self, call: Call, instance_id: str) -> Iterator[str]:
        """What a call may send: what was asked for, once, and nothing that an earlier call has begun
        already.
        """
        ours = self._of(call, instance_id)
        if len(ours) > 1 and call.verb == "reset":
            yield f"wiped {len(ours)} times by one call"
        for deed in ours[:1]:
            yield from self._wrong_image(call, instance_id, deed)
            yield from self._needless(call, instance_id, deed)
            yield from self._under_its_name(call, instance_id, deed)
            yield from self._unfinished(call, instance_id, deed)

    def _wrong_image(self, call: Call, instance_id: str, deed: Operation) -> Iterator[str]:
        before = {truth.image_id for truth in self._truths(instance_id, call.began - LAG, deed.started)}
        if call.verb == "reset" and _image(deed) not in ({_target(call)} if _target(call) else before):
            yield f"installed {_image(deed)}, which was not asked for"

    def _needless(self, call: Call, instance_id: str, deed: Operation) -> Iterator[str]:
        """Without force, what runs the image already, whole, is left alone."""
        if call.verb != "reset" or call.params["force"] or self._broken(call, instance_id):
            return
        truths = self._truths(instance_id, call.began - LAG, deed.started)
        if {(truth.image_id, truth.status in ("running", "stopped")) for truth in truths} == {
            (_target(call), True)
        }:
            yield "wiped, although it ran the image already"

    def _under_its_name(self, call: Call, instance_id: str, deed: Operation) -> Iterator[str]:
        """What was done under a run id stays done, and it stands for one image."""
        run_id = call.params.get("run_id")
        for other in self._others(call) if run_id else ():
            if other.params.get("run_id") != run_id:
                continue
            theirs = [
                operation for operation in self._of(other, instance_id) if operation.started < deed.started
            ]
            if any(operation.succeeds and _image(operation) == _image(deed) for operation in theirs):
                yield f"{call.verb} once more under the run id {run_id}"
            if call.verb == "reset" and any(_image(operation) != _image(deed) for operation in theirs):
                yield f"two images under the run id {run_id}"
            row = other.rows.get(instance_id)
            if row and other.ended <= call.began and row["outcome"] in REACHED and not theirs:
                yield f"{call.verb} under the run id {run_id}, which an earlier call has called done"

    def _unfinished(self, call: Call, instance_id: str, deed: Operation) -> Iterator[str]:
        """Without run ids, what was wanted lately and not seen to end is not asked for once more."""
        for earlier in self._others(call):
            if earlier.began > call.began or earlier.params.get("run_id") or call.params.get("run_id"):
                continue
            since = _moment(call.params.get("since"))  # what began before it is none of what is asked for
            theirs = [operation for operation in self._of(earlier, instance_id) if operation.started >= since]
            succeeded = any(operation.succeeds and _image(operation) == _image(deed) for operation in theirs)
            if deed.started - earlier.began < DAY and succeeded and self._unseen(earlier, instance_id):
                yield f"{call.verb} once more, although the end of an earlier one was wanted and not seen"

    def _unseen(self, earlier: Call, instance_id: str) -> bool:
        """Whether no call since has told of the end."""
        row = earlier.rows.get(instance_id)
        unseen = earlier.killed or (
            bool(row) and (row["outcome"] == "timeout" or row["reason"] == "not_seen")
        )
        later = [
            later_call
            for later_call in self._stage.calls[:-1]
            if later_call is not earlier and later_call.ended > earlier.ended
        ]
        resolved = any(later_call.verb == earlier.verb and not later_call.check_mode for later_call in later)
        return unseen and not resolved

    def _others(self, call: Call) -> list[Call]:
        """Other calls of the verb that have noted theirs in the same ledger."""
        ledger = call.params.get("ledger")
        return [
            other
            for other in self._stage.calls
            if other is not call and other.verb == call.verb and ledger and other.params["ledger"] == ledger
        ]

    # what it said

    def _said(self, call: Call, row: Any, instance_id: str) -> Iterator[str]:
        checks = {
            "reset": self._says_reset,
            "rebooted": self._says_done,
            "started": self._says_done,
            "stopped": self._says_done,
            "password_set": self._says_password,
            "accepted": self._says_accepted,
            "unchanged": self._says_unchanged,
            "failed": self._says_failed,
            "refused": self._says_nothing_done,
        }
        check = checks.get(row["outcome"])
        if check:
            yield from check(call, row, instance_id)
        if row["reason"] == "continued":
            yield from self._continues(call, row, instance_id)

    def _says_reset(self, call: Call, row: Any, instance_id: str) -> Iterator[str]:
        """One that ended well with the image, in the time of the call or of the request that it continues;
        once, except by calls at the same time.
        """
        since = _moment(row["continued_since"]) or call.began
        image = _target(call) or (row["before"] or {}).get("image")
        ended = self._ended(instance_id, "reset", since, call.ended)
        proofs = [operation for operation in ended if _image(operation) == image]
        if not proofs:
            yield "and no reset to the image ended then"
            return
        fresh = [
            proof
            for proof in proofs
            if row["reason"] == "attached" or self._unclaimed(instance_id, proof, call)
        ]
        if not fresh:
            yield "for a reset that an earlier call has reported already"
        elif row["reason"] != "attached":  # what another ledger knows is still its own to tell
            self._claimed.setdefault((instance_id, fresh[-1].request_id), call)

    def _unclaimed(self, instance_id: str, operation: Operation, call: Call) -> bool:
        claim = self._claimed.get((instance_id, operation.request_id))
        # What another ledger tells cannot be read: a lost request may have brought the image as well.
        elsewhere = claim is not None and claim.params["ledger"] != call.params["ledger"]
        return claim is None or elsewhere or claim.ended > call.began

    def _says_done(self, call: Call, row: Any, instance_id: str) -> Iterator[str]:
        """A reboot, start or stop that ended well, in the time of the call or of what it continues."""
        since = _moment(row["continued_since"]) or call.began
        kinds = [{"rebooted": "reboot", "started": "start", "stopped": "stop"}[row["outcome"]]]
        if row["reason"] == "attached":  # some vendors show a reboot as a start
            kinds.append("reboot")
        ended = [
            operation for kind in kinds for operation in self._ended(instance_id, kind, since, call.ended)
        ]
        if not ended:
            yield f"and no {kinds[0]} ended then"
        wanted = 0.0 if call.params.get("run_id") else _moment(call.params.get("since"))
        if ended and all(operation.started < wanted - 1 for operation in ended):
            yield "and it had begun before the time that was given"

    def _says_password(self, call: Call, row: Any, instance_id: str) -> Iterator[str]:
        truth = self._stage.fleet.look(instance_id)
        others = [
            operation for operation in self._operations(instance_id, "reset") if operation.ends > call.began
        ]
        later = [
            other for other in self._stage.calls if other.verb == "password" and other.began > call.began
        ]
        if truth and not others and not later and truth.login.password != call.params["password"]:
            yield "and another one is set"

    def _says_accepted(self, call: Call, row: Any, instance_id: str) -> Iterator[str]:
        """It is under way: by a request of this call, of one that it continues, or of somebody else."""
        kind = {"power": "start" if call.params.get("state") == "started" else "stop"}.get(
            call.verb, call.verb
        )
        # A reboot may start what is stopped, and some vendors show a reboot as a start.
        kinds = ("reboot", "start") if kind in ("reboot", "start") else (kind,)
        since = _moment(row["continued_since"]) or call.began
        if not any(
            operation.ends >= since - LAG and operation.started <= call.ended
            for kind in kinds
            for operation in self._operations(instance_id, kind)
        ):
            yield f"and no {kind} was under way"

    def _says_unchanged(self, call: Call, row: Any, instance_id: str) -> Iterator[str]:
        if row["reason"] == "image_matches":
            truths = self._truths(instance_id, call.began - LAG, call.ended)
            if not any(truth.image_id == _target(call) for truth in truths):
                yield "and it runs another image"
            if self._broken(call, instance_id) and not self._mended(instance_id):
                yield "and its last reset failed, as the ledger knows"
        if row["reason"] in DONE and not self._done(call, row["reason"], instance_id):
            yield f"and no {call.verb} was done"

    def _done(self, call: Call, reason: str, instance_id: str) -> bool:
        """Whether it was done: under the run id, while the call was on its way, or since the time given."""
        # A reboot may start what is stopped.
        kinds = ("reboot", "start") if call.verb == "reboot" else (KINDS[call.verb],)
        if reason == "done_in_run":
            same = [other for other in self._others(call) if other.params["run_id"] == call.params["run_id"]]
            rows = [other.rows.get(instance_id, {"outcome": "", "reason": ""}) for other in same]
            reached = (*REACHED, "started") if call.verb == "reboot" else REACHED  # in place of a reboot
            reported = any(row["outcome"] in reached or row["reason"] in DONE for row in rows)
            names = {name for other in same for name in other.request_ids}
            deeds = [operation for kind in kinds for operation in self._operations(instance_id, kind)]
            return reported or any(deed.succeeds and deed.request_id in names for deed in deeds)
        since = _moment(call.params.get("since")) if reason == "rebooted_since" else call.began
        return any(self._ended(instance_id, kind, since, call.ended) for kind in kinds)

    def _says_failed(self, call: Call, row: Any, instance_id: str) -> Iterator[str]:
        """What had a good end is no failure."""
        if any(
            operation.succeeds and operation.ends <= call.ended - LAG
            for operation in self._of(call, instance_id)
        ):
            yield "and it was done"

    def _says_nothing_done(self, call: Call, row: Any, instance_id: str) -> Iterator[str]:
        if self._of(call, instance_id):
            yield f"and a {call.verb} was done"

    def _continues(self, call: Call, row: Any, instance_id: str) -> Iterator[str]:
        """What nobody waited for, and was over, is never taken for what is asked for now without a name."""
        asked_at = _moment(row["continued_since"])
        for other in self._others(call):
            if not other.began - 1 <= asked_at <= other.ended + 1 or call.params.get("run_id"):
                continue
            theirs, outcome = self._of(other, instance_id), other.rows.get(instance_id, {}).get("outcome")
            over = theirs and all(operation.ends < call.began - LAG for operation in theirs)
            wanted = any(  # by a call since, which has not seen it
                third.began > other.began
                and third.rows.get(instance_id, {}).get("outcome") in ("timeout", "unknown")
                for third in self._others(call)
            )
            taken = outcome == "accepted" and over and not wanted and not call.params.get("since")
            if taken and not self._looks_like_ours(call, instance_id, asked_at):
                yield "and takes what nobody waited for as its own"

    def _looks_like_ours(self, call: Call, instance_id: str, asked_at: float) -> bool:
        """Whether somebody else had the same under way: without ids in the record it looks like ours of that
        day.
        """
        others = self._operations(instance_id, KINDS[call.verb])
        running = any(
            operation.started <= call.ended and operation.ends >= call.began - LAG for operation in others
        )
        return running and not self._stage.provider.proof.by_request_id and call.began - asked_at < DAY

    def _broken(self, call: Call, instance_id: str) -> bool:
        """Whether the last reset of ours that has ended failed, and a call before this one said so."""
        earlier = [other for other in self._others(call) if not other.check_mode]
        ended = [
            (deed.ends, deed.succeeds, other)
            for other in earlier
            for deed in self._of(other, instance_id)
            if deed.ends <= call.ended
        ]
        if not ended:
            return False
        _ends, succeeded, asker = max(ended, key=lambda end: end[0])
        rows = [other.rows.get(instance_id) for other in earlier if asker.began <= other.ended <= call.began]
        return not succeeded and any(row and row["outcome"] == "failed" for row in rows)

    def _mended(self, instance_id: str) -> bool:
        """Whether the record can show that a reset has succeeded since, whoever asked for it."""
        resets = self._operations(instance_id, "reset")
        return self._stage.provider.proof.by_operation and bool(resets) and resets[-1].succeeds

    # the truth

    def _operations(self, instance_id: str, kind: str) -> list[Operation]:
        return [operation for operation in self._stage.fleet.history(instance_id) if operation.kind == kind]

    def _ended(self, instance_id: str, kind: str, since: float, until: float) -> list[Operation]:
        """What ended well in this time, as far as looks can tell."""
        ended = (operation for operation in self._operations(instance_id, kind) if operation.succeeds)
        return [operation for operation in ended if since - LAG <= operation.ends <= until]

    def _of(self, call: Call, instance_id: str) -> list[Operation]:
        ours = self._operations(instance_id, KINDS.get(call.verb, ""))
        return [operation for operation in ours if operation.request_id in call.request_ids]

    def _truths(self, instance_id: str, since: float, until: float) -> list[Any]:
        """What the instance was at each moment from which on something was different."""
        fleet, now = self._stage.fleet, self._stage.clock.vendor()
        moments = {since, until}
        for operation in fleet.history(instance_id):
            moments |= {moment for moment in (operation.acts_at, operation.ends) if since < moment < until}
        looks = (fleet.look(instance_id, ago=now - moment) for moment in sorted(moments))
        return [look for look in looks if look]


def _target(call: Call) -> str:
    return call.params.get("image_id") or ""


def _image(operation: Operation) -> str:
    return str({**operation.changes, **operation.results}.get("image_id", ""))


def _moment(text: str | None) -> float:
    """Seconds since 1970, 0 for none."""
    return float(calendar.timegm(time.strptime(text, "%Y-%m-%dT%H:%M:%SZ"))) if text else 0.0
