# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What Tencent Cloud's services have in common: requests, answers, error codes, states, keys and
passwords.
"""

from __future__ import annotations

import json

import pytest

from ansible_collections.reforge.cloud.plugins.module_utils.api.credentials import find_account
from ansible_collections.reforge.cloud.plugins.module_utils.commands.registry import PROVIDERS
from ansible_collections.reforge.cloud.plugins.module_utils.core.errors import ApiError, InputError, Kind
from ansible_collections.reforge.cloud.plugins.module_utils.core.message import Reply
from ansible_collections.reforge.cloud.plugins.module_utils.core.model import Phase, Status, Verb
from ansible_collections.reforge.cloud.plugins.module_utils.core.provider import Account, Secrets
from ansible_collections.reforge.cloud.plugins.module_utils.core.rules import ResetOptions
from ansible_collections.reforge.cloud.plugins.module_utils.decide.password import password_problem
from ansible_collections.reforge.cloud.plugins.module_utils.providers.tencent import errors, records

CVM, ECM = PROVIDERS["tencent_cvm"], PROVIDERS["tencent_ecm"]
THREE = [PROVIDERS[name] for name in ("tencent_cvm", "tencent_ecm", "tencent_lighthouse")]
FOUR = [*THREE, PROVIDERS["tencent_cvm_v2"]]
EVERY = pytest.mark.parametrize("provider", FOUR, ids=lambda provider: provider.name)

# The vendor's table of error codes that any action can give.
COMMON = [
    "ActionOffline",
    "AuthFailure.InvalidAuthorization",
    "AuthFailure.InvalidSecretId",
    "AuthFailure.MFAFailure",
    "AuthFailure.SecretIdNotFound",
    "AuthFailure.SignatureExpire",
    "AuthFailure.SignatureFailure",
    "AuthFailure.TokenFailure",
    "AuthFailure.UnauthorizedOperation",
    "DryRunOperation",
    "FailedOperation",
    "InternalError",
    "InternalServerError",
    "InvalidAction",
    "InvalidParameter",
    "InvalidParameterValue",
    "InvalidRequest",
    "IpInBlacklist",
    "IpNotInWhitelist",
    "LimitExceeded",
    "MissingParameter",
    "NoSuchProduct",
    "NoSuchVersion",
    "RequestLimitExceeded",
    "RequestLimitExceeded.GlobalRegionUinLimitExceeded",
    "RequestLimitExceeded.IPLimitExceeded",
    "RequestLimitExceeded.UinLimitExceeded",
    "RequestSizeLimitExceeded",
    "ResourceInUse",
    "ResourceInsufficient",
    "ResourceNotFound",
    "ResourceUnavailable",
    "ResourcesSoldOut",
    "ResourcesSoldOut.SpecifiedInstanceType",
    "ResponseSizeLimitExceeded",
    "ServiceUnavailable",
    "UnauthorizedOperation",
    "UnknownParameter",
    "UnsupportedOperation",
    "UnsupportedProtocol",
    "UnsupportedRegion",
]


def account(region="ap-guangzhou", endpoint=""):
    return Account(Secrets("AK", "SK"), region, endpoint)


def reply(content, status=200):
    return Reply(status, {"content-type": "application/json; charset=utf-8"}, json.dumps(content).encode())


def failing(provider, answer):
    with pytest.raises(ApiError) as error:
        provider.api.unwrap(provider.instances, answer)
    return error.value


@pytest.mark.parametrize(
    "region, endpoint, url",
    [
        ("ap-guangzhou", "", "https://cvm.tencentcloudapi.com/"),
        ("ap-shanghai-fsi", "", "https://cvm.ap-shanghai-fsi.tencentcloudapi.com/"),
        ("ap-shanghai-fsi", "https://127.0.0.1:1/x", "https://127.0.0.1:1/x/"),
        ("ap-guangzhou", "https://cvm.intl.tencentcloudapi.com", "https://cvm.intl.tencentcloudapi.com/"),
    ],
)
def test_a_finance_region_has_a_host_of_its_own_and_an_endpoint_beats_all(region, endpoint, url):
    assert CVM.api.build(account(region, endpoint), CVM.instances, {}).url == url


def test_a_request_is_a_json_post_with_action_version_and_region_in_its_headers():
    request = CVM.api.build(account(), CVM.writes[Verb.RESET], {"InstanceId": "ins-1"})
    assert (request.method, request.writes, request.body) == ("POST", True, b'{"InstanceId": "ins-1"}')
    assert request.headers == {
        "Content-Type": "application/json",
        "X-TC-Action": "ResetInstance",
        "X-TC-Version": "2017-03-12",
        "X-TC-Region": "ap-guangzhou",
        "X-TC-Language": "en-US",
        "X-TC-RequestClient": "Ansible-reforge.cloud",
    }


def test_a_service_without_regions_sends_none_and_has_one_host():
    request = ECM.api.build(account("ap-x-fsi"), ECM.instances, {})
    assert "X-TC-Region" not in request.headers and request.url == "https://ecm.tencentcloudapi.com/"


@pytest.mark.parametrize("provider, service", list(zip(THREE, ("cvm", "ecm", "lighthouse"))))
def test_the_service_that_is_signed_does_not_come_from_the_endpoint(provider, service):
    request = provider.api.build(account(endpoint="http://127.0.0.1:1"), provider.instances, {})
    signed = provider.api.sign(request, Secrets("AK", "SK", "STS"), 1)
    assert (
        f"/{service}/tc3_request" in signed.headers["Authorization"] and signed.headers["X-TC-Token"] == "STS"
    )


def test_an_answer_is_what_lies_in_response():
    answer = CVM.api.unwrap(CVM.instances, reply({"Response": {"TotalCount": 0, "RequestId": "r-1"}}))
    assert (answer.fields["TotalCount"], answer.request_id, answer.failed_ids) == (0, "r-1", ())


@pytest.mark.parametrize("status", [200, 400, 500])
def test_an_error_is_read_from_the_answer_whatever_the_http_status(status):
    error = {"Code": "RequestLimitExceeded.UinLimitExceeded", "Message": "m"}
    content = {"Response": {"Error": error, "RequestId": "r"}}
    error = failing(CVM, reply(content, status))
    assert (error.code, error.message, error.request_id, error.kind) == (
        "RequestLimitExceeded.UinLimitExceeded",
        "m",
        "r",
        Kind.THROTTLED,
    )


@pytest.mark.parametrize(
    "answer, code, kind",
    [
        (Reply(502, {}, b"<html>"), "HTTP_502", Kind.UNKNOWN),
        (Reply(429, {}, b""), "HTTP_429", Kind.THROTTLED),
        (reply({}), "HTTP_200", Kind.UNKNOWN),
        (reply({"message": "slow down"}, 429), "HTTP_429", Kind.THROTTLED),
        (reply({"Response": []}), "HTTP_200", Kind.UNKNOWN),
        (reply({"Response": {}}, 503), "HTTP_503", Kind.UNKNOWN),
    ],
)
def test_an_answer_of_another_form_leaves_open_what_was_done(answer, code, kind):
    error = failing(CVM, answer)
    assert (error.code, error.kind) == (code, kind)


@pytest.mark.parametrize("provider", THREE, ids=lambda provider: provider.name)
@pytest.mark.parametrize("code", COMMON)
def test_every_common_code_is_known_by_itself_or_by_its_class(provider, code):
    assert code in provider.errors or code.partition(".")[0] in provider.errors


@pytest.mark.parametrize(
    "code, kind",
    [
        ("AuthFailure.SignatureExpire", Kind.DENIED),
        ("InternalError", Kind.UNKNOWN),
        ("ResourceInUse", Kind.IN_PROGRESS),
        ("LimitExceeded.Whatever", Kind.REJECTED),
        ("ResourceNotFound.New.Kind", Kind.NOT_FOUND),
        ("FailedOperation.New", Kind.UNKNOWN),
        ("Nobody.KnowsThis", Kind.UNKNOWN),
        ("", Kind.UNKNOWN),
    ],
)
def test_a_code_means_what_it_or_its_class_means_and_else_nothing(code, kind):
    assert errors.kind_of(code, errors.COMMON_ERRORS) is kind


def test_misspelt_codes_are_known_in_both_ways():
    assert errors.classified({Kind.REJECTED: "A.InvaildPassword"}) == {
        "A.InvaildPassword": Kind.REJECTED,
        "A.InvalidPassword": Kind.REJECTED,
    }


def record(state="RUNNING", operation=None, phase=None, **more):
    return {"InstanceState": state, "LatestOperation": operation, "LatestOperationState": phase, **more}


@pytest.mark.parametrize(
    "shown, status, words",
    [
        (record(), Status.RUNNING, "RUNNING"),
        (record("RUNNING", "ResetInstance", "SUCCESS"), Status.RUNNING, "RUNNING"),
        (
            record("RUNNING", "ResetInstance", "OPERATING"),
            Status.RESETTING,
            "RUNNING, ResetInstance OPERATING",
        ),
        (
            record("STOPPED", "ResetInstances", "OPERATING"),
            Status.RESETTING,
            "STOPPED, ResetInstances OPERATING",
        ),
        (
            record("STARTING", "ResetInstance", "OPERATING"),
            Status.RESETTING,
            "STARTING, ResetInstance OPERATING",
        ),
        (
            record("NEW_WORD", "ResetInstance", "OPERATING"),
            Status.RESETTING,
            "NEW_WORD, ResetInstance OPERATING",
        ),
        (record("RUNNING", "ResetInstance", "FAILED"), Status.RESET_FAILED, "RUNNING, ResetInstance FAILED"),
        (
            record("STOPPED", "ResetInstances", "FAILED"),
            Status.RESET_FAILED,
            "STOPPED, ResetInstances FAILED",
        ),
        (record("STOPPING", "ResetInstance", "FAILED"), Status.STOPPING, "STOPPING, ResetInstance FAILED"),
        (record("SHUTDOWN", "ResetInstance", "FAILED"), Status.TERMINATING, "SHUTDOWN, ResetInstance FAILED"),
        (
            record("TERMINATING", "ResetInstance", "OPERATING"),
            Status.TERMINATING,
            "TERMINATING, ResetInstance OPERATING",
        ),
        (
            record("RUNNING", "StopInstances", "OPERATING"),
            Status.STOPPING,
            "RUNNING, StopInstances OPERATING",
        ),
        (
            record("RUNNING", "RebootInstances", "OPERATING"),
            Status.REBOOTING,
            "RUNNING, RebootInstances OPERATING",
        ),
        (
            record("STOPPED", "StartInstances", "OPERATING"),
            Status.STARTING,
            "STOPPED, StartInstances OPERATING",
        ),
        (record("RUNNING", "RebootInstances", "FAILED"), Status.RUNNING, "RUNNING, RebootInstances FAILED"),
        (
            record("RUNNING", "ResizeInstanceDisks", "OPERATING"),
            Status.RUNNING,
            "RUNNING, ResizeInstanceDisks OPERATING",
        ),
        (record("REBOOTING"), Status.REBOOTING, "REBOOTING"),
        (record("STARTING"), Status.STARTING, "STARTING"),
        (record("STOPPING"), Status.STOPPING, "STOPPING"),
        (record("STOPPED"), Status.STOPPED, "STOPPED"),
        (record("PENDING"), Status.CREATING, "PENDING"),
        (record("LAUNCH_FAILED"), Status.FAILED, "LAUNCH_FAILED"),
        (record("DELETING"), Status.TERMINATING, "DELETING"),
        (record("SHUTDOWN"), Status.TERMINATING, "SHUTDOWN"),
        (record("ENTER_RESCUE_MODE"), Status.UNKNOWN, "ENTER_RESCUE_MODE"),
        (record(None), Status.UNKNOWN, "no state"),
    ],
)
def test_the_status_is_told_by_the_state_and_the_last_operation(shown, status, words):
    assert records.status_of(shown, records.operation_of(shown)) == (status, words)


def test_an_operation_has_verb_phase_request_error_and_time():
    operation = records.operation_of(
        record(
            "RUNNING",
            "ResetInstance",
            "FAILED",
            LatestOperationRequestId="r",
            LatestOperationErrorMsg="no disk",
            LatestOperationStartedTime="t",
        )
    )
    assert (operation.verb, operation.phase, operation.name) == (Verb.RESET, Phase.FAILED, "ResetInstance")
    assert (operation.request_id, operation.error, operation.started_at) == ("r", "no disk", "t")


@pytest.mark.parametrize("operation, phase", [(None, None), ("", "SUCCESS"), (None, "FAILED"), ("", None)])
def test_a_record_without_an_operation_has_none(operation, phase):
    assert records.operation_of(record("RUNNING", operation, phase)) is None


@pytest.mark.parametrize(
    "operation, phase",
    [("ResetInstance", None), ("ResetInstance", "PROCESSING"), ("X", "NEW"), (None, "NEW")],
)
def test_an_operation_whose_state_is_not_an_end_is_under_way(operation, phase):
    found = records.operation_of(record("RUNNING", operation, phase))
    assert found.phase is Phase.RUNNING
    status, _words = records.status_of(record("RUNNING", operation, phase), found)
    assert (status is Status.RESETTING) == (operation == "ResetInstance")


def test_a_new_word_in_the_restriction_holds_the_instance_back():
    assert records.restriction_of({"InstanceState": "RUNNING", "RestrictState": "SEALED"})
    assert records.restriction_of({"InstanceState": "RUNNING", "ExpireState": "WILL_EXPIRE"}) == ""


def test_an_operation_that_is_not_ours_to_know_has_no_verb():
    assert records.operation_of(record("RUNNING", "ModifyInstancesAttribute", "SUCCESS")).verb is None


@pytest.mark.parametrize(
    "changes, held",
    [
        ({}, ""),
        ({"RestrictState": "NORMAL"}, ""),
        ({"RestrictState": "EXPIRED"}, "it is expired"),
        ({"RestrictState": "PROTECTIVELY_ISOLATED"}, "it is isolated for security"),
        ({"ExpireState": "WILL_EXPIRE"}, ""),
        ({"ExpireState": "EXPIRED"}, "it is expired"),
        ({"InstanceRestrictState": "NETWORK_RESTRICT"}, ""),
        ({"InstanceState": "RESCUE_MODE"}, "it is in rescue mode"),
    ],
)
def test_what_the_provider_holds_back_is_said(changes, held):
    assert records.restriction_of({**record(), **changes}) == held


def denied(action, code="X.Y"):
    return {"InstanceId": "i", "DeniedActions": [{"Action": action, "Code": code, "Message": "m"}]}


@pytest.mark.parametrize(
    "row, found",
    [
        (denied("ResetInstance"), {Verb.RESET: ("X.Y", "m")}),
        (denied("RebootInstances"), {Verb.REBOOT: ("X.Y", "m")}),
        (denied("StartInstances", "UnsupportedOperation.InvalidInstanceState"), {}),
        (denied("ResetInstance", "OperationDenied.InstanceOperationInProgress"), {}),
        (denied("StartInstances", None), {}),
        (denied("ResetInstances", None), {Verb.RESET: ("no code", "m")}),
        (denied("TerminateInstances"), {}),
        ({"InstanceId": "i", "DeniedActions": None}, {}),
        ({"InstanceId": "i"}, {}),
    ],
)
def test_denials_count_that_do_not_just_come_from_the_present_state(row, found):
    assert ECM.to_denials(row) == found


@pytest.mark.parametrize(
    "monitoring, security, fields",
    [
        (None, None, {}),
        (True, None, {"EnhancedService": {"MonitorService": {"Enabled": True}}}),
        (
            False,
            True,
            {"EnhancedService": {"MonitorService": {"Enabled": False}, "SecurityService": {"Enabled": True}}},
        ),
    ],
)
def test_agents_are_named_only_when_the_user_names_them(monitoring, security, fields):
    assert records.agents(ResetOptions("i", monitoring_agent=monitoring, security_agent=security)) == fields


@pytest.mark.parametrize(
    "words, os_type",
    [
        (("linux",), "linux"),
        (("CentOS", ""), "linux"),
        ((None, "Windows Server 2019"), "windows"),
        ((None, ""), ""),
        ((), ""),
    ],
)
def test_the_type_of_system_comes_from_its_names(words, os_type):
    assert records.os_type_of(*words) == os_type


@pytest.fixture
def home(tmp_path):
    files = {
        ".tccli/default.credential": '{"secretId": "cli-key", "secretKey": "cli-secret", "type": "default"}',
        ".tccli/default.configure": '{"_sys_param": {"region": "ap-tokyo", "output": "json"}, "cvm": {}}',
        ".tccli/ci.credential": '{"secretId": "ci-key", "secretKey": "ci-secret", "token": "ci-token"}',
        ".tccli/role.credential": '{"type": "cvm-role"}',
        ".tencentcloud/credentials": "[default]\nsecret_id = ini-key\nsecret_key = 100%\n[ci]\nsecret_id = "
        "no\n",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


ENVIRONMENT = {"TENCENTCLOUD_SECRET_ID": "env-key", "TENCENTCLOUD_SECRET_KEY": "env-secret"}


@pytest.mark.parametrize(
    "params, environment, expected",
    [
        ({}, {}, ("cli-key", "cli-secret", "", "ap-tokyo")),
        ({"region": "r"}, ENVIRONMENT, ("env-key", "env-secret", "", "r")),
        ({}, {**ENVIRONMENT, "TENCENTCLOUD_REGION": "r"}, ("env-key", "env-secret", "", "r")),
        ({}, {**ENVIRONMENT, "TENCENTCLOUD_TOKEN": "t"}, ("env-key", "env-secret", "t", "ap-tokyo")),
        ({}, {**ENVIRONMENT, "TENCENTCLOUD_SECURITY_TOKEN": "t"}, ("env-key", "env-secret", "t", "ap-tokyo")),
        ({"profile": "ci", "region": "r"}, ENVIRONMENT, ("ci-key", "ci-secret", "ci-token", "r")),
        ({"region": "r"}, {"TCCLI_PROFILE": "ci"}, ("ci-key", "ci-secret", "ci-token", "r")),
        ({"region": "r"}, {"TENCENTCLOUD_PROFILE": "ci"}, ("ci-key", "ci-secret", "ci-token", "r")),
    ],
)
def test_keys_come_from_the_vendors_own_variables_and_profiles(home, params, environment, expected):
    found = find_account(CVM, params, environment, str(home))
    assert (found.secrets.access_key, found.secrets.secret_key, found.secrets.token, found.region) == expected


def test_the_default_profile_falls_back_to_the_file_of_the_sdks(home):
    (home / ".tccli" / "default.credential").unlink()
    found = find_account(CVM, {}, {}, str(home))
    assert (found.secrets.access_key, found.secrets.secret_key, found.region) == (
        "ini-key",
        "100%",
        "ap-tokyo",
    )


@pytest.mark.parametrize("name", ["none", "role"])
def test_another_profile_does_not(home, name):
    with pytest.raises(
        InputError, match=f"profile: '{name}' has no credentials in .*tccli.* or .*tencentcloud"
    ):
        find_account(CVM, {"profile": name}, {}, str(home))


@pytest.mark.parametrize(
    "name, text",
    [
        (".tccli/default.credential", "SEEN {"),
        (".tccli/default.credential", "[]"),
        (".tccli/default.configure", "SEEN"),
        (".tencentcloud/credentials", "secret_id = SEEN"),
    ],
)
def test_a_file_of_keys_that_cannot_be_read_is_an_error_that_does_not_show_it(home, name, text):
    if name.startswith(".tencentcloud"):
        (home / ".tccli" / "default.credential").unlink()
    (home / name).write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match="cannot be read") as error:
        find_account(CVM, {}, {}, str(home))
    assert "SEEN" not in str(error.value)


@EVERY
def test_a_region_is_wanted_where_the_service_has_regions_and_its_source_is_named(provider):
    if provider.regional:
        with pytest.raises(InputError, match="region is missing: .* TENCENTCLOUD_REGION"):
            find_account(provider, {}, ENVIRONMENT, "")
    else:
        assert find_account(provider, {}, ENVIRONMENT, "").region == ""


def test_the_region_of_other_services_does_not_hide_the_instances_of_one_that_has_its_own(home):
    environment = {**ENVIRONMENT, "TENCENTCLOUD_REGION": "ap-guangzhou"}
    assert find_account(ECM, {}, environment, str(home)).region == ""
    assert find_account(ECM, {"region": "ap-x-ecm"}, environment, str(home)).region == "ap-x-ecm"


PASSWORDS = [
    # provider, type of system, password, whether it passes
    ("tencent_ecm", "", "hpjtfgnb3nwa", True),
    ("tencent_ecm", "windows", "hpjtfgnb3nwa", False),
    ("tencent_ecm", "", "abcdefgh", False),
    ("tencent_ecm", "", "ABCDefgh", False),
    ("tencent_ecm", "", "a" * 16 + "1", False),
    ("tencent_ecm", "", "/abcdef1", False),
    ("tencent_ecm", "", "abcdef1/", True),
    ("tencent_ecm", "", "abcd_ef1", False),
    ("tencent_ecm", "windows", "Abcdefghijk1", True),
    ("tencent_ecm", "windows", "Abcdefghij1", False),
    ("tencent_lighthouse", "", "Abcdefg1", True),
    ("tencent_lighthouse", "", "abcdefg1", False),
    ("tencent_lighthouse", "", "Abcd_ef<1", True),
    ("tencent_lighthouse", "", "Abcd ef1", False),
    ("tencent_lighthouse", "", "/Abcdef1", False),
    ("tencent_lighthouse", "windows", "Abcdefg1", False),
    ("tencent_cvm", "", "abcdefg1", True),
    ("tencent_cvm", "", "a1" * 15, True),
    ("tencent_cvm", "", "a1" * 15 + "a", False),
    ("tencent_cvm", "", "abc_efg1", False),
    ("tencent_cvm", "", "/abcdef1", True),
    ("tencent_cvm_v2", "", "a1" * 8, True),
    ("tencent_cvm_v2", "", "a1" * 8 + "a", False),
    ("tencent_cvm_v2", "", "abcdef|1", True),
    ("tencent_cvm_v2", "windows", "Abcdefghij|1", False),
    ("tencent_cvm_v2", "", "@bcdefg1", False),
    ("tencent_cvm_v2", "", "b@cdefg1", True),
]


@pytest.mark.parametrize("name, os_type, password, passes", PASSWORDS)
def test_a_password_is_judged_by_the_rule_of_the_service_and_the_system(name, os_type, password, passes):
    problem = password_problem(password, PROVIDERS[name].rules.passwords[os_type])
    assert (problem == "") is passes, problem
