# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Actions that CVM and Lighthouse have alike, at the rates of their own pages (requests per second)."""

from __future__ import annotations

from collections.abc import Mapping

from ...core.model import Status, Verb
from ...core.provider import Action, one_id
from .api import RESETTABLE, write


def instances(rate: float) -> Action:
    """DescribeInstances."""
    return Action(
        "DescribeInstances",
        "InstanceIds",
        per_second=rate,
        rows="InstanceSet",
        row_id="InstanceId",
        page=100,
    )


def key_pairs(rate: float) -> Action:
    """DescribeKeyPairs."""
    return Action("DescribeKeyPairs", "KeyIds", per_second=rate, rows="KeyPairSet", row_id="KeyId", page=100)


def writes(rate: float) -> Mapping[Verb, Action]:
    """Lighthouse's ResetInstancesPassword would stop a running instance by itself, in a way that cannot be
    chosen; its page advises to stop it first.
    """
    reset = write("ResetInstance", "InstanceId", rate, *RESETTABLE)
    return {
        Verb.RESET: reset._replace(encode_ids=one_id, at_once=1),
        Verb.REBOOT: write("RebootInstances", "InstanceIds", rate, Status.RUNNING),
        Verb.START: write("StartInstances", "InstanceIds", rate, Status.STOPPED),
        Verb.STOP: write("StopInstances", "InstanceIds", rate, Status.RUNNING),
        Verb.PASSWORD: write("ResetInstancesPassword", "InstanceIds", rate, Status.STOPPED),
    }
