# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the vendors' pages say of what is done besides resets: reboots, starts, stops, new passwords."""

from __future__ import annotations

from ansible_collections.reforge.cloud.plugins.module_utils.core.model import Status, Verb
from ansible_collections.reforge.cloud.plugins.module_utils.core.provider import Provider
from tools.pages.document import BEFORE, Document, Limit

ZENLAYER = "docs.console.zenlayer.com/api-reference/compute"


def new_password(provider: Provider, os_type: str) -> tuple[int, int, int, str]:
    """The rule for a new password without a reset."""
    change = provider.password_change
    assert change
    rule = change.passwords.get(os_type, change.passwords[""])
    return rule.shortest, rule.longest, rule.needs, rule.user


STOPPED_FIRST = Limit(
    "stopped, or running with ForceStop",
    "the instance is stopped first, if `stop_first` is true, and started again",
    lambda provider: provider.writes[Verb.PASSWORD].states == {Status.STOPPED},
)
UNSENT = {
    "ForceReboot": "left out: StopType has taken its place",
    "ForceStop": "left out: StopType has taken its place",
    "StoppedMode": "left out: what a stopped instance costs stays as it is",
    "UserName": "left out: the password is the administrator's",
}
NEWER_PASSWORDS = (
    Limit(
        "8 to 30 characters, three of four classes; on Windows 12, and no name of the user",
        BEFORE,
        lambda provider: (
            new_password(provider, "linux") == (8, 30, 3, "")
            and new_password(provider, "windows") == (12, 30, 3, "Administrator")
        ),
    ),
)
OLDER_PASSWORDS = (
    Limit(
        "8 to 16 characters, two of three classes; on Windows 12 to 16, three of four",
        BEFORE,
        lambda provider: (
            new_password(provider, "linux") == (8, 16, 2, "")
            and new_password(provider, "windows") == (12, 16, 3, "")
        ),
    ),
)
FORCED_PASSWORD = {**UNSENT, "ForceStop": "left out: the instance is stopped first, as `stop_mode` says"}


def _page(
    provider: str, verb: Verb, action: str, page: str, *parameters: str, limits: tuple[Limit, ...] = ()
) -> Document:
    """A page of which only the parameters and some rules are new."""
    unsent = FORCED_PASSWORD if verb is Verb.PASSWORD else UNSENT
    left_out = {name: why for name, why in unsent.items() if name in parameters}
    return Document(provider, action, verb, page, parameters, limits, (), unsent=left_out)


TENCENT = "cloud.tencent.com/document"
ECM, LIGHTHOUSE, V3, V2 = "tencent_ecm", "tencent_lighthouse", "tencent_cvm", "tencent_cvm_v2"
REBOOT, START, STOP, PASSWORD = Verb.REBOOT, Verb.START, Verb.STOP, Verb.PASSWORD
FORCED = ("ForceStop", "StopType")
ZEC, METAL, VIRTUAL = "zenlayer_zec", "zenlayer_bmc", "zenlayer_vm"
ZEC_PAGE, METAL_PAGE = f"{ZENLAYER}/zec/instance", f"{ZENLAYER}/bmc/bare-metal-instance"
VIRTUAL_PAGE = f"{ZENLAYER}/vm/virtual-machine-instance"
RUNNING_WITH_AGENT = Limit(
    "running, with the guest agent",
    BEFORE,
    lambda provider: (
        bool(provider.password_change and provider.password_change.needs_agent)
        and provider.writes[Verb.PASSWORD].states == {Status.RUNNING}
    ),
)
SHUT_DOWN = Limit(
    "shut down; it is started with the new password",
    "the instance is stopped first, if `stop_first` is true",
    lambda provider: (
        provider.writes[Verb.PASSWORD].states == {Status.STOPPED}
        and provider.proof.under_way[Verb.PASSWORD] is Status.STARTING
    ),
)

ZEC_REBOOT = Document(
    "zenlayer_zec",
    "RebootInstances",
    Verb.REBOOT,
    "docs.console.zenlayer.com/api-reference/compute/zec/instance/rebootinstances",
    ("instanceIds", "forceReboot"),
    (
        Limit(
            "only when running",
            BEFORE + ", or `if_stopped`",
            lambda provider: provider.writes[Verb.REBOOT].states == {Status.RUNNING},
        ),
        Limit(
            "100 instances in a request",
            "requests of 100",
            lambda provider: provider.writes[Verb.REBOOT].at_once == 100,
        ),
    ),
    (
        "INVALID_INSTANCE_NOT_FOUND",
        "OPERATION_DENIED_INSTANCE_RECYCLED",
        "OPERATION_DENIED_INSTANCE_STATUS",
    ),
    ("RUNNING", "REBOOT"),
)

OTHER_VERBS = (
    ZEC_REBOOT,
    _page(ZEC, START, "StartInstances", f"{ZEC_PAGE}/startinstances", "instanceIds"),
    _page(ZEC, STOP, "StopInstances", f"{ZEC_PAGE}/stopinstances", "instanceIds", "forceShutdown"),
    _page(
        ZEC,
        PASSWORD,
        "ResetInstancePassword",
        f"{ZEC_PAGE}/resetinstancepassword",
        *("instanceId", "password"),
        limits=(RUNNING_WITH_AGENT,),
    ),
    _page(METAL, REBOOT, "RebootInstances", f"{METAL_PAGE}/rebootinstances", "instanceIds"),
    _page(METAL, START, "StartInstances", f"{METAL_PAGE}/startinstances", "instanceIds"),
    _page(METAL, STOP, "StopInstances", f"{METAL_PAGE}/stopinstances", "instanceIds"),
    _page(VIRTUAL, REBOOT, "RebootInstances", f"{VIRTUAL_PAGE}/rebootinstances", "instanceIds"),
    _page(VIRTUAL, START, "StartInstances", f"{VIRTUAL_PAGE}/startinstances", "instanceIds"),
    _page(VIRTUAL, STOP, "StopInstances", f"{VIRTUAL_PAGE}/stopinstances", "instanceIds", "forceShutdown"),
    _page(
        VIRTUAL,
        PASSWORD,
        "ResetInstancesPassword",
        f"{VIRTUAL_PAGE}/resetinstancespassword",
        *("instanceIds", "password"),
        limits=(SHUT_DOWN,),
    ),
    _page(
        ECM,
        REBOOT,
        "RebootInstances",
        f"{TENCENT}/product/1119/45712",
        "InstanceIdSet",
        "ForceReboot",
        "StopType",
    ),
    _page(ECM, START, "StartInstances", f"{TENCENT}/product/1119/45707", "InstanceIdSet"),
    _page(ECM, STOP, "StopInstances", f"{TENCENT}/product/1119/45706", "InstanceIdSet", *FORCED),
    _page(
        ECM,
        PASSWORD,
        "ResetInstancesPassword",
        f"{TENCENT}/product/1119/45709",
        *("InstanceIdSet", "Password", "ForceStop", "UserName"),
        limits=(STOPPED_FIRST, *OLDER_PASSWORDS),
    ),
    _page(LIGHTHOUSE, REBOOT, "RebootInstances", f"{TENCENT}/product/1207/47572", "InstanceIds", "StopType"),
    _page(LIGHTHOUSE, START, "StartInstances", f"{TENCENT}/product/1207", "InstanceIds"),
    _page(LIGHTHOUSE, STOP, "StopInstances", f"{TENCENT}/product/1207", "InstanceIds", "StopType"),
    _page(
        LIGHTHOUSE,
        PASSWORD,
        "ResetInstancesPassword",
        f"{TENCENT}/product/1207/55541",
        *("InstanceIds", "Password", "UserName"),
        limits=(STOPPED_FIRST, *NEWER_PASSWORDS),
    ),
    _page(
        V3, REBOOT, "RebootInstances", f"{TENCENT}/api/213/15742", "InstanceIds", "ForceReboot", "StopType"
    ),
    _page(V3, START, "StartInstances", f"{TENCENT}/api/213/15735", "InstanceIds"),
    _page(V3, STOP, "StopInstances", f"{TENCENT}/api/213/15743", "InstanceIds", *FORCED, "StoppedMode"),
    _page(
        V3,
        PASSWORD,
        "ResetInstancesPassword",
        f"{TENCENT}/api/213/15736",
        *("InstanceIds", "Password", "UserName", "ForceStop"),
        limits=(STOPPED_FIRST, *NEWER_PASSWORDS),
    ),
    _page(V2, REBOOT, "RestartInstances", f"{TENCENT}/api/213/1247", "instanceIds", "forceStop"),
    _page(V2, START, "StartInstances", "cloud.tencent.com/doc/api/229/1249", "instanceIds"),
    _page(V2, STOP, "StopInstances", "cloud.tencent.com/doc/api/229/1250", "instanceIds", "forceStop"),
    _page(
        V2, PASSWORD, "ResetInstancePassword", "cloud.tencent.com/doc/api/229/1245", "instanceIds", "password"
    ),
)
