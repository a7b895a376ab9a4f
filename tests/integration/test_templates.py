# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Templates that hosts share are compiled once, and give what ansible-core's own inventory gives."""

from __future__ import annotations

from typing import Any

import jinja2
import pytest
from ansible.inventory.data import InventoryData
from ansible.parsing.dataloader import DataLoader
from ansible.plugins.inventory.constructed import InventoryModule
from ansible.template import Templar
from hypothesis import example, given, strategies as st

from ansible_collections.reforge.cloud.plugins.plugin_utils.text.templates import share_compiled

try:
    from ansible.template import trust_as_template
except ImportError:  # ansible-core before 2.19 takes every text for a template

    def trust_as_template(value: str) -> str:
        return value


pytestmark = pytest.mark.smoke  # with the oldest ansible-core, too

NAMES = ("role", "zone", "size", "tags", "ports")
VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(0, 3), st.sampled_from(["", "web", "a b", "x\\ny", "{{"])
)
HOSTS = st.lists(
    st.dictionaries(
        st.sampled_from(NAMES),
        st.one_of(
            VALUES, st.lists(VALUES, max_size=2), st.dictionaries(st.sampled_from("ab"), VALUES, max_size=2)
        ),
    ),
    min_size=1,
    max_size=4,
)
# What people write, and what goes wrong: undefined names, other types, syntax, backslashes, lookups, and
# templates where expressions belong.
TEXTS = st.sampled_from(
    [
        "role",
        "size + 1",
        "role | default('none') ~ '-' ~ (zone | default(''))",
        "tags.a",
        "tags | default({})",
        "ports | default([]) | map('string') | list",
        "role == 'web'",
        "size is defined and size > 1",
        "role is match('w\\w+')",
        "'\\n' in role",
        "inventory_hostname",
        "made",
        "role if",
        "lookup('ansible.builtin.env', 'HOME')",
        "'{{ role }}'",
        "{{ role }}",
        "none",
        "omit",
        "42",
    ]
)
KEYED = st.fixed_dictionaries(
    {"key": TEXTS},
    optional={
        "prefix": st.sampled_from(["", "p"]),
        "separator": st.sampled_from(["", "-"]),
        "parent_group": st.sampled_from(["all_of_them", "{{ role }}", "{{ nothing }}", "{{role}}"]),
        "default_value": st.sampled_from(["", "other"]),
    },
)
NAMED = st.dictionaries(st.sampled_from(["made", "one", "two"]), TEXTS, max_size=3)


def trusted(value: Any) -> Any:
    """The value as it comes out of a file: each text can be a template."""
    if isinstance(value, str):
        return trust_as_template(value)
    if isinstance(value, dict):
        return {name: trusted(part) for name, part in value.items()}
    return [trusted(part) for part in value] if isinstance(value, list) else value


def constructed(hosts: list[dict[str, Any]], options: dict[str, Any], strict: bool, shared: bool) -> Any:
    """The groups and variables that ansible-core's plugin makes, or how it fails."""
    plugin, loader = InventoryModule(), DataLoader()
    plugin._options = {"use_extra_vars": False, "leading_separator": True}
    plugin.get_option = plugin._options.get
    plugin.inventory, plugin.templar = InventoryData(), Templar(loader=loader)
    compose, groups, keyed = (trusted(options[name]) for name in ("compose", "groups", "keyed_groups"))
    steps = (
        lambda name, values: plugin._set_composite_vars(compose, values, name, strict=strict),
        lambda name, values: plugin._add_host_to_composed_groups(groups, values, name, strict=strict),
        lambda name, values: plugin._add_host_to_keyed_groups(keyed, values, name, strict=strict),
    )
    named = {f"h{number}": {**host, "inventory_hostname": f"h{number}"} for number, host in enumerate(hosts)}
    for name in named:
        plugin.inventory.add_host(name)
    try:
        for step in steps:
            if shared:
                share_compiled(plugin.templar)
            for name, values in named.items():
                step(name, values)
    except Exception as error:
        return type(error), str(error)
    everything = plugin.inventory
    members = {name: sorted(host.name for host in group.hosts) for name, group in everything.groups.items()}
    parents = {
        name: sorted(parent.name for parent in group.parent_groups)
        for name, group in everything.groups.items()
    }
    return members, parents, {name: repr(host.vars) for name, host in everything.hosts.items()}


@given(
    HOSTS,
    st.fixed_dictionaries({"compose": NAMED, "groups": NAMED, "keyed_groups": st.lists(KEYED, max_size=3)}),
    st.booleans(),
)
@example(
    [{}, {}],
    {"compose": {"one": "role"}, "groups": {"one": "role is match('w\\w+')"}, "keyed_groups": []},
    True,
)
def test_what_hosts_share_gives_what_each_would_have_alone(hosts, options, strict):
    alone, shared = (constructed(hosts, options, strict, shared) for shared in (False, True))
    assert shared == alone


@pytest.fixture
def compilations(monkeypatch):
    """The sources that Jinja compiles."""
    sources: list[Any] = []
    usual = jinja2.Environment.compile

    def compiling(self, source, *more, **options):
        sources.append(source)
        return usual(self, source, *more, **options)

    monkeypatch.setattr(jinja2.Environment, "compile", compiling)
    return sources


def test_a_template_is_compiled_once_for_all_hosts(compilations):
    options = {
        "compose": {"made": "role ~ '-x'"},
        "groups": {"web": "role == 'web'"},
        "keyed_groups": [{"key": "zone | string"}],
    }
    constructed([{"role": "web", "zone": number} for number in range(50)], options, True, shared=True)
    assert len(compilations) == 3
    constructed([{"role": "web", "zone": "z"}] * 50, options, True, shared=False)
    assert len(compilations) == 3 + 3 * 50


def test_sharing_again_leaves_no_trace_of_the_first_time():
    templar = Templar(loader=DataLoader())
    environment = getattr(templar, "_engine", templar).environment
    kind = type(environment)
    for _time in range(3):
        share_compiled(templar)
    assert type(environment).__mro__[1] is kind
