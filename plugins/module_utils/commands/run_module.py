# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""From a module's parameters to a client, and from an error to the module's failure: the same for all
modules.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from ansible.module_utils.basic import AnsibleModule, missing_required_lib

from ..act.ledger.place import place_of
from ..api.client import Client
from ..api.credentials import account_name, find_account
from ..api.database_address import password_in
from ..api.pacers import pacer_for
from ..api.transport import REQUESTS_ERROR, Transport
from ..core.clock import Clock
from ..core.errors import ApiError, CloudError, Refused
from ..core.provider import Provider
from ..core.text import printable
from .connection_options import CONNECTION
from .option_types import Option, argument_spec
from .options import SECRET_OPTIONS
from .registry import PROVIDERS
from .validate import check_positive


class Call(Protocol):
    """What a module's body knows of its call."""

    params: Mapping[str, Any]
    check_mode: bool

    def warn(self, warning: str) -> None:
        """Show a warning beside the result."""


Body = Callable[[Call, Client], dict[str, Any]]


def run_module(*groups: Mapping[str, Option], body: Body, writes: bool = False) -> None:
    """Run a module that has these options besides the common ones; ``body`` returns its result.

    Without ``writes``, and in check mode, the body's client lets no write pass. A result with ``failed``
    fails the task and keeps all its rows.
    """
    spec = argument_spec(CONNECTION, *groups)
    module = AnsibleModule(argument_spec=spec, supports_check_mode=True)
    _hide_password(module)
    result = perform(module, body, writes)
    if result.get("failed"):
        module.fail_json(**result)
    module.exit_json(**result)


def perform(call: Call, body: Body, writes: bool) -> dict[str, Any]:
    """The result of a call whose parameters are checked; with ``failed`` and ``msg`` where it failed."""
    if REQUESTS_ERROR:
        return {"failed": True, "msg": missing_required_lib("requests"), "exception": REQUESTS_ERROR}
    provider = PROVIDERS[call.params["provider"]]
    waited: Callable[[], dict[str, float]] = dict
    try:
        check_positive(call.params, "request_timeout", "rate_share", "wait_timeout", "max_instances")
        client = _open_client(call.params, provider, read_only=call.check_mode or not writes)
        waited = client.pacer.waited
        result = body(call, client)
    except CloudError as error:
        result = {"failed": True, **failure_of(provider, error)}
    return {**result, "rate_waited": waited()}


def run_reader(group: Mapping[str, Option], body: Callable[[Mapping[str, Any]], dict[str, Any]]) -> None:
    """Run a module that has these options, reads without asking a provider, and changes nothing."""
    module = AnsibleModule(argument_spec=argument_spec(group), supports_check_mode=True)
    _hide_password(module)
    try:
        result = body(module.params)
    except CloudError as error:
        module.fail_json(msg=str(error))
    module.exit_json(changed=False, **result)


def _hide_password(module: AnsibleModule) -> None:
    """An address with a password is refused, and shown nowhere."""
    module.no_log_values.update(filter(None, [password_in(module.params.get("ledger") or "")]))


def secrets_in(params: Mapping[str, Any]) -> set[str]:
    """What a call must show nowhere. Instances can have secrets of their own."""
    entries = (params, *(params.get("instances") or ()))
    secrets = {str(entry[name]) for entry in entries for name in SECRET_OPTIONS if entry.get(name)}
    return secrets | {password_in(params.get("ledger") or "")} - {""}


def _open_client(params: Mapping[str, Any], provider: Provider, read_only: bool) -> Client:
    """A client for the account of a call. Nothing is sent yet."""
    account = find_account(provider, params, os.environ, os.path.expanduser("~"))
    transport = Transport(params["request_timeout"], verification(params), read_only)
    clock, place = Clock(), place_of(params.get("ledger"))
    location, name = place.location if place else "", account_name(provider, account)
    pacer = pacer_for(clock, name, location, params["rate_share"], create=not read_only)
    return Client(provider, account, transport, pacer, clock, hidden=secrets_in(params))


def verification(params: Mapping[str, Any]) -> bool | str:
    """How certificates are verified, as requests takes it: by the usual ones, by those of a path, or not."""
    return params["ca_path"] or True if params["validate_certs"] else False


def failure_of(provider: Provider, error: CloudError) -> dict[str, Any]:
    """The failure of a whole call: the full sentence in ``msg``, and the parts beside it."""
    failure: dict[str, Any] = {"msg": printable(error)}
    if isinstance(error, ApiError):
        advice = provider.advice.get(error.code)
        failure["msg"] += f" {advice}" if advice else ""
        failure["error"] = {
            "code": error.code,
            "message": error.message,
            "request_id": error.request_id,
            "advice": advice,
        }
    elif isinstance(error, Refused):
        failure["error"] = {"code": error.reason, "message": str(error), "request_id": "", "advice": None}
    return failure
