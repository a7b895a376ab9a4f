# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Three controllers that share nothing but a ledger in PostgreSQL reset 300 instances, and are killed.

Each has its own home and folder for temporary files: they know of each other by the database alone.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from emulator.client import Emulator
from postgres import Postgres

PROVIDER, REGION, RESET, LOOK = "tencent_cvm", "ap-guangzhou", "ResetInstance", "DescribeInstances"
PER_SECOND = {RESET: 10, LOOK: 40}
OLD, NEW, OTHER = "img-old00000", "img-new00000", "img-other000"
IDS = [f"ins-{number:08}" for number in range(300)]
# Two want the same image, some of it on the same instances; the third wants another one on some of those.
WISHES: Mapping[str, tuple[list[str], str]] = {
    "one": (IDS[:150], NEW),
    "two": (IDS[100:240], NEW),
    "three": (IDS[200:], OTHER),
}
PATIENCE = 240.0
GOOD = ("reset", "unchanged")


def fleet() -> dict[str, Any]:
    """An account with the instances, which are reset within three real seconds."""
    return {
        "accounts": [{"name": "main", "provider": PROVIDER, "access_key": "AK", "secret_key": "SK"}],
        "zones": [{"id": f"{REGION}-1", "provider": PROVIDER, "region": REGION}],
        "images": [{"id": image, "provider": PROVIDER, "category": "Debian"} for image in (OLD, NEW, OTHER)],
        "instances": [
            {
                "id": instance_id,
                "name": instance_id,
                "provider": PROVIDER,
                "zone": f"{REGION}-1",
                "image_id": OLD,
                "durations": {"reset": 60.0},
            }
            for instance_id in IDS
        ],
    }


@dataclass
class Controller:
    """A machine with a command that it gives again whenever it was killed."""

    name: str
    cloud: Any
    call: Any
    folder: Path
    kills: int = 0
    started: Any = field(default=None)

    def start(self) -> None:
        """Give the command."""
        temporary = self.folder / "tmp"
        temporary.mkdir(exist_ok=True)
        book, inventory = self.cloud.book_of({"call": self.call})
        self.started = self.cloud.start(book, inventory, TMPDIR=str(temporary))

    def kill(self) -> None:
        """Lose the machine, unless it has come to its end, and give the command again."""
        if self.started.process.poll() is None:
            self.started.kill()
            self.kills += 1
            self.start()

    def end(self) -> None:
        """Leave no process behind, whatever the test has come to."""
        if self.started:
            self.started.end()

    def rows(self) -> dict[str, Any]:
        """The rows of the run that came to its end."""
        result = self.cloud.result_of(self.started)["call"]
        assert "instances" in result, result
        return {row["instance_id"]: row for row in result["instances"]}


@dataclass(frozen=True)
class Story:
    """What was said and what is true."""

    rows: Mapping[str, Mapping[str, Any]]
    kills: int
    journal: list[dict[str, Any]]
    refused: Mapping[str, int]
    wipes: Mapping[str, int]
    images: Mapping[str, str]


def until(emulator: Emulator, resets: int) -> None:
    """Wait until so many resets were accepted."""
    deadline = time.monotonic() + PATIENCE
    while len([entry for entry in emulator.journal(action=RESET) if entry["outcome"] == "accepted"]) < resets:
        assert time.monotonic() < deadline, "the controllers do not get on"
        time.sleep(0.3)


@pytest.fixture(scope="module", name="story")
def played(
    emulator: Emulator,
    postgres: Postgres,
    make_cloud: Any,
    call: Any,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Story]:
    """All start together; one is killed, then all connections are, then the other two; all come to an end."""
    emulator.reset()
    emulator.speed(20.0)
    emulator.seed(fleet())
    controllers = []
    for name, (ids, image) in WISHES.items():
        folder = tmp_path_factory.mktemp(name)
        options = {"provider": PROVIDER, "region": REGION, "password": "Aa1~aaaaaaaa", "force": True}
        wish = {"instance_ids": ids, "image_id": image, "ledger": postgres.url, "run_id": f"night-{image}"}
        reset = call("instance_reset", on_refusal="skip", wait_timeout=600, **options, **wish)
        controllers.append(Controller(name, make_cloud(emulator, folder), reset, folder))
    try:
        yield _story(emulator, postgres, controllers)
    finally:
        for controller in controllers:
            controller.end()
        postgres.execute("DROP SCHEMA IF EXISTS reforge_cloud CASCADE")


def _story(emulator: Emulator, postgres: Postgres, controllers: Sequence[Controller]) -> Story:
    for controller in controllers:
        controller.start()
    until(emulator, 40)
    controllers[0].kill()
    until(emulator, 90)
    assert postgres.kill_connections() >= 2
    until(emulator, 140)
    for controller in controllers[1:]:
        controller.kill()
    return Story(
        {controller.name: controller.rows() for controller in controllers},
        sum(controller.kills for controller in controllers),
        emulator.journal(),
        emulator.counters()["refused"],
        emulator.wipes(),
        {instance["id"]: instance["image_id"] for instance in emulator.fleet().values()},
    )


def busiest(moments: list[float]) -> int:
    """The most moments that lie in any window of one second."""
    return max(sum(start <= moment < start + 1.0 for moment in moments) for start in moments)


def test_the_controllers_were_killed_while_they_were_at_it(story: Story) -> None:
    assert story.kills == 3


@pytest.mark.parametrize("action", PER_SECOND)
def test_no_second_has_more_requests_than_the_vendor_documents(story: Story, action: str) -> None:
    moments = [entry["received"] for entry in story.journal if entry["action"] == action]
    by_the_clock = max(Counter(map(int, moments)).values())  # as the vendor counts
    # In any other second one more may arrive than was sent in it where the machine is busy.
    assert by_the_clock <= PER_SECOND[action] and busiest(moments) <= PER_SECOND[action] + 1
    assert "RequestLimitExceeded" not in str(story.refused)


def test_what_all_want_alike_is_done_once(story: Story) -> None:
    alike = IDS[:200]
    assert {instance_id: story.wipes[instance_id] for instance_id in alike} == dict.fromkeys(alike, 1)
    assert {story.images[instance_id] for instance_id in alike} == {NEW}
    outcomes = {
        story.rows[name][instance_id]["outcome"]
        for name in ("one", "two")
        for instance_id in alike
        if instance_id in story.rows[name]
    }
    assert outcomes <= set(GOOD)


def test_each_image_is_installed_once_where_they_want_different_ones(story: Story) -> None:
    for instance_id in IDS[200:]:
        claims = {
            WISHES[name][1]
            for name, rows in story.rows.items()
            if instance_id in rows and rows[instance_id]["outcome"] in GOOD
        }
        assert len(claims) == story.wipes[instance_id] and story.images[instance_id] in claims, (
            instance_id,
            claims,
        )


def test_every_row_says_what_happened(story: Story) -> None:
    for name, rows in story.rows.items():
        assert set(rows) == set(WISHES[name][0])
        assert {row["outcome"] for row in rows.values()} <= {*GOOD, "refused"}
        for instance_id, row in rows.items():
            if row["outcome"] in GOOD and story.wipes[instance_id] == 1:
                assert (row["after"] or row["before"])["image"] == story.images[instance_id]
