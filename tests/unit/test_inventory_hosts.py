# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Which instances are hosts, what they are called, and what a host is told."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from ansible_collections.reforge.cloud.plugins.module_utils.core.model import Disk, Instance, Status
from ansible_collections.reforge.cloud.plugins.module_utils.core.provider import Provider
from ansible_collections.reforge.cloud.plugins.plugin_utils.inventory import hosts as inventory_hosts
from ansible_collections.reforge.cloud.plugins.plugin_utils.inventory.fetch import Share
from ansible_collections.reforge.cloud.plugins.plugin_utils.inventory.hosts import (
    Host,
    choose,
    each_once,
    mark_unsafe,
    name_hosts,
    variables,
)
from ansible_collections.reforge.cloud.plugins.plugin_utils.inventory.settings import Settings, read_settings

NAMES = ("name", "instance_id")


@pytest.fixture
def make_share(zec: Provider) -> Callable[..., Share]:
    def make(region: str = "", **entry: Any) -> Share:
        return Share(read_settings({"provider": zec.name, "sources": [entry]}).sources[0], region)

    return make


@pytest.fixture
def settings(zec: Provider) -> Callable[..., Settings]:
    return lambda **given: read_settings({"provider": zec.name, **given})


@pytest.fixture
def names_of(make_share: Callable[..., Share]) -> Callable[..., tuple[list[str], list[str]]]:
    """The names of these instances, and the warnings."""

    def names(
        instances: Sequence[Instance],
        hostnames: Sequence[str] = NAMES,
        taken: Any = lambda name, instance_id: False,
    ) -> Any:
        share = make_share()
        hosts, warnings = name_hosts([(share, instance) for instance in instances], hostnames, taken)
        return [host.name for host in hosts], warnings

    return names


@pytest.mark.parametrize(
    ("preferences", "name"),
    [
        (["name"], "web-1"),
        (["instance_id"], "i-1"),
        (["public_ip", "name"], "1.2.3.4"),
        (["private_ip"], "10.0.0.1"),
        (["tag:host", "name"], "db"),
        (["tag:none", "tag:empty", "name"], "web-1"),
        (["tag:none"], "i-1"),
    ],
)
def test_a_host_is_called_by_the_first_preference_that_the_instance_has(
    names_of: Any, make_instance: Any, preferences: list[str], name: str
) -> None:
    instance = make_instance(
        public_ips=("1.2.3.4", "5.6.7.8"), private_ips=("10.0.0.1",), tags={"host": "db", "empty": ""}
    )
    assert names_of([instance], preferences) == ([name], [])


@pytest.mark.parametrize("name", ["", "  "])
def test_an_empty_name_falls_back_to_the_id(names_of: Any, make_instance: Any, name: str) -> None:
    assert names_of([make_instance(name=name)]) == (["i-1"], [])


@pytest.mark.parametrize(
    "name",
    [
        "localhost",
        "LOCALHOST",
        "127.0.0.1",
        "::1",
        "../up",
        "a/b",
        "..",
        "{{ 1 }}",
        "a\nb",
        "!db",
        "&db",
        "~db",
        "*",
        "web?",
        "web[1]",
        "-oProxyCommand=reboot",
        "web,db",
        "web:db",
        "@hosts",
    ],
)
def test_a_name_that_would_mislead_is_passed_over_with_a_warning(
    names_of: Any, make_instance: Any, name: str
) -> None:
    names, warnings = names_of([make_instance(name=name)])
    assert names == ["i-1"] and repr(name) in warnings[0]


@pytest.mark.parametrize("name", ["web-1", "web 1", "2001:db8::1", "caf\u00e9", "a!b", "a&b", "a~b"])
def test_other_names_are_taken_as_they_are(names_of: Any, make_instance: Any, name: str) -> None:
    assert names_of([make_instance(name=name)]) == ([name], [])


def test_instances_of_the_same_name_all_get_their_ids(names_of: Any, make_instance: Any) -> None:
    three = [make_instance(id=f"i-{number}", name=name) for number, name in enumerate(("web", "web", "db"))]
    names, warnings = names_of(three)
    assert names == ["web_i-0", "web_i-1", "db"] and "'web'" in warnings[0] and len(warnings) == 1


def test_a_name_with_an_id_does_not_hit_one_that_is_there(names_of: Any, make_instance: Any) -> None:
    three = [
        make_instance(id=f"i-{number}", name=name) for number, name in enumerate(("web", "web", "web_i-1"))
    ]
    assert names_of(three)[0] == ["web_i-0", "web_i-1_2", "web_i-1"]


def test_the_same_id_at_two_providers_is_told_apart(names_of: Any, make_instance: Any) -> None:
    names, _warnings = names_of([make_instance(), make_instance()], ["instance_id"])
    assert names == ["i-1_source-1", "i-1_source-1_2"]


def test_the_name_of_a_group_or_of_another_instance_is_not_taken(names_of: Any, make_instance: Any) -> None:
    asked = []
    names, warnings = names_of([make_instance(name="all")], taken=lambda *given: asked.append(given) or True)
    assert names == ["all_i-1"] and "'all'" in warnings[0] and asked == [("all", "i-1")]


def test_a_warning_stays_short(names_of: Any, make_instance: Any) -> None:
    many = [make_instance(id=f"i-{number}", name=f"web-{number % 50}") for number in range(100)]
    _names, (warning,) = names_of(many)
    assert "and 40 more" in warning and len(warning) < 300


def test_what_is_gone_is_left_out_unless_it_is_asked_for(make_share: Any, make_instance: Any) -> None:
    states = (Status.RUNNING, Status.RECYCLED, Status.TERMINATING)
    fleet = [make_instance(id=status.value, status=status) for status in states]
    asks = make_share(filters={"status": ["recycled", "running"]})
    assert [instance.id for instance in choose(make_share(), fleet, False)] == ["running"]
    assert len(choose(make_share(), fleet, True)) == 3
    assert [instance.id for instance in choose(asks, fleet, False)] == ["recycled", "running"]


@pytest.mark.parametrize(
    ("filters", "ids"),
    [
        ({"name": "web-*"}, ["a", "b"]),
        ({"zone": ["z-2"]}, ["b"]),
        ({"tags": {"role": "db"}}, ["c"]),
        ({"ip": ["1.1.1.1"]}, ["a"]),
        ({"name": ["web-*"], "zone": ["z-1"]}, ["a"]),
        ({}, ["c", "a", "b"]),
    ],
)
def test_filters_choose(make_share: Any, make_instance: Any, filters: dict[str, Any], ids: list[str]) -> None:
    fleet = [
        make_instance(id="a", name="web-1", zone="z-1", public_ips=("1.1.1.1",)),
        make_instance(id="b", name="web-2", zone="z-2"),
        make_instance(id="c", name="db", zone="z-1", tags={"role": "db"}),
    ]
    assert [instance.id for instance in choose(make_share(filters=filters), fleet, False)] == ids


def test_a_share_of_a_global_api_takes_its_region_only(make_share: Any, make_instance: Any) -> None:
    fleet = [make_instance(id=region or "none", region=region) for region in ("a", "b", None)]
    assert {instance.id for instance in choose(make_share("a"), fleet, False)} == {"a", "none"}


def test_what_two_sources_see_is_one_host_of_the_first(make_share: Any, make_instance: Any) -> None:
    first, second = make_share(name="first"), make_share(name="second")
    elsewhere = make_share(name="elsewhere", endpoint="https://other.test")
    instance = make_instance()
    kept = each_once([(first, instance), (second, instance), (elsewhere, instance)])
    assert [share.source.name for share, _one in kept] == ["first", "elsewhere"]


@pytest.mark.parametrize(
    ("choice", "public", "private", "address"),
    [
        ("public_then_private", ("1.1.1.1", "2.2.2.2"), ("10.0.0.1",), "1.1.1.1"),
        ("public_then_private", (), ("10.0.0.1",), "10.0.0.1"),
        ("public_then_private", (), (), None),
        ("public_ip", (), ("10.0.0.1",), None),
        ("private_ip", ("1.1.1.1",), ("10.0.0.1",), "10.0.0.1"),
        ("none", ("1.1.1.1",), ("10.0.0.1",), None),
    ],
)
def test_the_address_to_connect_to(
    make_share: Any,
    make_instance: Any,
    settings: Any,
    choice: str,
    public: Any,
    private: Any,
    address: str | None,
) -> None:
    host = Host("web", make_instance(public_ips=public, private_ips=private), make_share())
    assert variables(host, settings(ansible_host_from=choice)).get("ansible_host") == address


def test_a_host_is_told_what_a_rebuild_needs_and_no_credential(
    make_share: Any, make_instance: Any, settings: Any
) -> None:
    secrets = {"access_key": "hush", "secret_key": "hush", "token": "hush"}
    share = make_share("r", endpoint="https://api.test", profile="p", **secrets)
    instance = make_instance(region=None, key_ids=("k",), data_disks=(Disk("d", 5),))
    values = variables(Host("web", instance, share), settings())
    expected = {
        "id": "i-1",
        "provider": share.source.provider.name,
        "region": "r",
        "endpoint": "https://api.test",
        "profile": "p",
        "source": "source-1",
    }
    assert {name: values[f"instance_{name}"] for name in expected} == expected
    assert values["instance_key_ids"] == ["k"] and values["instance_data_disks"] == [{"id": "d", "size": 5}]
    assert "hush" not in str(values) and values["instance_source_has_keys"] is True


def test_endpoint_profile_and_raw_are_there_only_when_given(
    make_share: Any, make_instance: Any, settings: Any
) -> None:
    host = Host("web", make_instance(raw={"x": 1}), make_share())
    assert {"instance_endpoint", "instance_profile", "instance_raw"}.isdisjoint(variables(host, settings()))
    assert variables(host, settings(include_raw=True))["instance_raw"] == {"x": 1}


def test_text_that_could_be_a_template_is_marked_wherever_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inventory_hosts, "wrap_var", lambda text: f"<{text}>")
    values = mark_unsafe({"{{ key }}": ["{% x %}", {"deep": "{# y #}"}], "plain": "text", "number": 1})
    assert values == {"<{{ key }}>": ["<{% x %}>", {"deep": "<{# y #}>"}], "plain": "text", "number": 1}


def test_addresses_that_two_instances_are_called_by_leave_the_ids_alone(
    names_of: Any, make_instance: Any
) -> None:
    two = [make_instance(id=f"i-{number}", name="2001:db8::1") for number in range(2)]
    assert names_of(two)[0] == ["i-0", "i-1"]  # with the id behind it, the name would be a pattern
