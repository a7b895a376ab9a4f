# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""New passwords without a reset, at all four Tencent APIs."""

from __future__ import annotations

import pytest

IDS = {"ecm": "InstanceIdSet", "lighthouse": "InstanceIds", "cvm": "InstanceIds"}
EVERY = pytest.mark.parametrize("service", IDS)
GOOD = "Aa1-aaaaaaaa"


@pytest.fixture
def ask(cloud_of):
    """A request for a new password of the named instances: the cloud, and what sends it."""

    def make(service):
        cloud = cloud_of(f"tencent_{service}")

        def send(*names, password=GOOD, **more):
            ids = {IDS[service]: [cloud.id(name) for name in names]}
            return cloud.refusal("ResetInstancesPassword", **ids, Password=password, **more)

        return cloud, send

    return make


@EVERY
def test_a_stopped_instance_has_the_password_at_the_end_and_stays_stopped(ask, service):
    cloud, send = ask(service)
    assert send("stopped1") == "accepted"
    assert cloud.latest("stopped1") == ("STOPPED", "ResetInstancesPassword", "OPERATING")
    assert cloud.truth("stopped1").login.password == ""
    cloud.clock.advance(16)
    assert cloud.latest("stopped1") == ("STOPPED", "ResetInstancesPassword", "SUCCESS")
    assert cloud.truth("stopped1").login.password == GOOD and cloud.wiped() == 0


@EVERY
def test_a_running_instance_is_stopped_for_it_and_started_again(ask, service):
    cloud, send = ask(service)
    force = {} if service == "lighthouse" else {"ForceStop": True}
    before = cloud.truth("running1").boot
    assert send("running1", **force) == "accepted"
    cloud.clock.advance(16)
    assert cloud.latest("running1")[0] == "RUNNING" and cloud.truth("running1").boot == before + 1


@pytest.mark.parametrize(
    "service, code",
    [
        ("ecm", "UnsupportedOperation.InvalidInstanceState"),
        ("cvm", "UnsupportedOperation.InstanceStateRunning"),
    ],
)
def test_a_running_instance_needs_force_stop(ask, service, code):
    cloud, send = ask(service)
    assert send("running1") == code and cloud.latest("running1")[0] == "RUNNING"


@EVERY
@pytest.mark.parametrize("password", ["Aa1-aaa", "aaaaaaaaaaaa", "/a1-aaaaaaaa", "Aa1 aaaaaaaa"])
def test_a_bad_password_is_refused(ask, service, password):
    _cloud, send = ask(service)
    assert send("stopped1", password=password).startswith("InvalidParameterValue.Inva")


@EVERY
def test_in_a_mixed_batch_the_rule_for_windows_counts(ask, service):
    cloud, send = ask(service)
    force = {} if service == "lighthouse" else {"ForceStop": True}
    assert send("windows1", "stopped1", password="Aa1-aaaa", **force) != "accepted"
    assert send("windows1", "stopped1", **force) == "accepted" and cloud.wiped() == 0


def test_the_legacy_api_accepts_stopped_instances_and_reports_each_id(legacy_cvm):
    ids = {f"instanceIds.{number}": f"ins-{name}" for number, name in enumerate(("stopped1", "running1"))}
    answer = legacy_cvm.flat("ResetInstancePassword", **ids, password=GOOD)
    assert answer["code"] == 5400
    assert {instance_id: row["code"] for instance_id, row in answer["detail"].items()} == {
        "ins-stopped1": 0,
        "ins-running1": 5100,
    }
    (row,) = legacy_cvm.flat("DescribeInstances", **{"instanceIds.0": "ins-stopped1"})["instanceSet"]
    assert row["status"] == 10
    legacy_cvm.clock.advance(16)
    assert legacy_cvm.truth("stopped1").login.password == GOOD


def test_the_legacy_api_refuses_a_bad_password_as_a_whole(legacy_cvm):
    given = {"instanceIds.0": "ins-stopped1", "password": "short"}
    assert legacy_cvm.flat("ResetInstancePassword", **given)["code"] == 4000
