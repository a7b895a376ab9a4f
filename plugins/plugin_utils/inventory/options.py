# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The options of the inventory plugin, for its documentation and its checks."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from ...module_utils.commands.connection_options import CONNECTION
from ...module_utils.commands.option_docs import environment
from ...module_utils.commands.option_types import Option
from ...module_utils.commands.read_options import INSTANCE_INFO

CREDENTIALS = ("access_key", "secret_key", "token", "profile")
NAMES_OF_HOSTS = ("name", "instance_id", "public_ip", "private_ip")
TAG = "tag:"


def _connection(name: str, option: Option, left_out: Collection[str]) -> Option:
    """A common option as it is here: not required, since it can stand in the source or at the top level."""
    kept = {key: value for key, value in option.items() if key not in left_out}
    return {**kept, "description": [*option["description"], *environment(name)]}


SOURCE: Mapping[str, Option] = {
    "name": {
        "description": [
            "Name of the source in messages and in C(instance_source). It must be unique.",
            "By default C(source-) and the position in the list, from 1.",
        ],
        "type": "str",
    },
    # Without defaults: what a source does not say is taken from the top level.
    **{name: _connection(name, option, ("required", "default")) for name, option in CONNECTION.items()},
    "regions": {
        "description": ["Several regions of the same account, instead of O(sources[].region)."],
        "type": "list",
        "elements": "str",
    },
    "filters": INSTANCE_INFO["filters"],
}

INVENTORY: Mapping[str, Option] = {
    **{name: _connection(name, option, ("required",)) for name, option in CONNECTION.items()},
    "sources": {
        "description": [
            "Accounts and regions, which are read in parallel.",
            "The connection options at the top level are the defaults of every source, except for "
            "credentials: a source that sets one of C(access_key), C(secret_key), C(token) and C(profile) "
            "takes none of the four from the top level.",
            "Without it, the top level is the only source.",
        ],
        "type": "list",
        "elements": "dict",
        "options": SOURCE,
    },
    "hostnames": {
        "description": [
            "The name of a host is the first of these that the instance has: V(name), V(instance_id), "
            "V(public_ip), V(private_ip), or V(tag:) followed by the key of a tag. The last resort is the "
            "id.",
            "Names with a special meaning for Ansible are skipped with a warning: V(localhost) and its "
            "addresses, text with a slash, an opening brace or unprintable characters, and host patterns, "
            "such as V(!db) and V(web*).",
            "Instances with the same name, or with the name of a group, are never merged: their ids are "
            "appended, as in C(web_i-1), with a warning.",
        ],
        "type": "list",
        "elements": "str",
        "default": ["name", "instance_id"],
    },
    "ansible_host_from": {
        "description": [
            "The kind of address for C(ansible_host), of which the first is used. It stays unset if there is "
            "none. O(compose) can set another.",
        ],
        "type": "str",
        "choices": ["public_ip", "private_ip", "public_then_private", "none"],
        "default": "public_then_private",
    },
    "include_gone": {
        "description": [
            "Whether to include instances that are terminated or in the recycle bin.",
            "A source whose O(sources[].filters.status) names these states includes them in any case.",
        ],
        "type": "bool",
        "default": False,
    },
    "include_raw": {
        "description": ["Whether to set C(instance_raw) to the vendor's own record."],
        "type": "bool",
        "default": False,
    },
    "on_error": {
        "description": [
            "What to do when a source cannot be read completely: V(fail), or V(skip) it with a warning. "
            "Skipped sources are not cached.",
            "An invalid option fails in both cases.",
        ],
        "type": "str",
        "choices": ["fail", "skip"],
        "default": "fail",
    },
}
