# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a plan has read of images, keys and time zones serves the call that carries it out, for minutes."""

from __future__ import annotations

import json

import pytest

from ansible_collections.reforge.cloud.plugins.module_utils.act.plan_facts import KINDS, PlanFacts
from ansible_collections.reforge.cloud.plugins.module_utils.commands import reset as resetting
from ansible_collections.reforge.cloud.plugins.module_utils.commands.registry import PROVIDERS
from ansible_collections.reforge.cloud.plugins.module_utils.core.errors import InputError
from ansible_collections.reforge.cloud.plugins.module_utils.core.timing import FACTS_SECONDS
from called_site import DEFAULTS, IMAGES, KEYS, Call, Site


class Rebuild:
    """A plan for both instances of a provider, and calls that carry it out."""

    def __init__(self, provider, clock):
        self.site, key = Site(PROVIDERS[provider], clock), KEYS.get(provider)
        zone = {"timezone": "UTC"} if "timezone" in self.site.provider.options else {}
        login = {"key_ids": [key]} if key else {"password": "Aa1~aaaaaaaa"}
        self.options = {**DEFAULTS, "image_id": IMAGES[provider][1], **login, **zone}
        self.ids = list(self.site.ids.values())
        self.plan = self.call(check_mode=True)

    def call(self, check_mode=False, **more):
        self.site.called.clear()
        params = {**self.options, "instance_ids": self.ids, **more}
        return resetting.reset(Call(params, check_mode), self.site.client)

    @property
    def handed_on(self):
        """As it comes out of the JSON of a result, with what holds the call to the plan."""
        return {"facts": json.loads(json.dumps(self.plan["facts"])), "expect_plan": self.plan["plan_id"]}

    @property
    def looks(self):
        """The actions of the last call by which what a plan hands on is read."""
        its = self.site.provider
        return self.site.called & {action.name for action in (its.images, its.keys, its.timezones) if action}


@pytest.fixture
def rebuild(clock):
    return lambda provider="zenlayer_zec": Rebuild(provider, clock)


@pytest.mark.parametrize("provider", IMAGES)
def test_the_call_that_carries_a_plan_out_looks_at_the_instances_only(rebuild, provider):
    ours = rebuild(provider)
    looks = ours.looks
    result = ours.call(**ours.handed_on)
    assert result["reset_ids"] == ours.ids and "facts" not in result
    assert looks and ours.looks == set()


def test_a_part_of_the_plan_that_is_held_to_its_digests_uses_its_facts(rebuild):
    ours = rebuild()
    last = ours.plan["instances"][-1]
    instances = [{"instance_id": last["instance_id"], "expect_digest": last["digest"]}]
    result = ours.call(instances=instances, instance_ids=None, facts=ours.handed_on["facts"])
    assert result["reset_ids"] == [last["instance_id"]] and ours.looks == set()


def test_after_some_minutes_all_is_read_again(rebuild, clock):
    ours = rebuild()
    first = ours.looks
    clock.sleep(FACTS_SECONDS + 1)
    assert ours.call(**ours.handed_on)["reset_ids"] == ours.ids and ours.looks == first


def test_facts_from_ahead_of_the_clock_are_not_believed(clock):
    ahead = PlanFacts(clock)
    ahead.records("key_pairs", "DescribeKeyPairs", ["k"], lambda: ["old"])
    facts = ahead.handed_on("P")
    clock.now -= 10
    assert PlanFacts(clock, facts).records("key_pairs", "DescribeKeyPairs", ["k"], lambda: ["new"]) == ["new"]


def test_what_the_plan_did_not_ask_for_is_read(clock):
    first = PlanFacts(clock)
    first.records("images", "here", ["a", "b"], lambda: ["A", "B"])
    then = PlanFacts(clock, first.handed_on("P"))
    assert then.records("images", "here", ["b"], lambda: ["new"]) == ["A", "B"]
    assert then.records("images", "here", ["b", "c"], lambda: ["new"]) == ["new"]
    assert then.records("images", "there", ["b"], lambda: ["new"]) == ["new"]


def test_a_plan_in_check_mode_reads_everything_whatever_it_is_given(rebuild):
    ours = rebuild()
    looks = ours.looks
    again = ours.call(check_mode=True, **ours.handed_on)
    assert again["plan_id"] == ours.plan["plan_id"] and ours.looks == looks != set()


@pytest.mark.parametrize(
    "change, word",
    [
        (lambda given: {**given, "expect_plan": None}, "expect_plan"),
        (lambda given: {**given, "expect_plan": "another"}, "expect_digest"),
        (lambda given: {**given, "facts": {}}, "complete"),
        (lambda given: {**given, "facts": {**given["facts"], "until": "tomorrow"}}, "complete"),
        *[
            (lambda given, kind=kind: {**given, "facts": {**given["facts"], kind: [{"ids": []}]}}, "complete")
            for kind in KINDS
        ],
    ],
)
def test_facts_without_their_plan_or_in_part_are_an_error_before_anything_is_sent(rebuild, change, word):
    ours = rebuild()
    with pytest.raises(InputError, match="facts: ") as caught:
        ours.call(**change(ours.handed_on))
    assert word in str(caught.value) and ours.site.called == set()
