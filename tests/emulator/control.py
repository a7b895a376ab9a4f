# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The endpoints under /_emulator/: seed, watch and disturb the world.

No signature; loopback only. See README.md.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from typing import Any

from emulator.clock import ScaledClock
from emulator.dispatch import Emulation
from emulator.fleet import Fleet, World
from emulator.loading import load
from emulator.model import Instance, Login, Operation


class Control:
    """Answers control requests with an HTTP status and a JSON document; 400 with ``error`` for what is
    wrong.
    """

    def __init__(self, emulation: Emulation, clock: ScaledClock) -> None:
        self._emulation = emulation
        self._clock = clock
        self._routes: dict[tuple[str, str], Callable[[Any, Mapping[str, str]], Any]] = {
            ("GET", "fleet"): self._read_fleet,
            ("PUT", "fleet"): self._seed,
            ("DELETE", "fleet"): self._reset,
            ("GET", "clock"): self._read_clock,
            ("POST", "clock"): self._set_clock,
            ("GET", "faults"): self._read_faults,
            ("POST", "faults"): self._add_faults,
            ("DELETE", "faults"): self._clear_faults,
            ("GET", "journal"): self._read_journal,
            ("DELETE", "journal"): self._clear_journal,
            ("GET", "counters"): self._read_counters,
            ("POST", "interfere"): self._interfere,
        }

    def answer(self, method: str, name: str, document: Any, query: Mapping[str, str]) -> tuple[int, Any]:
        """Do one control request; ``name`` is the path after /_emulator/."""
        route = self._routes.get((method, name))
        if route is None:
            known = ", ".join(f"{verb} /_emulator/{path}" for verb, path in self._routes)
            return 404, {"error": f"there is: {known}"}
        try:
            return 200, route(document, query)
        except (ValueError, TypeError) as error:
            return 400, {"error": str(error)}
        except KeyError as error:
            return 400, {"error": f"missing or unknown: {error}"}

    def _seed(self, document: Any, _query: Mapping[str, str]) -> Any:
        """Replace the world; faults, journal and counters start anew."""
        world = load(document, self._clock())
        self._reset(None, {})
        self._emulation.fleet.seed(world)
        return {"instances": len(world.instances)}

    def _reset(self, _document: Any, _query: Mapping[str, str]) -> Any:
        self._emulation.fleet.seed(World())
        self._emulation.faults.clear()
        self._emulation.journal.clear()
        return {"instances": 0}

    def _read_fleet(self, _document: Any, _query: Mapping[str, str]) -> Any:
        fleet = self._emulation.fleet
        return {"now": fleet.clock(), "instances": [_instance(fleet, each) for each in fleet.everything()]}

    def _read_clock(self, _document: Any, _query: Mapping[str, str]) -> Any:
        return {"now": self._clock(), "speed": self._clock.speed}

    def _set_clock(self, document: Any, query: Mapping[str, str]) -> Any:
        if not isinstance(document, dict) or not document or not set(document) <= {"speed", "advance"}:
            raise ValueError("speed, advance (vendor seconds) or both are needed")
        if "speed" in document:
            self._clock.speed = document["speed"]
        self._clock.advance(document.get("advance", 0))
        for listener in self._emulation.fleet.listeners:
            listener()
        return self._read_clock(None, query)

    def _read_faults(self, _document: Any, _query: Mapping[str, str]) -> Any:
        return {"faults": self._emulation.faults.listed()}

    def _add_faults(self, document: Any, _query: Mapping[str, str]) -> Any:
        given = document if isinstance(document, list) else [document]
        return {"numbers": [self._emulation.faults.add(description) for description in given]}

    def _clear_faults(self, _document: Any, query: Mapping[str, str]) -> Any:
        self._emulation.faults.clear()
        return self._read_faults(None, query)

    def _read_journal(self, _document: Any, query: Mapping[str, str]) -> Any:
        return {"entries": self._emulation.journal.listed(**query)}

    def _clear_journal(self, _document: Any, query: Mapping[str, str]) -> Any:
        self._emulation.journal.clear()
        return self._read_journal(None, query)

    def _read_counters(self, _document: Any, _query: Mapping[str, str]) -> Any:
        journal = self._emulation.journal
        return {
            "wipes": {each.id: each.wipes for each in self._emulation.fleet.everything()},
            "requests": dict(journal.requests),
            "writes": dict(journal.writes),
            "refused": dict(journal.refused),
        }

    def _interfere(self, document: Any, _query: Mapping[str, str]) -> Any:
        """Someone else does something to instances, whatever their state."""
        deeds = {
            "reset": _reset_by_someone,
            "reboot": _reboot,
            "start": _start,
            "stop": _stop,
            "recycle": _recycle,
            "remove": _remove,
            "change": _change,
        }
        if not isinstance(document, dict) or document.get("do") not in deeds:
            raise ValueError(f"do must be one of {', '.join(deeds)}")
        if not isinstance(document.get("ids"), list):
            raise ValueError("ids must be a list of instance ids")
        fleet = self._emulation.fleet
        for instance in [_known(fleet, instance_id) for instance_id in document["ids"]]:
            request_id = f"someone-else-{uuid.uuid4()}"
            deeds[document["do"]](fleet, instance, document, request_id)
            self._emulation.journal.add(
                at=fleet.clock(),
                received=self._emulation.wall(),
                provider=instance.provider,
                account=instance.account,
                action=document["do"],
                ids=(instance.id,),
                writes=True,
                outcome="accepted",
                failed_ids=(),
                request_id=request_id,
                status=200,
                faults=(),
                by="someone else",
            )
        return {"done": len(document["ids"])}


def _instance(fleet: Fleet, instance: Instance) -> dict[str, Any]:
    """What the control shows of an instance: its true state and its history; nothing to log in with."""
    return {
        "id": instance.id,
        "name": instance.name,
        "provider": instance.provider,
        "account": instance.account,
        "region": instance.region,
        "zone": instance.zone,
        "image_id": instance.image_id,
        "status": instance.status,
        "tags": dict(instance.tags),
        "key_ids": list(instance.key_ids),
        "agent": instance.agent,
        "timezone": instance.timezone,
        "system_disk": instance.system_disk,
        "address": instance.address,
        "installation": instance.installation,
        "boot": instance.boot,
        "wipes": instance.wipes,
        "history": [_operation(operation, fleet.clock()) for operation in fleet.history(instance.id)],
    }


def _operation(operation: Operation, now: float) -> dict[str, Any]:
    endless = operation.ends == float("inf")
    return {
        "kind": operation.kind,
        "action": operation.action,
        "request_id": operation.request_id,
        "started": operation.started,
        "acts_at": operation.acts_at,
        "ends": None if endless else operation.ends,
        "state": operation.state(now),
    }


def _known(fleet: Fleet, instance_id: str) -> Instance:
    found = fleet.look(instance_id)
    if found is None:
        raise ValueError(f"there is no instance {instance_id!r}")
    return found


def _reset_by_someone(fleet: Fleet, instance: Instance, document: Mapping[str, Any], request_id: str) -> None:
    # Someone else's key: what we could log in with before is gone, unless the request says "keep_login".
    login = instance.login if document.get("keep_login") else Login()
    fleet.reinstall(
        instance.id,
        action="ResetInstances",
        request_id=request_id,
        image_id=document.get("image_id", instance.image_id),
        changes={"login": login},
    )


def _reboot(fleet: Fleet, instance: Instance, _document: Mapping[str, Any], request_id: str) -> None:
    fleet.reboot(instance.id, action="RebootInstances", request_id=request_id)


def _start(fleet: Fleet, instance: Instance, _document: Mapping[str, Any], request_id: str) -> None:
    fleet.start(instance.id, action="StartInstances", request_id=request_id)


def _stop(fleet: Fleet, instance: Instance, _document: Mapping[str, Any], request_id: str) -> None:
    fleet.stop(instance.id, action="StopInstances", request_id=request_id)


def _recycle(fleet: Fleet, instance: Instance, _document: Mapping[str, Any], _request_id: str) -> None:
    fleet.amend(instance.id, status="recycled", operation=None, previous=None)


def _remove(fleet: Fleet, instance: Instance, _document: Mapping[str, Any], _request_id: str) -> None:
    fleet.remove(instance.id)


def _change(fleet: Fleet, instance: Instance, document: Mapping[str, Any], _request_id: str) -> None:
    allowed = {"name", "tags", "image_id", "system_disk"}
    changes = document.get("changes")
    if not isinstance(changes, dict) or not changes or not set(changes) <= allowed:
        raise ValueError(f"changes must be an object with some of {', '.join(sorted(allowed))}")
    fleet.amend(instance.id, **changes)
