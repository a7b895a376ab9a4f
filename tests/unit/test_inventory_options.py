# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the inventory file may say, and how a wrong word in it is answered."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from ansible_collections.reforge.cloud.plugins.inventory.instances import DOCUMENTATION, EXAMPLES
from ansible_collections.reforge.cloud.plugins.module_utils.commands.connection_options import CONNECTION
from ansible_collections.reforge.cloud.plugins.module_utils.commands.registry import PROVIDERS
from ansible_collections.reforge.cloud.plugins.module_utils.core.errors import InputError
from ansible_collections.reforge.cloud.plugins.module_utils.core.provider import Provider
from ansible_collections.reforge.cloud.plugins.plugin_utils.inventory.hosts import FIELDS
from ansible_collections.reforge.cloud.plugins.plugin_utils.inventory.options import INVENTORY, SOURCE
from ansible_collections.reforge.cloud.plugins.plugin_utils.inventory.settings import read_settings

OTHERS = (
    "plugin",
    "compose",
    "groups",
    "keyed_groups",
    "cache",
    "cache_plugin",
    "cache_connection",
    "cache_timeout",
)


def test_a_file_without_sources_is_one_source(zec: Provider) -> None:
    (source,) = read_settings({"provider": zec.name, "access_key": "AK"}).sources
    assert (source.name, source.provider, source.params["access_key"], source.regions) == (
        "source-1",
        zec,
        "AK",
        (),
    )


def test_the_top_level_is_the_default_of_every_source(zec: Provider) -> None:
    top = {"provider": zec.name, "region": "east", "request_timeout": 7, "validate_certs": False}
    first, second = read_settings(
        {**top, "sources": [{}, {"region": "west", "request_timeout": "9"}]}
    ).sources
    assert (first.regions, first.params["request_timeout"], first.params["validate_certs"]) == (
        ("east",),
        7,
        False,
    )
    assert (second.regions, second.params["request_timeout"], second.params["validate_certs"]) == (
        ("west",),
        9,
        False,
    )


@pytest.mark.parametrize("own", [{"profile": "p"}, {"token": "t"}, {"access_key": "a", "secret_key": "s"}])
def test_a_source_with_credentials_of_its_own_inherits_none(zec: Provider, own: dict[str, str]) -> None:
    top = {"access_key": "AK", "secret_key": "SK", "token": "T", "profile": "P"}
    (source,) = read_settings({"provider": zec.name, **top, "sources": [own]}).sources
    assert {name: source.params[name] for name in top if source.params[name]} == own


def test_an_alias_means_its_option(zec: Provider) -> None:
    entry = {"secret_id": "AK", "access_key_secret": "SK"}
    (source,) = read_settings({"provider": zec.name, "sources": [entry]}).sources
    assert (source.params["access_key"], source.params["secret_key"]) == ("AK", "SK")


def test_each_region_is_taken_once_in_order(zec: Provider) -> None:
    (source,) = read_settings({"provider": zec.name, "sources": [{"regions": ["b", "a", "b"]}]}).sources
    assert source.regions == ("b", "a")


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"regoin": "x"}, ["no option 'regoin'", "region"]),
        ({"keyed_group": []}, ["no option 'keyed_group'", "keyed_groups"]),
        ({"request_timeout": "soon"}, ["request_timeout", "'soon'", "whole number"]),
        ({"request_timeout": 0}, ["request_timeout", "0", "1 or more"]),
        ({"rate_share": 0}, ["rate_share", "0", "1 or more"]),
        ({"include_gone": "perhaps"}, ["include_gone", "'perhaps'", "true or false"]),
        ({"on_error": "ignore"}, ["on_error", "'ignore'", "fail, skip"]),
        ({"hostnames": ["name", "title"]}, ["hostnames", "'title'", "tag:KEY"]),
        ({"hostnames": ["tag:"]}, ["hostnames", "'tag:'"]),
        ({"ansible_host_from": "ipv4"}, ["ansible_host_from", "'ipv4'", "public_then_private"]),
        ({"provider": "nobody"}, ["provider", "'nobody'", *PROVIDERS]),
        ({"sources": []}, ["sources is empty"]),
        ({"sources": ["?"]}, ["sources[0]", "mapping"]),
        (
            {"sources": [{"name": "a", "filters": {"state": "x"}}]},
            ["source a", "filters", "'state'", "status"],
        ),
        ({"sources": [{"filters": {"status": ["up"]}}]}, ["source-1", "status[0]", "'up'", "running"]),
        ({"sources": [{}, {"region": ["x"]}]}, ["source-2", "region", "text"]),
        ({"sources": [{"region": "x", "regions": ["y"]}]}, ["source-1", "regions", "excludes region"]),
        ({"sources": [{"regions": []}]}, ["source-1", "regions", "at least one"]),
        ({"sources": [{"request_timeout": -1}]}, ["source-1", "request_timeout", "-1"]),
        ({"sources": [{"name": "a"}, {"name": "a"}]}, ["'a'", "2 times"]),
    ],
)
def test_what_is_wrong_is_named_with_its_value_and_what_would_be_right(
    zec: Provider, given: dict[str, Any], words: list[str]
) -> None:
    with pytest.raises(InputError) as failure:
        read_settings({"provider": zec.name, **given}, OTHERS)
    assert [word for word in words if word not in str(failure.value)] == []


def test_a_source_without_a_provider_is_told_which_there_are() -> None:
    with pytest.raises(InputError, match=f"source lab: provider is missing.*{', '.join(PROVIDERS)}"):
        read_settings({"sources": [{"name": "lab"}]})


def test_a_filter_by_tags_is_refused_where_the_provider_has_none() -> None:
    bare = next((name for name, provider in PROVIDERS.items() if not provider.tags), None)
    if bare is None:
        pytest.skip("every provider has tags")
    with pytest.raises(InputError, match="source-1: filters.tags is not supported"):
        read_settings({"provider": bare, "sources": [{"filters": {"tags": {"a": "b"}}}]})


@pytest.mark.parametrize(
    "given",
    [
        {"secret_key": ["hush-1"]},
        {"sources": [{"token": {"hush-1": 1}}]},
        {"sources": {"secret_key": "hush-1"}},
        {"sources": [[{"secret_key": "hush-1"}]]},
        {"sources": ["secret_key hush-1"]},
    ],
)
def test_no_message_shows_a_secret(zec: Provider, given: dict[str, Any]) -> None:
    with pytest.raises(InputError) as failure:
        read_settings({"provider": zec.name, **given})
    assert "hush" not in str(failure.value)


def test_nothing_shows_the_secrets_of_a_source(zec: Provider) -> None:
    assert "hush" not in repr(read_settings({"provider": zec.name, "secret_key": "hush", "token": "hush"}))


def test_every_connection_option_can_stand_in_a_source_and_at_the_top() -> None:
    assert set(CONNECTION) <= set(SOURCE) & set(INVENTORY)


def test_the_documentation_tells_every_environment_variable() -> None:
    description = " ".join(INVENTORY["access_key"]["description"])
    names = {
        name
        for provider in PROVIDERS.values()
        for name in provider.credentials.environment.get("access_key", ())
    }
    assert names and [name for name in names if f"E({name})" not in description] == []


def test_the_documentation_names_every_host_variable() -> None:
    notes = " ".join(yaml.safe_load(DOCUMENTATION)["notes"])
    names = (*FIELDS.values(), "instance_source")
    assert len(names) > 15 and [name for name in names if f"C({name})" not in notes] == []


def test_the_example_is_accepted() -> None:
    example = yaml.safe_load(EXAMPLES)
    settings = read_settings({name: value for name, value in example.items() if name not in OTHERS})
    assert [source.name for source in settings.sources] == ["production", "laboratory"]
