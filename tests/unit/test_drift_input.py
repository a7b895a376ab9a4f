# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The variables of a report: which image is wanted where, and what is refused before anything is sent."""

from __future__ import annotations

import pytest

from ansible_collections.reforge.cloud.plugins.plugin_utils.fleet.groups import FleetError, group_hosts
from ansible_collections.reforge.cloud.plugins.plugin_utils.report.drift_input import (
    check_groups,
    split_images,
)

LOOPBACK = "http://127.0.0.1:1"


def test_wanted_images_do_not_split_the_calls():
    images, others = split_images(
        {
            "a": {"instance_id": "i-1", "provider": "zenlayer_zec", "image_id": "new"},
            "b": {"instance_id": "i-2", "provider": "zenlayer_zec", "image_id": 123},
            "c": {"instance_id": "i-3", "provider": "zenlayer_zec", "image_id": ""},
            "d": {"instance_id": "i-4", "provider": "zenlayer_zec", "image_id": None},
            "e": {"instance_id": "i-5", "provider": "zenlayer_zec"},
        }
    )
    assert images == {"a": "new", "b": "123"}
    assert len(group_hosts(others)) == 1 and set(others["a"]) == {"instance_id", "provider"}


@pytest.mark.parametrize("value", [["img-1"], {"id": "img-1"}, True, 1.5, " ", "Ubuntu 24.04", "img-1\n"])
def test_an_image_that_is_no_id_is_refused_by_name(value):
    with pytest.raises(FleetError) as caught:
        split_images({"web-1": {"image_id": value}})
    message = str(caught.value)
    assert "host web-1: rebuild_image_id" in message and repr(value) in message and "set one id" in message


@pytest.mark.parametrize(
    "given, named",
    [
        ({"provider": "zenlayer"}, ["rebuild_provider", "zenlayer_zec", "got: zenlayer"]),
        ({"validate_certs": "perhaps"}, ["rebuild_validate_certs", "perhaps", "yes"]),
        ({"request_timeout": "soon"}, ["rebuild_request_timeout", "soon", "int"]),
        ({"request_timeout": 0}, ["rebuild_request_timeout: 0 is too small", "1 or more"]),
        ({"endpoint": "http://example.org"}, ["rebuild_endpoint: 'http://example.org'", "use https"]),
        ({"endpoint": "https://me:hush@example.org"}, ["rebuild_endpoint", "without a user"]),
        ({"instance_id": "all"}, ["instance_id: 'all'", "patterns"]),
        ({"provider": "tencent_cvm", "instance_id": "lhins-1"}, ["instance_id: 'lhins-1'", "tencent_cvm"]),
        ({"instance_ids": ["i-1"]}, ["instance_ids is not a connection option", "provider, region"]),
    ],
)
def test_an_option_that_cannot_work_is_refused_with_host_value_and_rule(given, named):
    host = {"instance_id": "i-1", "provider": "zenlayer_zec", **given}
    with pytest.raises(FleetError) as caught:
        check_groups(group_hosts({"web-1": host}))
    assert all(word in str(caught.value) for word in ["host web-1: ", *named]) and "hush" not in str(
        caught.value
    )


def test_what_a_survey_and_an_old_ansible_send_as_text_is_taken():
    check_groups(
        group_hosts(
            {
                "a": {
                    "instance_id": "i-1",
                    "provider": "zenlayer_zec",
                    "validate_certs": "False",
                    "request_timeout": "30",
                    "endpoint": LOOPBACK,
                    "secret_key": "S",
                },
                "b": {"instance_id": "ins-1", "provider": "tencent_cvm", "region": ""},
            }
        )
    )
