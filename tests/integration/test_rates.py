# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Several runs of ansible-playbook at once, for one account whose API takes ten resets in a second."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest

from emulator.client import Emulator

PROVIDER, REGION, ACTION, PER_SECOND = "tencent_lighthouse", "ap-hongkong", "ResetInstance", 10
RUNS = {name: [f"lhins-{name}{number:05}" for number in range(20)] for name in ("one", "two", "six")}
OLD, NEW = "lhbp-old00000", "lhbp-new00000"


def fleet() -> dict[str, Any]:
    """An account with the instances of all runs, which are reset within two real seconds."""
    return {
        "accounts": [{"name": "main", "provider": PROVIDER, "access_key": "AK", "secret_key": "SK"}],
        "zones": [{"id": f"{REGION}-1", "provider": PROVIDER, "region": REGION}],
        "images": [{"id": image, "provider": PROVIDER, "category": "Debian"} for image in (OLD, NEW)],
        "instances": [
            {
                "id": instance_id,
                "name": instance_id,
                "provider": PROVIDER,
                "zone": f"{REGION}-1",
                "image_id": OLD,
            }
            for ids in RUNS.values()
            for instance_id in ids
        ],
    }


@pytest.fixture(name="results")
def run_side_by_side(
    emulator: Emulator, cloud: Any, make_cloud: Any, call: Any, tmp_path: Path
) -> dict[str, dict[str, Any]]:
    """What the module returned in each run."""
    emulator.seed(fleet())

    def run(name: str) -> dict[str, Any]:
        folder = tmp_path / name
        folder.mkdir()
        reset = call(
            "instance_reset",
            provider=PROVIDER,
            region=REGION,
            instance_ids=RUNS[name],
            image_id=NEW,
            password="Aa1~aaaaaaaa",
            events=str(tmp_path / f"{name}.events"),
        )
        return make_cloud(emulator, folder).run(reset)

    with ThreadPoolExecutor(len(RUNS)) as pool:
        return dict(zip(RUNS, pool.map(run, RUNS)))


LEGACY = [f"ins-{number:08}" for number in range(250)]


def test_where_no_rate_is_documented_the_pace_is_found_with_few_refusals(
    emulator: Emulator, cloud: Any, call: Any
) -> None:
    provider, zone = "tencent_cvm_v2", "ap-shanghai-2"
    emulator.seed(
        {
            "accounts": [{"name": "main", "provider": provider, "access_key": "AK", "secret_key": "SK"}],
            "zones": [{"id": zone, "provider": provider, "region": "ap-shanghai"}],
            "images": [{"id": f"img-{name}00000", "provider": provider} for name in ("old", "new")],
            "instances": [
                {"id": instance_id, "provider": provider, "zone": zone, "image_id": "img-old00000"}
                for instance_id in LEGACY
            ],
            "settings": {provider: {"rates": {"ResetInstances": 20}}},
        }
    )
    options = {"region": "ap-shanghai", "instance_ids": LEGACY, "image_id": "img-new00000"}
    result = cloud.run(call("instance_reset", provider=provider, password="Aa1~aaaaaaaa", **options))
    assert result["reset_ids"] == LEGACY and set(emulator.wipes().values()) == {1}
    sent = emulator.journal(action="ResetInstances")
    refused = [entry for entry in sent if entry["outcome"] != "accepted"]
    assert len(refused) <= 0.05 * len(sent)
    moments = [entry["received"] for entry in sent]
    assert max(moments) - min(moments) < 25.0  # 12.5 s at the full rate


def busiest(moments: list[float]) -> int:
    """The most moments that lie in any window of one second."""
    return max(sum(start <= moment < start + 1.0 for moment in moments) for start in moments)


def test_runs_at_the_same_time_keep_the_rate_of_their_account_together_and_say_that_they_wait(
    emulator: Emulator, results: dict[str, dict[str, Any]], tmp_path: Path
) -> None:
    resets = [entry for entry in emulator.journal(action=ACTION) if entry["outcome"] == "accepted"]
    assert busiest([entry["received"] for entry in resets]) <= 2 * PER_SECOND
    assert emulator.counters()["refused"].get("RequestLimitExceeded", 0) <= 1
    takers = [name for entry in resets for name, ids in RUNS.items() if entry["ids"][0] in ids]
    assert len(list(groupby(takers))) > len(RUNS), "one run came after the other, which shows nothing"
    assert {name: result["reset_ids"] for name, result in results.items()} == RUNS
    assert set(emulator.wipes().values()) == {1} and len(resets) == sum(map(len, RUNS.values()))

    # Alone, twenty requests of one action wait for less than the three seconds that are worth telling.
    assert any(result["rate_waited"] for result in results.values())
    lines = [
        json.loads(line)
        for name in RUNS
        for line in (tmp_path / f"{name}.events").read_text("utf-8").splitlines()
    ]
    waits = [line for line in lines if line["event"] == "rate"]
    assert waits and all(line["per_second"] <= PER_SECOND and line["seconds"] >= 3.0 for line in waits)
