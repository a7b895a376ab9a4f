# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Which hosts run the image that they should: what was wanted against what a provider shows, without any I/O.

The document, format 1, which is written as JSON and shown by the page beside it. Times of day are ISO 8601 in
UTC. What is not known is null, what there is none of is empty::

    {
      "format": 1,                     another number when a reader of this one would go wrong
      "at": "2026-01-31T12:00:00Z",    when the instances were read
      "counts": {"drifted": 3, "wanted": 57},    by state, those that need attention first; no zeros
      "drifted": ["web-12"],           the hosts that a rebuild would put on the wanted image
      "unreadable": {                  the groups that could not be read
        "tencent_cvm ap-tokyo": {"hosts": ["db-1"], "reason": "a sentence", "error": as below or null}
      },
      "command": "ansible-playbook ...",    which plans the rebuild of those that drifted, or null
      "caveats": ["a sentence"],       what a reader has to know of the command
      "hosts": {
        "web-12": {
          "instance_id": "ins-1", "provider": "tencent_cvm",
          "group": "tencent_cvm ap-tokyo", "region": "ap-tokyo" or null,
          "state": "drifted",          one of STATES
          "message": "a sentence",
          "wanted_image_id": "img-2" or null,
          "error": {"code", "message", "request_id", "advice"} or null,
          "name", "zone", "status", "vendor_status", "image_id", "image_name",
          "tags": what the provider shows, or null,
          "created_at": as the vendor writes it, or null,
          "since": when its last reset began, where the provider tells, or null,
          "age": the seconds since then, or null
        }
      }
    }
"""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from ...module_utils.core.clock import iso, since_epoch
from ...module_utils.core.model import GONE, Status, Verb
from ...module_utils.core.text import printable, some
from ..fleet.groups import ID, Group
from ..text.names import left_out
from ..text.overview import Entry, kinds_of, overview
from ..text.words import counted

FORMAT = 1
UNREADABLE, NOT_FOUND, RECYCLED, RESET_FAILED, DRIFTED, RESETTING, NOT_SAID, WANTED = STATES = (
    "not readable",
    "not found",
    "recycled",
    "reset failed",
    "drifted",
    "resetting",
    "no wanted image",
    "wanted",
)
# A rebuild acts on these: the image is another one, or its last reset failed.
TO_REBUILD = (RESET_FAILED, DRIFTED)
HEADINGS = ("STATE", "HOSTS", "REASON AND NAMES")
SHOWN = ("name", "zone", "status", "vendor_status", "image_id", "image_name", "tags", "created_at")

NAMES = 100  # hosts named for each reason

Row = Mapping[str, Any]


def compare(
    group: Group, wanted: Mapping[str, str], answer: Mapping[str, Any], now: float
) -> dict[str, dict[str, Any]]:
    """The row of each host of a group.

    ``answer`` is what instance_info returned for it, at ``now`` in seconds since 1970.
    """
    instances = {instance[ID]: instance for instance in answer.get("instances") or ()}
    return {
        host: _row(group, instances.get(instance_id), instance_id, wanted.get(host, ""), answer, now)
        for host, instance_id in group.hosts.items()
    }


def _row(
    group: Group,
    shown: Mapping[str, Any] | None,
    instance_id: str,
    wanted: str,
    answer: Mapping[str, Any],
    now: float,
) -> dict[str, Any]:
    unread = problem_of(answer)
    state, message = (UNREADABLE, unread) if unread else judge(shown, wanted, group.options.get("region"))
    instance = shown or {}
    since = _last_reset(instance)
    return {
        ID: instance_id,
        "provider": group.options["provider"],
        "group": group.name,
        "region": instance.get("region") or group.options.get("region"),
        "state": state,
        "message": message,
        "wanted_image_id": wanted or None,
        "error": answer.get("error") if unread else None,
        **{name: instance.get(name) for name in SHOWN},
        "since": since,
        "age": _age(since, now),
    }


def problem_of(answer: Mapping[str, Any]) -> str:
    """Why a group could not be read; empty when it was."""
    if "instances" in answer and not answer.get("failed"):
        return ""
    return str(answer.get("msg") or "the call ended without a result")


def judge(shown: Mapping[str, Any] | None, wanted: str, region: str | None = None) -> tuple[str, str]:
    """The state of one host and a sentence for it, by the same rules as a rebuild; the first that applies
    decides.
    """
    if shown is None:
        return NOT_FOUND, "the provider lists no such instance in this account and region"
    if region and shown.get("region") and shown["region"] != region:
        return NOT_FOUND, f"the instance is in region {shown['region']}, not in {region}"
    if shown["status"] in [status.value for status in GONE]:
        return RECYCLED, f"the instance is {shown['status']} ({shown.get('vendor_status')})"
    if not wanted:
        return NOT_SAID, "rebuild_image_id is not set for this host"
    return _judge_image(shown, wanted)


def _judge_image(shown: Mapping[str, Any], wanted: str) -> tuple[str, str]:
    status, image = shown["status"], shown.get("image_id")
    if status == Status.RESETTING.value:
        return RESETTING, "a reset is under way: run the report again when it has ended"
    if status == Status.RESET_FAILED.value:
        why = (shown.get("operation") or {}).get("error") or shown.get("vendor_status")
        return RESET_FAILED, f"its last reset failed ({why})"
    if image != wanted:
        return DRIFTED, f"it runs {image or 'an unknown image'}, not {wanted}"
    return WANTED, "it runs the wanted image"


def _last_reset(instance: Mapping[str, Any]) -> str | None:
    operation = instance.get("operation") or {}
    return operation.get("started_at") or None if operation.get("verb") == Verb.RESET.value else None


def _age(since: str | None, now: float) -> float | None:
    try:
        began = since_epoch(since or "")
    except ValueError:
        return None
    return round(max(now - began, 0.0), 1)


def in_order(rows: Mapping[str, Row], states: Sequence[str]) -> list[str]:
    """The hosts, those of the first state first; within a state as they came."""
    return sorted(rows, key=lambda host: states.index(rows[host]["state"]))


def document(rows: Mapping[str, Row], at: float, command: str | None = None) -> dict[str, Any]:
    """The document of all rows, read at ``at`` in seconds since 1970."""
    counts = Counter(str(row["state"]) for row in rows.values())
    drifted = [host for host, row in rows.items() if row["state"] in TO_REBUILD]
    unreadable: dict[str, dict[str, Any]] = {}
    for host, row in rows.items():
        if row["state"] == UNREADABLE:
            group = {"hosts": [], "reason": row["message"], "error": row["error"]}
            unreadable.setdefault(row["group"], group)["hosts"].append(host)
    return {
        "format": FORMAT,
        "at": iso(at),
        "counts": {state: counts[state] for state in STATES if counts[state]},
        "drifted": drifted,
        "unreadable": unreadable,
        "command": command,
        "caveats": left_out(drifted) if command else [],
        "hosts": {host: dict(rows[host]) for host in in_order(rows, STATES)},
    }


def overview_of(rows: Mapping[str, Row]) -> str:
    """The hosts by state and reason, those that need attention first; those as wanted are counted."""
    kinds = kinds_of((_entry(host, row) for host, row in rows.items()), STATES)
    return overview(HEADINGS, kinds, counted_only=(WANTED,), most=NAMES)


def _entry(host: str, row: Row) -> Entry:
    return Entry(row["state"], row["message"], host, (row[ID], host))


def reasons(report: Mapping[str, Any]) -> list[str]:
    """A line for each group that could not be read, of the document."""
    return [
        printable(f"{name}: {counted(len(group['hosts']), 'host')} not readable: {group['reason']}")
        for name, group in report["unreadable"].items()
    ]


def problem(report: Mapping[str, Any], fail_on_drift: bool) -> str:
    """Why the run fails in the end; empty when it does not."""
    sentences = reasons(report)
    drifted = report["drifted"]
    if drifted and fail_on_drift:
        sentences.append(f"{counted(len(drifted), 'host')} not on the wanted image: {some(drifted)}")
    return "; ".join(sentences)


def rebuild_command(inventories: Iterable[str], limit_file: str, images: Collection[str]) -> str:
    """The command that plans the rebuild of the hosts in the limit file.

    Only one image can be said for all of them; where they want several, the inventory says which.
    """
    words = ["ansible-playbook", "reforge.cloud.rebuild"]
    words += [word for source in inventories for word in ("-i", source)] + ["--limit", f"@{limit_file}"]
    words += [word for image in images if len(images) == 1 for word in ("-e", f"rebuild_image_id={image}")]
    return shlex.join([*words, "--check"])
