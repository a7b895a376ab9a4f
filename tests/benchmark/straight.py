# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The floor: a script that lists, resets and polls at the documented rate, and checks and notes nothing."""

from __future__ import annotations

import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

if __package__:  # the collection, for the vendors' signatures
    sys.path.append(str(Path(__file__).resolve().parents[2] / ".build" / "collections"))

from ansible_collections.reforge.cloud.plugins.module_utils.act.lookups import read_instances
from ansible_collections.reforge.cloud.plugins.module_utils.api.client import Client, batched
from ansible_collections.reforge.cloud.plugins.module_utils.api.rate_limits import Pacer
from ansible_collections.reforge.cloud.plugins.module_utils.api.transport import Transport
from ansible_collections.reforge.cloud.plugins.module_utils.commands.registry import PROVIDERS
from ansible_collections.reforge.cloud.plugins.module_utils.core.clock import Clock
from ansible_collections.reforge.cloud.plugins.module_utils.core.model import Verb
from ansible_collections.reforge.cloud.plugins.module_utils.core.provider import Account, Secrets
from ansible_collections.reforge.cloud.plugins.module_utils.core.rules import ResetOptions
from benchmark.worlds import SITES, ids_of

WORKERS, PAUSE = 8, 0.5


def straight(provider: str, endpoint: str, count: int, image: str) -> float:
    """Seconds until all run the image."""
    began, its, clock, ids = time.monotonic(), PROVIDERS[provider], Clock(), ids_of(count, provider)
    account = Account(Secrets("AK", "SK"), SITES[provider].region if its.regional else "", endpoint)
    client = Client(its, account, Transport(60), Pacer(clock), clock, WORKERS)
    action, options = its.writes[Verb.RESET], ResetOptions(image_id=image, password="Aa1~aaaaaaaa")
    found = read_instances(client, ids)
    body = its.reset_body(options, found[ids[0]], None)
    with ThreadPoolExecutor(WORKERS) as pool:
        list(pool.map(lambda batch: client.write(action, batch, body), batched(ids, action.at_once)))
    while not all(
        instance.image_id == image and instance.settled for instance in read_instances(client, ids).values()
    ):
        time.sleep(PAUSE)
    return time.monotonic() - began
