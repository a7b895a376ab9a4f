# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The options of the inventory plugin, said once for its documentation and its checks."""

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
            "What the source is called in messages and in C(instance_source). Each name is there once.",
            "By default C(source-) and its place in the list, from 1.",
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
            "Whose instances, where: a list of accounts and regions, which are read side by side.",
            "The connection options of the top level are the defaults of every source. Only credentials are "
            "not mixed: a source that gives one of C(access_key), C(secret_key), C(token) and C(profile) "
            "takes none of the four from the top level.",
            "Without it the top level is the one source.",
        ],
        "type": "list",
        "elements": "dict",
        "options": SOURCE,
    },
    "hostnames": {
        "description": [
            "What a host is called: the first of these that the instance has. V(name), V(instance_id), "
            "V(public_ip), V(private_ip), or V(tag:) followed by the key of a tag. At last it is the id.",
            "Passed over, with a warning, is what would mislead Ansible: V(localhost) and its addresses, "
            "text with a slash, an opening brace or characters that cannot be printed, and text that would "
            "be a pattern of hosts, such as V(!db) and V(web*).",
            "Instances of the same name, or of the name of a group, are never merged: each gets its id after "
            "its name, as in C(web_i-1), and a warning tells.",
        ],
        "type": "list",
        "elements": "str",
        "default": ["name", "instance_id"],
    },
    "ansible_host_from": {
        "description": [
            "Which address becomes C(ansible_host): the first of that kind. It stays unset where there is "
            "none, and O(compose) can set another.",
        ],
        "type": "str",
        "choices": ["public_ip", "private_ip", "public_then_private", "none"],
        "default": "public_then_private",
    },
    "include_gone": {
        "description": [
            "Whether instances that are terminated or lie in the recycle bin are hosts too.",
            "A source whose O(sources[].filters.status) names these states has them in any case.",
        ],
        "type": "bool",
        "default": False,
    },
    "include_raw": {
        "description": ["Whether each host has the vendor's own record in C(instance_raw)."],
        "type": "bool",
        "default": False,
    },
    "on_error": {
        "description": [
            "What to do when a source cannot be read whole: V(fail), or V(skip) it with a warning. What is "
            "skipped is not cached.",
            "An option that is wrong fails in both cases.",
        ],
        "type": "str",
        "choices": ["fail", "skip"],
        "default": "fail",
    },
}
