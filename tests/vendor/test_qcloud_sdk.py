# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The vendor's own SDK for the legacy ("v2") API works unchanged against the emulator.

It speaks HTTPS to fixed hosts only (cvm.api.qcloud.com, image.api.qcloud.com), but it heeds https_proxy: so
it is given a proxy that ends in the emulator, and told to trust its certificate (see conftest.py).
"""

from __future__ import annotations

import http.client
import json
import time
import urllib.parse
from collections.abc import Iterator
from typing import Any

import pytest

from emulator.client import Emulator
from emulator.wires.tencent.legacy.signature import signature

qcloudapi = pytest.importorskip("QcloudApi.qcloudapi")

PROVIDER = "tencent_cvm_v2"
SECRET = "SECRET"
STATES = {"running1": "running", "running2": "running", "stopped1": "stopped", "creating": "creating"}
STATUS = "OperationConstraints.InvaildInstanceStatus"


@pytest.fixture(scope="module")
def server() -> Iterator[Emulator]:
    with Emulator() as emulator:
        yield emulator


@pytest.fixture(scope="module")
def environment(server: Emulator, front_of: Any) -> dict[str, str]:
    return front_of(server.endpoint)


@pytest.fixture
def emulator(server: Emulator, environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Emulator:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    own = {"provider": PROVIDER}
    server.seed(
        {
            "accounts": [
                {"name": "main", "access_key": "AK", "secret_key": SECRET, **own},
                {"name": "temporary", "access_key": "AK2", "secret_key": "SECRET2", "token": "TOKEN", **own},
            ],
            "zones": [{"id": "ap-guangzhou-1", "region": "ap-guangzhou", **own}],
            "images": [
                {"id": "img-ubuntu01", "name": "Ubuntu", **own},
                {"id": "img-custom01", "kind": "custom", "account": "main", **own},
            ],
            "instances": [
                {
                    "id": f"ins-{name}",
                    "name": name,
                    "account": "main",
                    "zone": "ap-guangzhou-1",
                    "status": status,
                    "image_id": "img-ubuntu01",
                    **own,
                }
                for name, status in STATES.items()
            ],
        }
    )
    return server


def call(action: str, given: dict[str, Any], **config: Any) -> dict[str, Any]:
    """One call through the SDK."""
    module = "image" if action == "DescribeImages" else "cvm"
    service = qcloudapi.QcloudApi(
        module,
        {
            "Region": "gz",
            "secretId": "AK",
            "secretKey": SECRET,
            "method": "post",
            "SignatureMethod": "HmacSHA256",
            **config,
        },
    )
    answer = json.loads(service.call(action, given))
    assert {"code", "message", "codeDesc"} <= set(answer)
    return answer


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("digest", ["HmacSHA1", "HmacSHA256"])
@pytest.mark.parametrize(
    "action, given, found",
    [
        (
            "DescribeInstances",
            {"instanceIds": ["ins-stopped1"]},
            lambda answer: (answer["totalCount"], answer["instanceSet"][0]["status"]) == (1, 4),
        ),
        (
            "DescribeInstances",
            {"searchWord": "running", "offset": 1, "limit": 5},
            lambda answer: [row["unInstanceId"] for row in answer["instanceSet"]] == ["ins-running2"],
        ),
        (
            "DescribeImages",
            {"imageIds": ["img-custom01"], "imageType": 1},
            lambda answer: answer["imageSet"][0]["unImgId"] == "img-custom01",
        ),
    ],
)
def test_every_read_is_answered(emulator, action, given, found, method, digest):
    answer = call(action, given, method=method, SignatureMethod=digest)
    assert answer["code"] == 0 and found(answer)


@pytest.mark.parametrize(
    "action, given, meanwhile, after",
    [
        (
            "ResetInstances",
            {
                "instanceId": "ins-running1",
                "imageId": "img-custom01",
                "imageType": 1,
                "rootSize": 50,
                "password": "Abc123!@#&=+",
                "needSecurityAgent": 0,
            },
            "resetting",
            "running",
        ),
        ("RestartInstances", {"instanceIds": ["ins-running1"], "forceStop": 0}, "rebooting", "running"),
        ("StartInstances", {"instanceIds": ["ins-stopped1"]}, "starting", "running"),
        (
            "ResetInstancePassword",
            {"instanceIds": ["ins-stopped1"], "password": "Abc123!@#"},
            "setting_password",
            "stopped",
        ),
        ("StopInstances", {"instanceIds": ["ins-running1"], "forceStop": 1}, "stopping", "stopped"),
    ],
)
def test_every_write_is_taken_on_and_ends(emulator, action, given, meanwhile, after):
    assert call(action, given)["code"] == 0
    name = given.get("instanceId") or given["instanceIds"][0]
    assert emulator.instance(name)["status"] == meanwhile
    emulator.advance(600)
    assert (emulator.instance(name)["status"], emulator.wipes(name)) == (
        after,
        int(action == "ResetInstances"),
    )


@pytest.mark.parametrize(
    "action, given, number, word",
    [
        ("ResetInstances", {"instanceId": "ins-creating"}, 5100, STATUS),
        (
            "ResetInstances",
            {"instanceId": "ins-running1", "imageId": "img-custom01"},
            4000,
            "InvalidParameter",
        ),
        ("RestartInstances", {"instanceIds": ["ins-stopped1"]}, 5100, "OperationFail.AllResourceOpFailed"),
        ("StartInstances", {"instanceIds": []}, 4000, "InvalidParameter"),
        ("StopInstances", {"instanceIds": ["ins-running1", "ins-stopped1"]}, 5400, ""),
        ("DescribeInstances", {"limit": 101}, 4000, "InvalidParameter"),
        ("DescribeImages", {"imageType": 7}, 4000, "InvalidParameter"),
        ("RebootInstances", {}, 6100, "InvalidAction"),
        ("DescribeInstances", {"Version": "2017-03-12"}, 6100, "InvalidAction"),
    ],
)
def test_an_error_reaches_the_caller_with_the_vendors_number(emulator, action, given, number, word):
    answer = call(action, given)
    assert (answer["code"], answer["codeDesc"]) == (number, word)


@pytest.mark.parametrize(
    "config, number",
    [
        ({"secretKey": "SECREU"}, 4100),
        ({"secretId": "AL"}, 4104),
        ({"secretId": "AK2", "secretKey": "SECRET2"}, 4105),
        ({"secretId": "AK2", "secretKey": "SECRET2", "Token": "TOKEN"}, 0),
        ({"Region": "nowhere"}, 4000),
    ],
)
def test_a_wrong_credential_or_region_is_refused(emulator, config, number):
    assert call("DescribeInstances", {}, **config)["code"] == number


def test_a_request_that_is_sent_again_is_a_replay(emulator):
    once = {"Nonce": 4711, "Timestamp": int(time.time())}
    assert [call("DescribeInstances", once)["code"] for turn in range(2)] == [0, 4500]


def test_a_clock_that_is_off_is_told_so(emulator):
    assert call("DescribeInstances", {"Timestamp": int(time.time()) - 310})["code"] == 4200


@pytest.mark.parametrize(
    "old, new, number",
    [
        ("ins-running1", "ins-running2", 4100),
        ("SecretId=AK", "SecretId=AL", 4104),
        ("Nonce=", "Nonce=1", 4100),
        ("Region=gz", "Region=sh", 4100),
        ("SignatureMethod=HmacSHA256", "SignatureMethod=HmacSHA1", 4100),
        ("Signature=", "Signature=A", 4100),
        ("RequestClient", "requestClient", 4100),
    ],
)
def test_one_changed_byte_of_a_signed_request_is_noticed(emulator, monkeypatch, old, new, number):
    send = http.client.HTTPSConnection.request

    def tamper(connection: Any, method: str, url: str, body: Any, headers: Any) -> None:
        send(connection, method, url, body.replace(old, new, 1), headers)

    monkeypatch.setattr(http.client.HTTPSConnection, "request", tamper)
    assert call("DescribeInstances", {"instanceIds": ["ins-running1"]})["code"] == number


def test_a_value_that_begins_with_an_at_sign_is_refused_because_the_sdk_does_not_sign_it(emulator):
    given = {"instanceId": "ins-running1", "password": "@bc12345678"}
    assert call("ResetInstances", given)["code"] == 4100
    assert call("ResetInstances", given, method="get")["code"] == 0


@pytest.mark.parametrize("digest", ["HmacSHA1", "HmacSHA256", "anything"])
def test_a_url_that_the_sdk_makes_has_the_signature_that_is_expected(digest):
    service = qcloudapi.QcloudApi(
        "cvm",
        {"Region": "gz", "secretId": "AK", "secretKey": SECRET, "method": "get", "SignatureMethod": digest},
    )
    url = urllib.parse.urlsplit(
        service.generateUrl("RestartInstances", {"instanceIds": ["ins-1"] * 12, "a_b": "c d&"})
    )
    given = dict(urllib.parse.parse_qsl(url.query))
    assert signature("GET", str(url.hostname), url.path, given, SECRET) == given["Signature"]
