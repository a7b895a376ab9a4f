# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Looks at a few that stand for all, where a look at all takes several requests."""

from __future__ import annotations

from itertools import pairwise

import pytest

from ansible_collections.reforge.cloud.plugins.module_utils.act.execute import Guards
from ansible_collections.reforge.cloud.plugins.module_utils.core import timing
from ansible_collections.reforge.cloud.plugins.module_utils.providers.zenlayer_zec import PROVIDER as ZEC

LOOK = "DescribeInstances"
ALL = 10


@pytest.fixture
def ids():
    return [f"i-{number}" for number in range(ALL)]


@pytest.fixture
def sky(sky):
    """A provider that tells of two instances in one request."""
    sky.client.provider = ZEC._replace(instances=ZEC.instances._replace(at_once=2, page=2))
    return sky


def seed(sky, ids, seconds=(60.0,) * ALL):
    sky.seed(
        **{
            instance_id: {"status": "stopped", "durations": {"reset": time}}
            for instance_id, time in zip(ids, seconds)
        }
    )


def looks(sky, instance_id):
    """When it was looked at since its reset was sent, in seconds since then."""
    (sent,) = [entry["at"] for entry in sky.requests("ResetInstances") if instance_id in entry["ids"]]
    moments = [entry["at"] - sent for entry in sky.requests(LOOK) if instance_id in entry["ids"]]
    return [moment for moment in moments if moment > 0]


def outcomes(report):
    return {item.end.outcome.value for item in report.items}


def test_the_first_stand_for_the_others_until_they_end(sky, ids):
    seed(sky, ids)
    assert outcomes(sky.reset(ids)) == {"reset"}
    assert len(looks(sky, ids[0])) > 2 * len(looks(sky, ids[-1]))
    assert looks(sky, ids[-1])[-1] - looks(sky, ids[0])[-1] < 1.0


def test_all_are_looked_at_until_each_is_seen_under_way(sky, ids):
    seed(sky, ids)
    sky.fault("late_record", "ResetInstances", seconds=10, ids=ids[-1:])
    sky.reset(ids)
    early = [
        [moment for moment in looks(sky, instance_id) if moment < 10] for instance_id in (ids[0], ids[-1])
    ]
    assert len(early[0]) > 5
    assert abs(len(early[0]) - len(early[1])) <= 1  # the last look can be in two halves


def test_one_that_ends_long_before_the_sample_is_seen_in_time(sky, ids):
    seed(sky, ids, (*(600.0,) * (ALL - 1), 100.0))
    report = sky.reset(ids)
    assert outcomes(report) == {"reset"}
    gaps = [later - earlier for earlier, later in pairwise(looks(sky, ids[-1]))]
    assert max(gaps) < timing.UNWATCHED_SECONDS
    assert report.items[-1].finished_at - report.items[-1].started_at < 100 + 2 * timing.SAMPLED_SECONDS


def test_one_that_is_stuck_does_not_hide_the_end_of_the_others(sky, ids):
    seed(sky, ids, (600.0, *(60.0,) * (ALL - 1)))
    report = sky.reset(ids)
    assert max(item.finished_at - item.started_at for item in report.items[1:]) < 66


def test_all_are_looked_at_when_the_time_is_up(sky, ids):
    seed(sky, ids, (*(600.0,) * (ALL - 1), 58.0))
    report = sky.reset(ids, Guards(timeout=60.0))
    assert [item.end.outcome.value for item in report.items] == ["timeout"] * (ALL - 1) + ["reset"]


def test_a_provider_that_tells_of_all_in_one_request_is_asked_for_all_and_not_twice(sky, ids):
    sky.client.provider = ZEC
    seed(sky, ids)
    sky.reset(ids)
    assert {len(entry["ids"]) for entry in sky.requests(LOOK)} == {ALL}
    assert min(later - earlier for earlier, later in pairwise(looks(sky, ids[0]))) > 0.3
