# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Who gets in at API 3.0, and in which envelope they are told otherwise."""

from __future__ import annotations

import json
from typing import Any

import pytest

from emulator.model import Account
from emulator.wire import Gate, Request, UsedNonces, VendorError
from emulator.wires.tencent import tc3

# The key pair of the vendor's pages, and two examples from them (cloud.tencent.com/document/api/213/30654 and
# the pages in github.com/tencentyun/qcloud-documents); the others were computed with the vendor's own Python
# SDK. They are: method, host, content type, timestamp, query, body, service, signature.
KEY, SECRET = "AKIDz8krbsJ5yKBZQpn74WFkmLPx3EXAMPLE", "Gu5t9xGARNpq86cd98joQYCN3EXAMPLE"
UTF8, PLAIN, FORM = "application/json; charset=utf-8", "application/json", "application/x-www-form-urlencoded"
VECTORS = {
    "published POST": (
        "POST",
        "cvm.tencentcloudapi.com",
        UTF8,
        1551113065,
        "",
        b'{"Limit": 1, "Filters": [{"Values": ["\\u672a\\u547d\\u540d"], "Name": "instance-name"}]}',
        "cvm",
        "72e494ea809ad7a8c8f7a4507b9bddcbaa8e581f516e8da2f66e2c5a96525168",
    ),
    "published GET": (
        "GET",
        "cvm.tencentcloudapi.com",
        FORM,
        1539084154,
        "Limit=10&Offset=0",
        b"",
        "cvm",
        "5da7a33f6993f0614b047e5df4582db9e9bf4672ba50567dba16c6ccf174c474",
    ),
    "ECM ResetInstances": (
        "POST",
        "ecm.tencentcloudapi.com",
        PLAIN,
        1551113065,
        "",
        b'{"InstanceIdSet": ["ein-492054ga", "ein-482972ao"], "ImageId": "img-q9fy0if9", "KeepData": "true"}',
        "ecm",
        "f372d7a19e524bff031b1155a20ab1b240286359da16cb51395f747c053d19d9",
    ),
    "Lighthouse ResetInstance": (
        "POST",
        "lighthouse.tencentcloudapi.com",
        PLAIN,
        1551113065,
        "",
        b'{"InstanceId": "lhins-ruy9d2tw", "BlueprintId": "lhbp-5e8807lo"}',
        "lighthouse",
        "2b2d4d3b9c2a144ff5f6f7fbaf81b44a5e398c76a9ffbbb5b486b047ad262c00",
    ),
    "CVM ResetInstance": (
        "POST",
        "cvm.tencentcloudapi.com",
        PLAIN,
        1551113065,
        "",
        b'{"InstanceId": "ins-r8hr2upy", "ImageId": "img-pmqg1cw7"}',
        "cvm",
        "b1d98a1963540be3613f7856a1ad1f4ea9eb37bc685bd80eca38b42d1c058176",
    ),
    "CVM DescribeInstances by GET": (
        "GET",
        "cvm.tencentcloudapi.com",
        FORM,
        1551113065,
        "Limit=10&Offset=0",
        b"",
        "cvm",
        "9867b291561db17491c01f0d7f06be3ccd45e91ecd3ce5434330e00ece036f64",
    ),
    "a finance zone": (
        "POST",
        "cvm.ap-shanghai-fsi.tencentcloudapi.com",
        PLAIN,
        1551113065,
        "",
        b"{}",
        "cvm",
        "2e673e2bc5291f9f7d01935511ad68d1a41e6acfbf4f11a2d8962785a66beb7a",
    ),
}
DATES = {1551113065: "2019-02-25", 1539084154: "2018-10-09"}


def enter(name: str, late: float = 0.0, **changes: Any) -> str:
    """The code for one of the examples, with some of its parts changed."""
    method, host, kind, stamp, query, body, service, made = VECTORS[name]
    authorization = (
        f"TC3-HMAC-SHA256 Credential={KEY}/{DATES[stamp]}/{service}/tc3_request, "
        f"SignedHeaders=content-type;host, Signature={made}"
    )
    headers = {
        "host": host,
        "content-type": kind,
        "x-tc-timestamp": str(stamp),
        "authorization": authorization,
    }
    headers.update(changes.pop("headers", {}))
    if "replace" in changes:
        headers["authorization"] = headers["authorization"].replace(*changes.pop("replace"))
    request = Request(
        **{"method": method, "path": "/", "query": query, "headers": headers, "body": body, **changes}
    )
    account = Account("main", "tencent_cvm", KEY, SECRET)
    try:
        return tc3.sign_in(request, Gate([account], stamp + late, UsedNonces())).name
    except VendorError as error:
        return error.code


@pytest.mark.parametrize("name", VECTORS)
def test_the_known_examples_are_accepted(name):
    assert enter(name) == "main"


@pytest.mark.parametrize(
    "late, expected",
    [
        (300, "main"),
        (-300, "main"),
        (301, "AuthFailure.SignatureExpire"),
        (-301, "AuthFailure.SignatureExpire"),
    ],
)
def test_a_signature_lives_five_minutes_in_either_direction(late, expected):
    assert enter("published POST", late) == expected


@pytest.mark.parametrize(
    "name, change, expected",
    [
        ("published POST", {"body": b'{"Limit": 2}'}, "SignatureFailure"),
        ("published POST", {"method": "PUT"}, "SignatureFailure"),
        ("published GET", {"query": "Limit=10&Offset=1"}, "SignatureFailure"),
        ("published POST", {"headers": {"host": "ecm.tencentcloudapi.com"}}, "SignatureFailure"),
        ("published POST", {"headers": {"content-type": PLAIN}}, "SignatureFailure"),
        ("published POST", {"headers": {"x-tc-timestamp": "1551113066"}}, "SignatureFailure"),
        ("published POST", {"headers": {"x-tc-timestamp": "soon"}}, "InvalidAuthorization"),
        ("published POST", {"headers": {"x-tc-timestamp": ""}}, "InvalidAuthorization"),
        ("published POST", {"headers": {"x-tc-content-sha256": "UNSIGNED-PAYLOAD"}}, "SignatureFailure"),
        ("published POST", {"replace": ("Signature=7", "Signature=8")}, "SignatureFailure"),
        ("published POST", {"replace": ("2019-02-25", "2019-02-26")}, "SignatureFailure"),
        ("published POST", {"replace": ("/cvm/", "/ecm/")}, "SignatureFailure"),
        ("published POST", {"replace": ("AKID", "AKIE")}, "SecretIdNotFound"),
        (
            "published POST",
            {"replace": ("content-type;host", "content-type;host;x-tc-timestamp")},
            "SignatureFailure",
        ),
        ("published POST", {"replace": ("content-type;host", "content-type")}, "InvalidAuthorization"),
        ("published POST", {"replace": ("content-type;host", "host;content-type")}, "InvalidAuthorization"),
        (
            "published POST",
            {"replace": ("content-type;host", "content-type;host;host")},
            "InvalidAuthorization",
        ),
        (
            "published POST",
            {"replace": ("content-type;host", "content-type;host;x-tc-nothing")},
            "InvalidAuthorization",
        ),
        ("published POST", {"replace": ("TC3-HMAC-SHA256", "ZC2-HMAC-SHA256")}, "InvalidAuthorization"),
        ("published POST", {"replace": ("tc3_request", "tc2_request")}, "InvalidAuthorization"),
        ("published POST", {"replace": ("Signature=7", "Signature=")}, "InvalidAuthorization"),
        ("published POST", {"headers": {"authorization": "SKIP"}}, "InvalidAuthorization"),
        ("published POST", {"headers": {"x-tc-token": "any"}}, "TokenFailure"),
    ],
)
def test_one_changed_part_of_a_signed_request_is_noticed(name, change, expected):
    assert enter(name, **change) == f"AuthFailure.{expected}"


def test_a_host_is_signed_in_lower_case():
    assert enter("published POST", headers={"host": " CVM.tencentcloudapi.com"}) == "main"


@pytest.mark.parametrize(
    "token, expected",
    [("TOKEN", "accepted"), ("TOKEM", "AuthFailure.TokenFailure"), ("", "AuthFailure.TokenFailure")],
)
def test_a_temporary_key_needs_its_token(cvm, read_code, token, expected):
    assert (
        read_code(cvm.send("DescribeZones", key="AK3", secret="SK3", headers={"x-tc-token": token}))
        == expected
    )


def test_a_payload_can_be_left_unsigned_by_whoever_says_so(cvm, read_code):
    unsigned = {"x-tc-content-sha256": "UNSIGNED-PAYLOAD"}
    assert read_code(cvm.send("DescribeZones", {}, signed=unsigned)) == "accepted"


@pytest.mark.parametrize("service", ["ecm", "lighthouse", "cvm"])
@pytest.mark.parametrize(
    "headers, expected",
    [
        ({"x-tc-version": "2017-03-11"}, "NoSuchVersion"),
        ({"x-tc-version": ""}, "MissingParameter"),
        ({"x-tc-action": "RunInstances"}, "InvalidAction"),
        ({"x-tc-action": ""}, "MissingParameter"),
        ({"x-tc-action": "describeInstances"}, "InvalidAction"),
        ({}, "accepted"),
    ],
)
def test_version_and_action_must_be_those_of_the_service(request, read_code, service, headers, expected):
    assert read_code(request.getfixturevalue(service).send("DescribeInstances", headers=headers)) == expected


@pytest.mark.parametrize(
    "service, region, expected",
    [
        ("ecm", "", "accepted"),
        ("ecm", "anywhere", "accepted"),
        ("lighthouse", "", "MissingParameter"),
        ("lighthouse", "ap-nowhere", "UnsupportedRegion"),
        ("cvm", "", "MissingParameter"),
        ("cvm", "ap-nowhere", "UnsupportedRegion"),
    ],
)
def test_a_region_is_needed_where_instances_are_regional(request, read_code, service, region, expected):
    found = request.getfixturevalue(service).send("DescribeInstances", headers={"x-tc-region": region})
    assert read_code(found) == expected


@pytest.mark.parametrize("service", ["lighthouse", "cvm"])
def test_regions_are_listed_without_naming_one(request, read_code, service):
    found = request.getfixturevalue(service).send("DescribeRegions", headers={"x-tc-region": ""})
    assert [row["Region"] for row in json.loads(found.body)["Response"]["RegionSet"]] == [
        "ap-guangzhou",
        "ap-singapore",
    ]


def test_the_scope_chooses_the_service_and_a_strange_one_is_refused(cvm, ecm, read_code):
    assert "uuid-ein" in str(ecm.call("DescribeInstances"))
    cvm.service = "sts"
    assert read_code(cvm.send("DescribeInstances")) == "NoSuchProduct"


@pytest.mark.parametrize(
    "body, expected",
    [
        (b"[]", "InvalidParameter"),
        (b"{", "InvalidParameter"),
        (b"\xff", "InvalidParameter"),
        (b"", "accepted"),
    ],
)
def test_a_body_that_is_no_object_is_refused(cvm, read_code, body, expected):
    assert read_code(cvm.send("DescribeZones", body)) == expected


@pytest.mark.parametrize(
    "query, rows",
    [
        ("", 16),
        ("Limit=2&Offset=0", 2),
        ("InstanceIds.0=ins-running1&InstanceIds.1=ins-stopped1", 2),
        ("Filters.0.Name=instance-state&Filters.0.Values.0=STOPPED&Filters.0.Values.1=SHUTDOWN", 3),
    ],
)
def test_a_get_has_its_parameters_in_the_query(cvm, query, rows):
    reply = cvm.send("DescribeInstances", method="GET", query=query)
    assert len(json.loads(reply.body)["Response"]["InstanceSet"]) == rows


@pytest.mark.parametrize(
    "query, expected",
    [
        ("Limit=ten", "InvalidParameter"),
        ("Limits=1", "UnknownParameter"),
        ("InstanceIds=ins-running1", "InvalidParameter"),
        ("Filters.0.Nam=x", "UnknownParameter"),
        ("Limit", "InvalidParameter"),
        ("Limit.0=1", "InvalidParameter"),
    ],
)
def test_a_query_is_checked_like_a_body(cvm, read_code, query, expected):
    assert read_code(cvm.send("DescribeInstances", method="GET", query=query)) == expected


def test_a_refusal_has_the_vendors_envelope_and_the_request_id_of_the_journal(ecm):
    reply = ecm.send("ResetInstances", {})
    error = json.loads(reply.body)["Response"]
    assert set(error) == {"Error", "RequestId"} and set(error["Error"]) == {"Code", "Message"}
    entry = ecm.emulation.journal.listed()[-1]
    assert (entry["request_id"], entry["outcome"]) == (
        error["RequestId"],
        "MissingParameter.MissingInstancesParameter",
    )


@pytest.mark.parametrize(
    "provider, action, allowed",
    [
        ("tencent_ecm", "DescribeInstances", 20),
        ("tencent_lighthouse", "DescribeInstances", 100),
        ("tencent_lighthouse", "DescribeBlueprints", 10),
        ("tencent_cvm", "DescribeInstances", 40),
        ("tencent_cvm", "DescribeZones", 20),
        ("tencent_cvm", "StartInstances", 10),
    ],
)
def test_the_documented_rate_is_kept_in_each_second(cloud_of, provider, action, allowed):
    cloud = cloud_of(provider)
    body = {"InstanceIds": [cloud.id("none0000")]} if action == "StartInstances" else {}
    codes = [cloud.refusal(action, **body) for turn in range(allowed + 1)]
    assert [turn for turn, each in enumerate(codes) if each == "RequestLimitExceeded"] == [allowed]
    cloud.clock.advance(1)
    assert cloud.refusal(action, **body) != "RequestLimitExceeded"


def test_no_secret_of_these_requests_is_written_down(ecm, legacy_cvm):
    ecm.call("ResetInstances", InstanceIdSet=[ecm.id("running1")], Password="hush1234-hush")
    legacy_cvm.flat("ResetInstances", instanceId=legacy_cvm.id("running1"), password="hush1234-hush")
    written = json.dumps([ecm.emulation.journal.listed(), legacy_cvm.emulation.journal.listed()])
    assert '"accepted"' in written and not [text for text in ("hush", "SK", "Signature=") if text in written]
