# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The same command given twice at the same time, as two processes of ansible-playbook, at all five
providers.
"""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from emulator.client import Emulator
from simulation.sites import PASSWORD, SITES, Site

RUNS = ("one", "two")
# Under a run_id and with a shared ledger nothing is done twice, even by force; without a ledger it is the
# provider's state that tells the runs of each other.
WAYS: Mapping[str, Mapping[str, Any]] = {
    "shared ledger": {"run_id": "night-1", "force": True},
    "no ledger": {},
}
CASES = [(provider, way) for provider in SITES for way in WAYS]
INSTANCES = 20
# A reset takes fifteen real seconds: longer than a run takes from its look at an instance to its request for
# it.
SPEED, RESET_SECONDS = 10.0, 150.0


def ids_of(site: Site, way: str) -> list[str]:
    """The instances of one case: every third is stopped."""
    first = 100 * CASES.index((site.provider, way))
    return [site.instance_id(first + number) for number in range(INSTANCES)]


def fleet() -> dict[str, Any]:
    """All instances of all providers, with the old image."""
    documents = []
    for site in SITES.values():
        instances = [
            {
                "id": instance_id,
                "name": instance_id,
                "image_id": site.old,
                "status": "running" if number % 3 else "stopped",
                "durations": {"reset": RESET_SECONDS, "stop": 5.0, "soft_stop": 10.0},
            }
            for way in WAYS
            for number, instance_id in enumerate(ids_of(site, way))
        ]
        documents.append(site.document(instances, "begin"))
    sections = ("accounts", "zones", "images", "instances")
    settings = {name: value for document in documents for name, value in document["settings"].items()}
    return {
        **{name: [record for document in documents for record in document[name]] for name in sections},
        "settings": settings,
    }


@pytest.fixture(scope="module", name="played")
def both_runs(
    emulator: Emulator, make_cloud: Any, call: Any, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, dict[str, Any]]:
    """What each case returned in each run."""
    folder: Path = tmp_path_factory.mktemp("concurrent")
    emulator.reset()
    emulator.speed(SPEED)
    emulator.seed(fleet())

    def options(site: Site, way: str) -> dict[str, Any]:
        ledger = {"ledger": str(folder / f"{site.provider}.jsonl")} if WAYS[way] else {}
        return {
            "provider": site.provider,
            "region": site.region,
            "instance_ids": ids_of(site, way),
            "image_id": site.new,
            "password": PASSWORD,
            **ledger,
            **WAYS[way],
        }

    def run(name: str) -> dict[str, Any]:
        (folder / name).mkdir()
        calls = {
            f"{provider} {way}": call("instance_reset", **options(SITES[provider], way))
            for provider, way in CASES
        }
        return make_cloud(emulator, folder / name).run_all(calls)

    with ThreadPoolExecutor(len(RUNS)) as pool:
        return dict(zip(RUNS, pool.map(run, RUNS)))


@pytest.mark.parametrize("provider, way", CASES)
def test_two_runs_at_the_same_time_wipe_each_instance_once_and_both_say_so(
    played, emulator, rows, provider, way
):
    ids = ids_of(SITES[provider], way)
    assert {instance_id: emulator.wipes()[instance_id] for instance_id in ids} == dict.fromkeys(ids, 1)
    for name in RUNS:
        result = played[name][f"{provider} {way}"]
        assert not result["failed"], result.get("msg")
        assert {row["outcome"] for row in rows(result).values()} <= {"reset", "unchanged"}
        assert {(row["after"] or row["before"])["image"] for row in rows(result).values()} == {
            SITES[provider].new
        }


@pytest.mark.parametrize("provider, way", CASES)
def test_of_two_runs_at_least_one_says_that_it_reset_an_instance(played, rows, provider, way):
    results = [rows(played[name][f"{provider} {way}"]) for name in RUNS]
    for instance_id in ids_of(SITES[provider], way):
        assert "reset" in {of_run[instance_id]["outcome"] for of_run in results}


def test_the_runs_met(played, rows):
    for name in RUNS:
        found = [row["verdict"] for result in played[name].values() for row in rows(result).values()]
        assert set(found) != {"unchanged"}, "one run came after the other, which shows nothing"
