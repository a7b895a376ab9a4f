# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Who gets in, and who does not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from emulator.model import Account
from emulator.wire import Gate, UsedNonces, VendorError
from emulator.wires.zenlayer.signature import sign_in

FORGED = "ZC2-HMAC-SHA256 Credential=AK, SignedHeaders={}, Signature=" + "0" * 64
# The first was computed with the vendor's SDK, the second stands in "Zenlayer API: Signature".
VECTORS = [
    (
        "SECRETEXAMPLE",
        "1760000000",
        "application/json",
        b'{"instanceIds": ["ins-1", "ins-2"], "keyId": "key-YWD2QFOl", "imageId": "img-ubuntu", '
        b'"enableAgent": true}',
        "7aad62463eb90d212e4d4b34c9454c82e77ec29a4dd4319652bf2c086b796e62",
    ),
    (
        "Gu5t9xGARNpq86cd98joQYCN3",
        "1673361177",
        "application/json; charset=utf-8",
        b'{"pageSize":10,"pageNum":1,"zoneId":"HKG-A"}',
        "efb356c32e55c781e10dc676da59462c22596d82e91c57803666243379555b2f",
    ),
]


def enter(secret: str, stamp: str, content_type: str, body: bytes, made: str, late: float = 0) -> Account:
    account = Account("main", "zenlayer_zec", "AKIDEXAMPLE", secret)
    return sign_in(
        {
            "host": "console.zenlayer.com",
            "content-type": content_type,
            "x-zc-timestamp": stamp,
            "authorization": "ZC2-HMAC-SHA256 Credential=AKIDEXAMPLE, SignedHeaders=content-type;host, "
            f"Signature={made}",
        },
        body,
        Gate([account], float(stamp) + late, UsedNonces()),
    )


@pytest.mark.parametrize("vector", VECTORS)
def test_the_known_signatures_are_accepted(vector):
    assert enter(*vector).name == "main"


@pytest.mark.parametrize(
    "late, code",
    [
        (300, "accepted"),
        (301, "AUTHFAILURE_SIGNATURE_EXPIRED"),
        (-301, "AUTHFAILURE_SIGNATURE_EXPIRED"),
    ],
)
def test_a_signature_lives_five_minutes_in_either_direction(late, code):
    try:
        enter(*VECTORS[0], late=late)
        found = "accepted"
    except VendorError as error:
        found = error.code
    assert found == code


@pytest.mark.parametrize(
    "wrong, code",
    [
        ({"secret": "sK"}, "AUTHFAILURE_SIGNATURE_FAILURE"),
        ({"key": "nobody"}, "AUTHFAILURE_SIGNATURE_FAILURE"),
        ({"headers": {"host": "cloud.tesT"}}, "AUTHFAILURE_SIGNATURE_FAILURE"),
        ({"headers": {"content-type": "application/json; charset=utf-8"}}, "AUTHFAILURE_SIGNATURE_FAILURE"),
        ({"headers": {"authorization": FORGED.format("content-type;host")}}, "AUTHFAILURE_SIGNATURE_FAILURE"),
        (
            {"headers": {"authorization": FORGED.format("content-type;hosu")}},
            "AUTHFAILURE_INVALID_AUTHORIZATION",
        ),
        ({"headers": {"authorization": ""}}, "AUTHFAILURE_INVALID_AUTHORIZATION"),
        ({"headers": {"authorization": "Bearer TOKEM"}}, "AUTHFAILURE_INVALID_AUTHORIZATION"),
        ({"headers": {"x-zc-signature-method": "TC3-HMAC-SHA256"}}, "AUTHFAILURE_INVALID_AUTHORIZATION"),
        ({"headers": {"x-zc-timestamp": "now"}}, "AUTHFAILURE_INVALID_AUTHORIZATION"),
    ],
)
def test_whoever_is_not_who_they_say_is_refused(cloud, wrong, code):
    assert cloud.refusal("DescribeZones", **wrong) == (401, code)


def test_a_token_gets_in_without_a_signature_and_without_a_version(cloud):
    assert cloud.refusal("DescribeZones", headers={"authorization": "Bearer TOKEN"}) == (200, "accepted")


@pytest.mark.parametrize("body", [b"[]", b"{", b"\xff"])
def test_a_body_that_is_no_object_is_refused(cloud, body):
    assert cloud.refusal("DescribeZones", raw=body) == (400, "INVALID_PARAMETER_TYPE")


def test_key_pairs_are_in_their_own_service_only(cloud):
    assert cloud.call("DescribeKeyPairs", service="ccs")["totalCount"] == 2
    assert cloud.refusal("DescribeKeyPairs")[1] == "AUTHFAILURE_UNAUTHORIZED_OPERATION"


def test_a_nonce_can_be_used_once_until_it_is_forgotten():
    nonces = UsedNonces()
    assert [nonces.first_use("n", now, 300) for now in (0, 299, 301)] == [True, False, True]


def test_the_journal_never_holds_a_secret(cloud):
    secrets = {"password": "Aa1~hush", "userData": "hush-data"}
    cloud.call("ResetInstances", instanceIds=["off-1"], **secrets)
    cloud.refusal("hush\nforged line", secret="hush")
    written = json.dumps(cloud.emulation.journal.listed())
    assert not [
        text for text in ("Aa1~hush", "hush-data", "SK", "ssh-ed25519", "Signature", "\\n") if text in written
    ]


def test_the_emulator_imports_nothing_of_the_collection():
    sources = (Path(__file__).parents[2] / "emulator").rglob("*.py")
    assert not [
        path
        for path in sources
        if "ansible_collections" in path.read_text() or "plugins." in path.read_text()
    ]
