# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The modules call the actions that the guide on security says a key needs, each of them and no other, at
every provider.
"""

from __future__ import annotations

import pytest

from ansible_collections.reforge.cloud.plugins.module_utils.commands import (
    info,
    password,
    power,
    reset as resetting,
)
from ansible_collections.reforge.cloud.plugins.module_utils.commands.registry import PROVIDERS
from ansible_collections.reforge.cloud.plugins.module_utils.core.model import Verb
from ansible_collections.reforge.cloud.plugins.plugin_utils.inventory.fetch import Fetch, fetch_all
from called_site import IMAGES, KEYS, Site
from tools.needed_actions import USES, needed_actions


def inventory(site):
    fetch = Fetch(site.provider, site.account, 10, True, () if site.provider.regional else ("elsewhere",))
    (listed,) = fetch_all([fetch], lambda fetch: site.client, raw=False)
    assert len(listed.instances) == 2


def login_of(site):
    """A key where the provider has keys, and a time zone where it has those."""
    name = site.provider.name
    zone = {"timezone": "UTC"} if "timezone" in site.provider.options else {}
    return {**({"key_ids": [KEYS[name]]} if name in KEYS else {"password": "Aa1~aaaaaaaa"}), **zone}


def reset(site):
    """One that runs and one that does not; then one that is stopped in vain."""
    name, login = site.provider.name, login_of(site)
    result = site.run(
        resetting.reset, instance_ids=list(site.ids.values()), image_id=IMAGES[name][1], **login
    )
    assert result["reset_ids"] == list(site.ids.values()), result
    site.deny(Verb.RESET)
    result = site.run(resetting.reset, instance_ids=[site.ids["running"]], image_id=IMAGES[name][0], **login)
    assert result["failed_ids"] == [site.ids["running"]], result


def reboot(site):
    result = site.run(power.reboot, instance_ids=list(site.ids.values()), if_stopped="start")
    assert not result.get("failed"), result


def switch(site):
    assert not site.run(power.power, instance_ids=[site.ids["running"]], state="stopped").get("failed")
    assert not site.run(power.power, instance_ids=[site.ids["stopped"]], state="started").get("failed")


def images(site):
    assert len(site.run(info.list_images)["images"]) == 2
    assert len(site.run(info.list_images, instance_id=site.ids["running"])["images"]) >= 1


def passwords(site):
    """One that runs and one that does not, as far as the provider takes them."""
    if site.provider.password_change is None:
        return
    given = {"password": "Aa1!aaaaaaaa" if site.provider.name == "zenlayer_vm" else "Aa1~aaaaaaaa"}
    result = site.run(
        password.password,
        instance_ids=list(site.ids.values()),
        stop_first=True,
        on_refusal="skip",
        **given,
    )
    assert site.ids["running"] in result["password_set_ids"], result
    site.deny(Verb.PASSWORD)
    result = site.run(password.password, instance_ids=[site.ids["running"]], stop_first=True, **given)
    assert result["failed_ids"] == [site.ids["running"]], result


@pytest.mark.parametrize("provider", IMAGES)
def test_a_reset_that_changes_nothing_looks_at_no_image_key_or_time_zone(clock, provider):
    site = Site(PROVIDERS[provider], clock)
    result = site.run(
        resetting.reset,
        instance_ids=list(site.ids.values()),
        image_id=IMAGES[provider][0],
        **login_of(site),
    )
    assert result["unchanged_ids"] == list(site.ids.values())
    denials = site.provider.denials
    assert site.called == {site.provider.instances.name, *([denials.name] if denials else [])}


PLAYED = {
    "instance_info": lambda site: site.run(info.list_instances),
    "inventory": inventory,
    "image_info": images,
    "instance_reset": reset,
    "instance_reboot": reboot,
    "instance_power": switch,
    "instance_password": passwords,
}


@pytest.mark.parametrize("module", USES)
@pytest.mark.parametrize("provider", IMAGES)
def test_a_module_calls_just_the_actions_that_are_told(clock, provider, module):
    site = Site(PROVIDERS[provider], clock)
    PLAYED[module](site)
    assert site.called == set(needed_actions(site.provider)[module])
