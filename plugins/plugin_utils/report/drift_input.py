# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What can be known to be wrong with the variables of a report before anything is sent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ...module_utils.api.credentials import check_endpoint
from ...module_utils.commands.connection_options import CONNECTION
from ...module_utils.commands.option_types import argument_spec
from ...module_utils.commands.registry import PROVIDERS
from ...module_utils.commands.validate import check_ids, check_positive
from ...module_utils.core.errors import InputError
from ..fleet.groups import ID, FleetError, Group

IMAGE = "image_id"
SPEC = argument_spec(CONNECTION)


def split_images(
    members: Mapping[str, Mapping[str, Any]],
) -> tuple[dict[str, str], dict[str, dict[str, Any]]]:
    """The wanted image of each host that has one, and its other options: those alone say which call reads it.

    Raises FleetError for an image that is no id.
    """
    images = {host: _image(host, options.get(IMAGE)) for host, options in members.items()}
    others = {
        host: {name: value for name, value in options.items() if name != IMAGE}
        for host, options in members.items()
    }
    return {host: image for host, image in images.items() if image}, others


def _image(host: str, value: Any) -> str:
    """The id as text; empty when none is given. A number can be an id that lost its quotes."""
    if value is None or value == "":
        return ""
    text = str(value)
    if not isinstance(value, (str, int)) or isinstance(value, bool) or text.split() != [text]:
        raise FleetError(
            f"host {host}: rebuild_image_id: {value!r} is not an image id: set one id without spaces, as "
            "listed by image_info, or omit it"
        )
    return text


def check_groups(groups: Iterable[Group]) -> None:
    """Raises FleetError for an option that cannot work.

    It names the first host that has it, the variable and the rule.
    """
    for group in groups:
        host = next(iter(group.hosts))
        for name, _value in group.options.items():
            if name not in SPEC:
                raise FleetError(
                    f"host {host}: {name} is not a connection option; those are {', '.join(SPEC)}"
                )
        params = _converted(host, group.options)
        provider = PROVIDERS[params["provider"]]
        try:
            check_positive(params, "request_timeout", "rate_share")
            check_endpoint(params.get("endpoint") or "")
        except InputError as error:
            raise FleetError(f"host {host}: rebuild_{error}") from error
        for member, instance_id in group.hosts.items():
            try:
                check_ids(provider, [instance_id], ID)
            except InputError as error:
                raise FleetError(f"host {member}: {error}") from error


def _converted(host: str, options: Mapping[str, Any]) -> dict[str, Any]:
    """The options in the types that the module takes them in."""
    params: dict[str, Any] = {}
    for name, value in options.items():
        result = ArgumentSpecValidator({name: SPEC[name]}).validate({name: value})
        if result.error_messages:
            raise FleetError(f"host {host}: rebuild_{name}: {'; '.join(result.error_messages)}")
        params.update(result.validated_parameters)
    return params
