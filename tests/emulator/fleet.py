# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Instances, images, keys, zones, accounts, operations and time; no HTTP.

Nothing runs in the background: every record is kept together with the moment it was written, and what an
instance is at a moment is computed from (operation, started, duration) when somebody looks. So a read of the
world as it was some seconds ago is simply a look at an earlier moment.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from emulator.clock import Clock
from emulator.model import NOTHING, Account, Image, Instance, KeyPair, Operation, Settings, Zone
from emulator.timeline import resolve, spent

# kind of operation -> status meanwhile, after success, after failure
_COURSES: dict[str, tuple[str, str, str]] = {
    "start": ("starting", "running", "stopped"),
    "stop": ("stopping", "stopped", "running"),
    "reboot": ("rebooting", "running", "stopped"),
    "reset": ("resetting", "running", "reset_failed"),
    "password": ("setting_password", "stopped", "stopped"),
}


@dataclass(frozen=True)
class World:
    """Everything that a seed puts in place at once, by identity."""

    accounts: Mapping[tuple[str, str], Account] = field(default_factory=dict)
    zones: Mapping[tuple[str, str], Zone] = field(default_factory=dict)
    images: Mapping[tuple[str, str], Image] = field(default_factory=dict)
    keys: Mapping[tuple[str, str], KeyPair] = field(default_factory=dict)
    instances: Mapping[str, Instance] = field(default_factory=dict)
    settings: Mapping[str, Settings] = field(default_factory=dict)


@dataclass(frozen=True)
class Tampering:
    """What faults do to one operation: fail it, stretch it, never end it, show it to readers late (vendor
    seconds), or leave the disk as it is although it is said to be done.
    """

    fails: bool = False
    idle: bool = False
    factor: float = 1.0
    endless: bool = False
    late: float = 0.0


class Fleet:
    """The one mutable thing: the world and its history. ``listeners`` are called after every change of an
    instance; ``seeds`` counts the worlds that there have been.
    """

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.listeners: list[Callable[[], None]] = []
        self.seeds = 0
        self._world = World()
        self._records: dict[str, list[tuple[float, Instance]]] = {}

    def seed(self, world: World) -> None:
        """Replace everything; nothing of what was before remains."""
        self.seeds += 1
        self._world = world
        self._records = {instance.id: [(-math.inf, instance)] for instance in world.instances.values()}
        self._tell()

    # reading

    def accounts(self, provider: str) -> list[Account]:
        """The accounts at one provider."""
        return [account for account in self._world.accounts.values() if account.provider == provider]

    def zones(self, provider: str) -> list[Zone]:
        """The zones of one provider, in the order of the seed."""
        return [zone for zone in self._world.zones.values() if zone.provider == provider]

    def images(self, account: Account) -> list[Image]:
        """The images that an account may see, in all zones, in the order of the seed."""
        return [
            image
            for image in self._world.images.values()
            if image.provider == account.provider and image.account in ("", account.name)
        ]

    def image(self, account: Account, image_id: str) -> Image | None:
        """One of those images, or None."""
        return next((image for image in self.images(account) if image.id == image_id), None)

    def keys(self, account: Account) -> list[KeyPair]:
        """The key pairs of an account."""
        return [
            key
            for key in self._world.keys.values()
            if (key.provider, key.account) == (account.provider, account.name)
        ]

    def key(self, account: Account, key_id: str) -> KeyPair | None:
        """One of those key pairs, or None."""
        return next((key for key in self.keys(account) if key.id == key_id), None)

    def settings(self, provider: str) -> Settings:
        """What the seed sets for a provider."""
        return self._world.settings.get(provider, Settings())

    def owned(self, account: Account, instance_id: str) -> Instance | None:
        """The truth about an instance of this account; None if it is not the account's, or nowhere."""
        found = self.look(instance_id)
        return (
            found if found and (found.provider, found.account) == (account.provider, account.name) else None
        )

    def shown(self, account: Account, ago: float = 0.0) -> list[Instance]:
        """What a reader of this account is told of its instances, as of ``ago`` vendor seconds before now."""
        owner = (account.provider, account.name)
        looks = (
            self.look(instance_id, ago=ago, shown=True)
            for instance_id, records in self._records.items()
            if (records[-1][1].provider, records[-1][1].account) == owner
        )
        return [look for look in looks if look]

    def everything(self) -> list[Instance]:
        """The truth about all instances of all providers."""
        return [look for look in map(self.look, self._records) if look]

    def addressed(self) -> list[Instance]:
        """The truth about those instances that can be logged in to."""
        named = [instance_id for instance_id, records in self._records.items() if records[-1][1].address]
        return [look for look in map(self.look, named) if look]

    def look(self, instance_id: str, *, ago: float = 0.0, shown: bool = False) -> Instance | None:
        """An instance as it is (or was ``ago`` vendor seconds before now): status and all effects worked out.

        With ``shown``, an operation whose record appears late is left out, as a reader would see it.
        """
        moment = self.clock() - ago
        for written, record in reversed(self._records.get(instance_id, [])):
            if written <= moment:
                return resolve(record, moment, shown)
        return None

    def history(self, instance_id: str) -> list[Operation]:
        """Every operation that the instance has been through, oldest first. KeyError if there is no such
        instance.
        """
        operations = [record.operation for _written, record in self._records[instance_id]]
        return list(dict.fromkeys(filter(None, operations)))

    # writing

    def amend(self, instance_id: str, **changes: Any) -> None:
        """Change fields of an instance at once, as a vendor's Modify call does. KeyError if there is none."""
        truth = self._truth(instance_id)
        self._write(replace(truth, **{"operation": spent(truth.operation, self.clock()), **changes}))

    def withdraw(self, provider: str, image_id: str) -> None:
        """Offer an image no longer; instances that run it stay as they are."""
        images = {key: image for key, image in self._world.images.items() if key != (provider, image_id)}
        self._world = replace(self._world, images=images)

    def replace_key(self, provider: str, access_key: str) -> None:
        """Give the accounts at a provider another access key; the old one is not known any more."""
        accounts = {
            key: replace(account, access_key=access_key) if account.provider == provider else account
            for key, account in self._world.accounts.items()
        }
        self._world = replace(self._world, accounts=accounts)

    def remove(self, instance_id: str) -> None:
        """Forget an instance altogether. KeyError if there is none."""
        del self._records[instance_id]
        self._tell()

    def begin(
        self,
        instance_id: str,
        kind: str,
        *,
        action: str,
        request_id: str,
        seconds: float,
        register: float = 0.0,
        tampering: Tampering = Tampering(),
        after: str = "",
        changes: Mapping[str, Any] = NOTHING,
        results: Mapping[str, Any] = NOTHING,
    ) -> Operation:
        """Take on an operation that runs for ``seconds`` after ``register`` seconds; KeyError for an unknown
        instance.

        Whether the vendor would accept it is the wire file's business. ``after`` replaces the status of a
        success.
        """
        now = self.clock()
        during, success, failure = _COURSES[kind]
        acts_at = now + register
        operation = Operation(
            kind=kind,
            action=action,
            request_id=request_id,
            started=now,
            acts_at=acts_at,
            visible_at=acts_at + tampering.late,
            ends=math.inf if tampering.endless else acts_at + seconds * tampering.factor,
            during=during,
            after=failure if tampering.fails else (after or success),
            succeeds=not tampering.fails,
            error=f"the {kind} failed" if tampering.fails else "",
            changes=changes,
            results=results,
        )
        truth = self._truth(instance_id)
        self._write(replace(truth, previous=truth.operation, operation=operation))
        return operation

    def reinstall(
        self,
        instance_id: str,
        *,
        action: str,
        request_id: str,
        image_id: str,
        changes: Mapping[str, Any],
        tampering: Tampering = Tampering(),
    ) -> Operation:
        """Begin a reset: from the moment it acts on, the old system, its keys and its passwords are gone.

        ``changes`` (``login``, ``key_ids``, ``name``, ...) hold from then on; the image as the settings say.
        """
        truth = self._truth(instance_id)
        shows_early = self.settings(truth.provider).image_changes == "begin"
        wiped = {"wipes": truth.wipes + 1, "installation": truth.installation + 1, "boot": truth.boot + 1}
        if tampering.idle:
            wiped = {"boot": truth.boot + 1}
        fails = tampering.fails or truth.fail_installs != 0
        if truth.fail_installs > 0:
            wiped["fail_installs"] = truth.fail_installs - 1
        target = {"image_id": image_id}
        return self.begin(
            instance_id,
            "reset",
            action=action,
            request_id=request_id,
            seconds=truth.durations.reset,
            register=truth.durations.register,
            tampering=replace(tampering, fails=fails),
            changes={**changes, **wiped, **(target if shows_early else {})},
            results={} if shows_early else target,
        )

    def reboot(
        self, instance_id: str, *, action: str, request_id: str, tampering: Tampering = Tampering()
    ) -> Operation:
        """Begin a reboot: the same system, but another boot."""
        truth = self._truth(instance_id)
        return self.begin(
            instance_id,
            "reboot",
            action=action,
            request_id=request_id,
            tampering=tampering,
            seconds=truth.durations.reboot,
            changes={"boot": truth.boot + 1},
        )

    def start(
        self, instance_id: str, *, action: str, request_id: str, tampering: Tampering = Tampering()
    ) -> Operation:
        """Begin to power on, which is a new boot too."""
        truth = self._truth(instance_id)
        return self.begin(
            instance_id,
            "start",
            action=action,
            request_id=request_id,
            tampering=tampering,
            seconds=truth.durations.start,
            changes={"boot": truth.boot + 1},
        )

    def stop(
        self,
        instance_id: str,
        *,
        action: str,
        request_id: str,
        soft: bool = False,
        tampering: Tampering = Tampering(),
    ) -> Operation:
        """Begin to power off; a soft stop waits for the guest and has a duration of its own."""
        durations = self._truth(instance_id).durations
        return self.begin(
            instance_id,
            "stop",
            action=action,
            request_id=request_id,
            tampering=tampering,
            seconds=durations.soft_stop if soft else durations.stop,
        )

    def _truth(self, instance_id: str) -> Instance:
        found = self.look(instance_id)
        if found is None:
            raise KeyError(instance_id)
        return found

    def _write(self, instance: Instance) -> None:
        self._records[instance.id].append((self.clock(), instance))
        self._tell()

    def _tell(self) -> None:
        for listener in self.listeners:
            listener()
