# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What should happen to an instance that is to get a new password without a reset, and why."""

from __future__ import annotations

from ..core.model import Instance, Status, Verb, Verdict
from ..core.provider import Provider
from ..core.reason import Reason
from ..core.rules import PasswordChange
from .facts import Facts, act, done_already, refuse
from .password import password_problem
from .verdicts import accepts, settle


def decide_password(
    provider: Provider, password: str, stop_first: bool, instance: Instance, facts: Facts
) -> Verdict:
    """The verdict for a new password of an instance that is not barred; the first rule that applies decides.

    No provider tells which password is set, so nothing is unchanged but what was done under this run_id.
    """
    change = provider.password_change
    if change is None:
        return refuse(Reason.WRONG_STATE, "the provider sets no password without a reset")
    if facts.done:
        return done_already(Verb.PASSWORD, facts.done)
    if not instance.settled:
        return settle(instance)
    problem = _rule_problem(change, password, instance.os_type)
    if problem:
        return refuse(Reason.PASSWORD_RULE, f"password (not shown) {problem}")
    if change.needs_agent and instance.guest_agent is False:
        return refuse(Reason.NO_AGENT, "the guest agent, which sets the password, is off on this instance")
    return _by_state(provider, stop_first, instance)


def _rule_problem(change: PasswordChange, password: str, os_type: str | None) -> str:
    """Why the password breaks the rule of the system; where that is not known, it must keep the rules of
    all.
    """
    known = [change.passwords.get(os_type, change.passwords[""])] if os_type else change.passwords.values()
    return next((problem for rule in known if (problem := password_problem(password, rule))), "")


def _by_state(provider: Provider, stop_first: bool, instance: Instance) -> Verdict:
    if accepts(provider, Verb.PASSWORD, instance):
        return act(Verb.PASSWORD, Reason.ASKED, "set a new password")
    if instance.status is Status.RUNNING:
        if stop_first:
            return act(Verb.PASSWORD, Reason.ASKED, "stop it, set a new password, and start it again")
        return refuse(
            Reason.RUNNING, "the provider sets passwords on stopped instances only, and stop_first is false"
        )
    if instance.status is Status.STOPPED:
        return refuse(Reason.STOPPED, "the provider sets passwords on running instances only: start it first")
    return refuse(Reason.WRONG_STATE, f"a password cannot be set in this state ({instance.vendor_status})")
