# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""How records of ZEC become instances and images, and what a reset there costs when it cannot work."""

from __future__ import annotations

import pytest

from ansible_collections.reforge.cloud.plugins.module_utils.act.lookups import list_images
from ansible_collections.reforge.cloud.plugins.module_utils.commands.validate import check_reset
from ansible_collections.reforge.cloud.plugins.module_utils.core.errors import InputError
from ansible_collections.reforge.cloud.plugins.module_utils.core.model import Outcome, Status


@pytest.mark.parametrize(
    "size, wanted",
    [("30", 30), ("30 GiB", 30), ("30.5", 31), (30, 30), ("1 TiB", 1024), (None, 0), ("big", 0)],
)
def test_the_size_of_an_image_is_read_with_and_without_its_unit(zec, size, wanted):
    assert zec.to_image({"imageId": "i", "imageSize": size}).size == wanted


def test_ipv6_addresses_come_from_the_network_cards(zec):
    nics = [
        {"nicType": "Secondary", "primaryIpv6": "fd00::2"},
        {"nicType": "Primary", "primaryIpv6": "2400:cb00::1", "publicIpList": ["203.0.113.5"]},
    ]
    record = {
        "instanceId": "i",
        "publicIpAddresses": ["203.0.113.5"],
        "privateIpAddresses": ["10.0.0.1"],
        "nics": nics,
    }
    instance = zec.to_instance(record, "")
    assert instance.public_ips == ("203.0.113.5", "2400:cb00::1") and instance.private_ips == (
        "10.0.0.1",
        "fd00::2",
    )


@pytest.mark.parametrize("special", "|;:,.?`")
def test_a_password_that_only_other_pages_allow_is_refused_before_anything_is_sent(zec, special):
    with pytest.raises(InputError, match="not allowed"):
        check_reset(zec, {"image_id": "new", "password": f"Aa1~aaa{special}"})


def test_images_of_a_region_are_those_of_its_zones_only(sky):
    document = [("asia-east-1a", "asia-east-1"), ("asia-east-10a", "asia-east-10")]
    sky.seed(zones=document)
    sky.client.account = type(sky.client.account)(sky.client.account.secrets, "asia-east-1")
    assert {zone for image in list_images(sky.client) for zone in image.zones} == {"asia-east-1a"}


def test_a_reset_after_a_failed_one_costs_one_request_and_says_why(sky):
    sky.seed(**{"i-1": {"status": "reset_failed"}})
    (work,) = sky.reset(["i-1"]).items
    assert work.end.outcome is Outcome.FAILED and "does not say whether" in work.end.sentence
    assert len(sky.requests("ResetInstances")) == 1 and sky.wipes() == {"i-1": 0}


def test_a_reset_without_login_stops_no_instance(sky):
    sky.seed(**{"i-1": {}})
    (work,) = sky.reset(["i-1"], key_ids=None).items
    assert work.end.outcome is Outcome.REFUSED and sky.requests("StopInstances") == []


def test_an_instance_without_zone_is_refused_and_the_others_are_reset(sky):
    sky.seed(**{"i-1": {"extra": {"zoneId": None}}, "i-2": {"status": "stopped"}})
    report = sky.reset(["i-1"])
    assert report.items[0].end.reason == "image_not_found" and "zone unknown" in report.items[0].end.sentence
    assert sky.reset(["i-2"]).items[0].end.outcome is Outcome.RESET


def test_a_new_word_is_a_state_that_is_waited_out(zec):
    instance = zec.to_instance({"instanceId": "i", "status": "MOVING"}, "")
    assert (instance.status, instance.vendor_status) == (Status.UNKNOWN, "MOVING")
