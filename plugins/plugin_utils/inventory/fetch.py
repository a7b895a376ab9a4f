# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Which lists are to be read for the sources of an inventory, and reading them side by side.

Sources that look at the same list share one fetch: that of an account, in one region where the API is
regional.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any

from ...module_utils.act import lookups
from ...module_utils.act.ledger.place import place_of
from ...module_utils.api.client import Client, shaped
from ...module_utils.api.credentials import account_name, find_account
from ...module_utils.api.pacers import pacer_for
from ...module_utils.api.rate_limits import Pacer
from ...module_utils.api.transport import Transport
from ...module_utils.commands.run_module import failure_of, verification
from ...module_utils.core.clock import Clock
from ...module_utils.core.errors import CloudError, InputError
from ...module_utils.core.model import Disk, Instance, Status
from ...module_utils.core.provider import Account, Provider
from .settings import Source

Record = Mapping[str, Any]

FETCHES_AT_ONCE = 8
REQUESTS_AT_ONCE = 4  # of one fetch
# Changes when records that an older version has cached cannot be read any more.
FORMAT = 2
FIELDS = tuple(each.name for each in fields(Instance))


@dataclass(frozen=True)
class Fetch:
    """One list to read.

    ``regions`` are those that must exist, where the API is global and so would not complain.
    """

    provider: Provider = field(repr=False)
    account: Account
    timeout: int
    verify: bool | str
    regions: tuple[str, ...] = ()
    rate_share: int = 1

    @property
    def place(self) -> tuple[Any, ...]:
        """What makes it this list and no other."""
        return (self.provider.name, self.account, self.timeout, self.verify, self.rate_share)


@dataclass(frozen=True)
class Share:
    """What one source takes of one fetch; ``region`` is empty for all of it.

    Without a fetch there is a ``problem``.
    """

    source: Source
    region: str
    fetch: Fetch | None = None
    problem: str = ""

    @property
    def title(self) -> str:
        """The source in words, for messages."""
        region = f", {self.region}" if self.region else ""
        return f"source {self.source.name} ({self.source.provider.name}{region})"


@dataclass(frozen=True)
class Listed:
    """What a fetch brought: instances, or why there are none; ``unknown`` are regions that the provider does
    not have.
    """

    instances: tuple[Instance, ...] = ()
    problem: str = ""
    unknown: tuple[str, ...] = ()


def plan_shares(sources: Sequence[Source], environment: Mapping[str, str], home: str) -> list[Share]:
    """The shares of all sources, in their order. Credentials are found as the modules find them."""
    return [
        share
        for source in sources
        for region in source.regions or ("",)
        for share in [_share(source, region, environment, home)]
    ]


def _share(source: Source, region: str, environment: Mapping[str, str], home: str) -> Share:
    provider, params = source.provider, source.params
    try:
        account = find_account(provider, {**params, "region": region}, environment, home)
    except InputError as error:
        return Share(source, region, problem=str(error))
    region = account.region
    regions: tuple[str, ...] = ()
    if not provider.regional:
        account, regions = account._replace(region=""), (region,) if region else ()
    timeout, share = params["request_timeout"], params["rate_share"]
    return Share(source, region, Fetch(provider, account, timeout, verification(params), regions, share))


def plan_fetches(shares: Sequence[Share]) -> list[Fetch]:
    """The lists to read, each once."""
    fetches: dict[tuple[Any, ...], Fetch] = {}
    for share in shares:
        if share.fetch is not None:
            same = fetches.setdefault(share.fetch.place, share.fetch)
            regions = tuple(dict.fromkeys(same.regions + share.fetch.regions))
            fetches[share.fetch.place] = replace(same, regions=regions)
    return list(fetches.values())


def digest(fetches: Sequence[Fetch], raw: bool) -> str:
    """A short name for what is asked for; nothing can be read from it."""
    contents = [
        (account_name(fetch.provider, fetch.account), fetch.account.region, fetch.regions)
        for fetch in fetches
    ]
    return hashlib.sha256(json.dumps([FORMAT, raw, contents]).encode()).hexdigest()[:16]


def opener() -> Callable[[Fetch], Client]:
    """What opens the clients of one inventory. Fetches of one account keep its rate together."""
    clock = Clock()
    pacers: dict[str, Pacer] = {}
    ledger = place_of(None)

    def open_client(fetch: Fetch) -> Client:
        name = account_name(fetch.provider, fetch.account)
        location = ledger.location if ledger else ""
        pacer = pacers.setdefault(name, pacer_for(clock, name, location, fetch.rate_share))
        transport = Transport(fetch.timeout, fetch.verify, read_only=True)
        return Client(fetch.provider, fetch.account, transport, pacer, clock, workers=REQUESTS_AT_ONCE)

    return open_client


def fetch_all(fetches: Sequence[Fetch], open_client: Callable[[Fetch], Client], raw: bool) -> list[Listed]:
    """Read all lists side by side; what goes wrong with one of them is told in its place."""
    if not fetches:
        return []
    with ThreadPoolExecutor(min(len(fetches), FETCHES_AT_ONCE)) as pool:
        clients = [open_client(fetch) for fetch in fetches]
        return list(pool.map(lambda fetch, client: _listed(fetch, client, raw), fetches, clients))


def _listed(fetch: Fetch, client: Client, raw: bool) -> Listed:
    try:
        instances = lookups.list_instances(client)
        unknown = _unknown_regions(client, fetch.regions, instances)
    except CloudError as error:
        return Listed(problem=failure_of(fetch.provider, error)["msg"])
    return Listed(tuple(_kept(instance, raw) for instance in instances), unknown=unknown)


def _kept(instance: Instance, raw: bool) -> Instance:
    """What an inventory keeps of an instance: the vendor's record only where that is asked for."""
    return replace(instance, raw=instance.raw if raw else {}, operation=None, guest_agent=None)


def _unknown_regions(
    client: Client, regions: Sequence[str], instances: Sequence[Instance]
) -> tuple[str, ...]:
    """The regions that neither an instance nor a zone lies in: a wrong name must not look like an empty
    region.
    """
    populated = {instance.region for instance in instances}
    doubtful = [region for region in regions if region not in populated]
    action = client.provider.zones
    if not doubtful or action is None:
        return ()
    zones = shaped(action, lambda row: str(row[action.row_id]), client.list(action))
    return tuple(region for region in doubtful if not any(_lies_in(zone, region) for zone in zones))


def _lies_in(zone: str, region: str) -> bool:
    """Zones are called by their region with a letter or a number, such as asia-east-1a or ap-east-2."""
    return re.fullmatch(re.escape(region) + r"[-_]?([a-z]|\d+)?", zone, re.IGNORECASE) is not None


def instances_of(share: Share, listed: Mapping[Any, Listed]) -> Sequence[Instance]:
    """What the share's fetch brought; ``listed`` is by the place of the fetch."""
    return listed[share.fetch.place].instances if share.fetch else ()


def problem_of(share: Share, listed: Mapping[Any, Listed]) -> str:
    """Why the share cannot be had whole; empty when it can."""
    if share.fetch is None:
        return share.problem
    entry = listed[share.fetch.place]
    if share.region in entry.unknown:
        return f"region: {share.region!r} is not known to the provider: no zone and no instance lies in it"
    return entry.problem


def doubt_of(share: Share, listed: Mapping[Any, Listed]) -> str:
    """What may be wrong without being seen: an empty region of a provider that does not tell which regions it
    has.
    """
    provider = share.source.provider
    if not share.region or provider.regional or provider.zones:
        return ""
    if any(instance.region in (share.region, None) for instance in instances_of(share, listed)):
        return ""
    doubt = "the provider does not show whether the region exists"
    return f"region: no instance lies in {share.region!r}, and {doubt}"


def to_text(fetched: Sequence[Listed]) -> str:
    """The instances for a cache, as one text: anything else ansible-core copies value by value, which takes
    half a second for 10,000 instances.
    """
    records = [
        [{name: getattr(instance, name) for name in FIELDS} for instance in listed.instances]
        for listed in fetched
    ]
    return json.dumps(records, default=asdict)  # of disks


def to_fetched(text: str) -> list[Listed]:
    """The way back. Raises TypeError, ValueError, KeyError or AttributeError for what is no such text."""
    return [Listed(tuple(map(_to_instance, records))) for records in json.loads(text)]


def _to_instance(record: Record) -> Instance:
    disks = record["data_disks"]
    return Instance(
        **{
            **record,
            "status": Status(record["status"]),
            "public_ips": tuple(record["public_ips"]),
            "private_ips": tuple(record["private_ips"]),
            "key_ids": None if record["key_ids"] is None else tuple(record["key_ids"]),
            "system_disk": record["system_disk"] and Disk(**record["system_disk"]),
            "data_disks": None if disks is None else tuple(Disk(**disk) for disk in disks),
        }
    )
