# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The same scenarios on every provider: one table, all calls side by side."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest

from ansible_collections.reforge.cloud.plugins.module_utils.commands.registry import PROVIDERS
from tools.needed_actions import needed_actions


@dataclass(frozen=True)
class Site:
    """What differs from provider to provider in these tests: names, and what can be asked for."""

    prefix: str
    region: str
    zone: str
    reset: str
    password: str = "Aa1~aaaaaaaa"
    images: tuple[str, str, str] = ("img-old00000", "img-new00000", "img-win00000")
    reboot: str = "RebootInstances"
    tags: bool = True
    denials: bool = False
    same_os: bool = True
    needs_stop: bool = False
    one_by_one: bool = False
    reboot_modes: bool = True
    new_password: str = "Aa1-aaaaaaaa"
    stop_modes: bool = True


SITES = {
    "zenlayer_zec": Site("zec-", "asia-east-1", "asia-east-1a", "ResetInstances", needs_stop=True),
    "zenlayer_bmc": Site(
        "bmc-",
        "SEL",
        "SEL-A",
        "ReinstallInstance",
        same_os=False,
        one_by_one=True,
        reboot_modes=False,
        stop_modes=False,
        new_password="",
    ),
    "zenlayer_vm": Site(
        "vm-",
        "FRA",
        "FRA-A",
        "ResetInstance",
        same_os=False,
        needs_stop=True,
        one_by_one=True,
        reboot_modes=False,
        new_password="Aa1+aaaaaaaa",
    ),
    "tencent_ecm": Site(
        "ein-", "ap-hangzhou-ecm", "ap-hangzhou-ecm-1", "ResetInstances", denials=True, same_os=False
    ),
    "tencent_lighthouse": Site(
        "lhins-",
        "ap-hongkong",
        "ap-hongkong-1",
        "ResetInstance",
        images=("lhbp-old00000", "lhbp-new00000", "lhbp-win00000"),
        denials=True,
        one_by_one=True,
    ),
    "tencent_cvm": Site(
        "ins-", "ap-guangzhou", "ap-guangzhou-3", "ResetInstance", same_os=False, one_by_one=True
    ),
    "tencent_cvm_v2": Site(
        "ins-",
        "ap-shanghai",
        "ap-shanghai-2",
        "ResetInstances",
        images=("img-two00000", "img-tow00000", "img-wto00000"),
        reboot="RestartInstances",
        tags=False,
        same_os=False,
        one_by_one=True,
    ),
}


@dataclass(frozen=True)
class Scenario:
    """One call on one instance. ``own`` is the instance, ``options`` are added to the call."""

    outcome: str
    reason: str | None = None
    own: dict[str, Any] = field(default_factory=dict)
    options: dict[str, Any] = field(default_factory=dict)
    wipes: int = 0
    verdict: str | None = None
    faults: tuple[dict[str, Any], ...] = ()
    sent: int | None = None  # how often the reset was sent, where that is not the number of wipes


# What is met under way takes some 40 real seconds, and comes first, before the machine is busy.
SCENARIOS = {
    "attach": Scenario("reset", own={"durations": {"reset": 2400}, "interfere": "reset"}, wipes=1, sent=0),
    "busy": Scenario(
        "reset", own={"durations": {"reboot": 2400}, "interfere": "reboot"}, wipes=1, verdict="settle"
    ),
    "another image": Scenario("reset", "image_differs", wipes=1, verdict="reset"),
    "stopped": Scenario("reset", own={"status": "stopped"}, wipes=1, verdict="reset"),
    "same image": Scenario("unchanged", "image_matches", own={"image": 1}, verdict="unchanged"),
    # Without a request's id in the record, only an installation that is long enough to be seen is a proof.
    "forced": Scenario(
        "reset",
        "forced",
        own={"image": 1, "durations": {"reset": 900}},
        options={"force": True},
        wipes=1,
        verdict="reset",
    ),
    "current": Scenario(
        "reset",
        "forced",
        own={"durations": {"reset": 900}},
        options={"force": True, "image_id": None},
        wipes=1,
        verdict="reset",
    ),
    "fails": Scenario("failed", "failed", own={"fail_install": True}, wipes=1, verdict="reset"),
    "unknown": Scenario("refused", "not_found", own={"absent": True}, verdict="refuse"),
    "recycled": Scenario("refused", own={"status": "terminating"}, verdict="refuse"),
    "no image": Scenario(
        "refused", "image_not_found", options={"image_id": "img-none0000"}, verdict="refuse"
    ),
    "throttled": Scenario("reset", wipes=1, faults=({"effect": "throttle", "count": 3},), sent=4),
    "lost after": Scenario("reset", wipes=1, faults=({"effect": "drop_after", "count": 1},)),
    "lost before": Scenario("failed", "not_started", faults=({"effect": "drop_before", "count": 1},), sent=1),
    "broken after": Scenario(
        "reset",
        wipes=1,
        faults=(
            {
                "effect": "error_after",
                "status": 502,
                "count": 1,
                "body": "<html>bad gateway</html>",
                "content_type": "text/html",
            },
        ),
    ),
    "endless": Scenario(
        "timeout", own={"durations": {"reset": 100000}}, options={"wait_timeout": 8}, wipes=1
    ),
    "protected": Scenario("refused", "protected", own={"tags": {"reforge-protect": "1"}}, verdict="refuse"),
    "denied": Scenario("refused", "denied", own={"denied": True}, verdict="refuse"),
    "other system": Scenario("refused", options={"image": 2}, verdict="refuse"),
}
CASES = [
    (provider, name)
    for name in SCENARIOS
    for provider, site in SITES.items()
    if (site.tags or name != "protected")
    and (site.denials or name != "denied")
    and (site.same_os or name != "other system")
]


def the_id(provider: str, name: str) -> str:
    """Eight small letters and digits after the prefix, as the vendors write ids."""
    number = list(SCENARIOS).index(name) + 100 * list(SITES).index(provider)
    return f"{SITES[provider].prefix}test{number:04}"


def fleet_of(provider: str, instances: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """One provider's part of the world."""
    site, here = SITES[provider], {"provider": provider, "account": provider}
    old, new, windows = site.images
    return {
        "accounts": [{"name": provider, "provider": provider, "access_key": "AK", "secret_key": "SK"}],
        "zones": [{"id": site.zone, "provider": provider, "region": site.region}],
        "images": [
            {"id": old, "provider": provider, "name": "Debian 12", "category": "Debian"},
            {"id": new, "provider": provider, "name": "Ubuntu 24.04", "category": "Ubuntu"},
            {
                "id": windows,
                "provider": provider,
                "name": "Windows 2022",
                "category": "Windows",
                "os_type": "windows",
            },
        ],
        "instances": [
            {
                **here,
                "zone": site.zone,
                "image_id": old,
                "name": instance["id"],
                "status": "running",
                **instance,
            }
            for instance in instances
        ],
    }


def world(parts: list[dict[str, list[dict[str, Any]]]]) -> dict[str, Any]:
    """All parts as one document."""
    return {
        section: [record for part in parts for record in part.get(section, [])]
        for section in ("accounts", "zones", "images", "instances")
    }


def options_for(provider: str, *ids: str, **more: Any) -> dict[str, Any]:
    """A reset to the new image with a password."""
    site = SITES[provider]
    given = {
        "provider": provider,
        "region": site.region,
        "instance_ids": list(ids),
        "image_id": site.images[1],
        "password": site.password,
        **more,
    }
    if "image" in given:
        given["image_id"] = site.images[given.pop("image")]
    if given["image_id"] == "img-none0000":
        given["image_id"] = site.images[0][:-8] + "none0000"
    return given


def instance_for(provider: str, name: str) -> dict[str, Any] | None:
    """The scenario's instance, in the words of the emulator's fleet."""
    site, own = SITES[provider], dict(SCENARIOS[name].own)
    if own.pop("absent", False):
        return None
    own.pop("interfere", None)
    if own.pop("denied", False):
        own["denied"] = [
            {"action": site.reset, "code": "UnsupportedOperation.InstanceExpired", "message": "expired"}
        ]
    own["image_id"] = site.images[own.pop("image", 0)]
    return {"id": the_id(provider, name), **own}


def calls_of(call: Any) -> dict[tuple[str, str], Any]:
    """The call of each case; what has no fault and no timeout of its own goes with others of its provider."""
    calls, together = {}, {}
    for provider, name in CASES:
        scenario, wanted = SCENARIOS[name], the_id(provider, name)
        options = options_for(provider, wanted, **scenario.options)
        if scenario.faults or "wait_timeout" in options:
            calls[provider, name] = call("instance_reset", **options)
        else:
            own = {**scenario.options, "instance_id": wanted, "image_id": options["image_id"]}
            entry = {key: value for key, value in own.items() if key != "image" and value is not None}
            together.setdefault(provider, []).append(entry)
    for provider, entries in together.items():
        common = options_for(provider, instance_ids=None, image_id=None, on_refusal="skip")
        calls[provider, "together"] = call("instance_reset", instances=entries, **common)
    return calls


@pytest.fixture(scope="module")
def played(make_cloud, call, emulator, tmp_path_factory):
    """All cases: first in check mode, then for real. The results, and what the emulator counted."""
    cloud = make_cloud(emulator, tmp_path_factory.mktemp("providers"))
    emulator.speed(60.0)
    parts = [
        fleet_of(
            provider,
            [
                scenario
                for name in SCENARIOS
                if (provider, name) in CASES
                if (scenario := instance_for(provider, name))
            ],
        )
        for provider in SITES
    ]
    emulator.seed(world(parts))
    calls = {" ".join(case): arguments for case, arguments in calls_of(call).items()}
    checked = cloud.run_all(calls, "--check")
    writes_in_check = cloud.writes()
    for provider, name in CASES:
        for fault in SCENARIOS[name].faults:
            emulator.faults(
                {
                    **fault,
                    "provider": provider,
                    "actions": [SITES[provider].reset],
                    "ids": [the_id(provider, name)],
                }
            )
        interfere = SCENARIOS[name].own.get("interfere")
        if interfere:
            more = {"image_id": SITES[provider].images[1]} if interfere == "reset" else {}
            emulator.interfere(interfere, the_id(provider, name), **more)
    done = cloud.run_all(calls)
    return {
        "checked": rows_by_id(checked),
        "writes_in_check": writes_in_check,
        "done": rows_by_id(done),
        "journal": [entry for entry in emulator.journal() if entry["by"] == "client"],
        "wipes": emulator.wipes(),
    }


def rows_by_id(results: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The rows of all calls by the id of their instance: each is in one call."""
    return {row["instance_id"]: row for result in results.values() for row in rows_in(result)}


def rows_in(result: dict[str, Any]) -> list[dict[str, Any]]:
    assert "instances" in result, result.get("msg")
    return result["instances"]


def row_of(result: dict[str, Any]) -> dict[str, Any]:
    (row,) = rows_in(result)
    return row


@pytest.mark.parametrize("provider, name", CASES)
def test_each_scenario_ends_as_it_should(played, provider, name):
    scenario, row = SCENARIOS[name], played["done"][the_id(provider, name)]
    assert row["outcome"] == scenario.outcome, row
    assert scenario.reason in (None, row["reason"]), row
    assert scenario.verdict in (None, row["verdict"]), row
    assert played["wipes"].get(the_id(provider, name), 0) == scenario.wipes


@pytest.mark.parametrize("provider, name", CASES)
def test_a_reset_is_sent_no_more_often_than_it_should_be(played, provider, name):
    scenario, wanted = SCENARIOS[name], the_id(provider, name)
    sent = [
        entry
        for entry in played["journal"]
        if wanted in entry["ids"] and entry["action"] == SITES[provider].reset
    ]
    assert len(sent) == (scenario.wipes if scenario.sent is None else scenario.sent), sent


@pytest.mark.parametrize(
    "provider, name", [case for case in CASES if "interfere" not in SCENARIOS[case[1]].own]
)
def test_check_mode_says_the_same_and_sends_nothing(played, provider, name):
    checked, done = (played[mode][the_id(provider, name)] for mode in ("checked", "done"))
    assert checked["verdict"] == done["verdict"] and checked["before"] == done["before"]
    assert checked["changed"] == (checked["verdict"] == "reset")
    assert played["writes_in_check"] == []


@pytest.mark.parametrize("provider", [name for name, site in SITES.items() if not site.needs_stop])
def test_what_can_be_reset_while_it_runs_is_not_stopped(played, provider):
    assert not [
        entry
        for entry in played["journal"]
        if entry["provider"] == provider and entry["action"] == "StopInstances"
    ]


@pytest.mark.parametrize("provider", SITES)
def test_a_reset_calls_the_actions_that_the_readme_says_a_key_needs(played, provider):
    called = {entry["action"] for entry in played["journal"] if entry["provider"] == provider}
    needed = set(needed_actions(PROVIDERS[provider])["instance_reset"])
    assert {"DescribeInstances", SITES[provider].reset} <= called <= needed


@pytest.fixture(scope="module")
def many(make_cloud, call, emulator, tmp_path_factory):
    """250 instances of each provider: listed, reset in one task, and reset again."""
    cloud = make_cloud(emulator, tmp_path_factory.mktemp("many"))
    emulator.speed(60.0)
    ids = {
        provider: [f"{site.prefix}m{number}{count:06}" for count in range(250)]
        for number, (provider, site) in enumerate(SITES.items())
    }
    emulator.seed(
        world(
            [fleet_of(provider, [{"id": instance_id} for instance_id in ids[provider]]) for provider in SITES]
        )
    )
    listed = cloud.run_all(
        {
            provider: call("instance_info", provider=provider, region=site.region)
            for provider, site in SITES.items()
        }
    )
    listing = emulator.counters()["requests"]
    calls = {provider: call("instance_reset", **options_for(provider, *ids[provider])) for provider in SITES}
    cloud.run_all(calls, "--check")
    planning = emulator.counters()["requests"]
    done = cloud.run_all(calls)
    counted = emulator.counters()
    journal = [entry for entry in emulator.journal() if entry["by"] == "client"]
    again = cloud.run_all(calls)
    return {
        "ids": ids,
        "listed": listed,
        "listing": listing,
        "planning": planning,
        "done": done,
        "counted": counted,
        "journal": journal,
        "again": again,
        "writes": emulator.counters()["writes"],
        "wipes": emulator.wipes(),
    }


@pytest.mark.parametrize("provider", SITES)
def test_250_instances_take_the_fewest_requests_and_are_wiped_once(many, provider):
    site, ids = SITES[provider], many["ids"][provider]
    assert many["done"][provider]["reset_ids"] == ids, many["done"][provider].get("msg")
    assert many["counted"]["writes"][f"{provider}.{site.reset}"] == (250 if site.one_by_one else 3)
    assert {many["wipes"][instance_id] for instance_id in ids} == {1}
    assert many["again"][provider]["unchanged_ids"] == ids and many["writes"] == many["counted"]["writes"]


PAGES_OF_250 = pytest.mark.parametrize(
    "provider, requests",
    [
        ("zenlayer_zec", 1),
        ("zenlayer_bmc", 1),
        ("zenlayer_vm", 1),
        ("tencent_ecm", 3),
        ("tencent_lighthouse", 3),
        ("tencent_cvm", 3),
        ("tencent_cvm_v2", 3),
    ],
)


@PAGES_OF_250
def test_a_list_of_250_takes_as_many_requests_as_it_has_pages(many, provider, requests):
    assert many["listing"][f"{provider}.DescribeInstances"] == requests
    assert [row["instance_id"] for row in many["listed"][provider]["instances"]] == many["ids"][provider]


@PAGES_OF_250
def test_a_look_at_250_takes_the_cheaper_of_both_ways(many, provider, requests):
    name = f"{provider}.DescribeInstances"
    assert many["planning"][name] - many["listing"][name] == requests


def test_hardly_anything_was_throttled(many):
    refused = sum(many["counted"]["refused"].values())
    assert refused <= 0.02 * len(many["journal"])  # 0.5 % where nothing else needs the processors


@pytest.mark.parametrize(
    "provider, rate", [("tencent_ecm", 20), ("tencent_lighthouse", 10), ("tencent_cvm", 10)]
)
def test_no_second_holds_many_more_resets_than_documented(many, provider, rate):
    moments = sorted(
        entry["received"]
        for entry in many["journal"]
        if entry["provider"] == provider and entry["action"] == SITES[provider].reset
    )
    seconds = [sum(start <= other < start + 1 for other in moments) for start in moments]
    # Most of the rate is used, so that requests which were held up on their way can fall into one second; how
    # exactly it is kept is tested where the clock is virtual.
    assert max(seconds) <= 1.5 * rate


@pytest.fixture(scope="module")
def powered(make_cloud, call, emulator, tmp_path_factory):
    """Reboots, stops, starts and new passwords on every provider."""
    cloud = make_cloud(emulator, tmp_path_factory.mktemp("power"))
    emulator.speed(20.0)
    kinds = {"soft": "running", "hard": "running", "off": "running", "on": "stopped", "idle": "stopped"}
    kinds["word"] = "running"
    ids = {
        (provider, kind): f"{site.prefix}p{number}{kind:0<6}"
        for number, (provider, site) in enumerate(SITES.items())
        for kind in kinds
    }
    emulator.seed(
        world(
            [
                fleet_of(
                    provider,
                    [{"id": ids[provider, kind], "status": status} for kind, status in kinds.items()],
                )
                for provider in SITES
            ]
        )
    )
    before = emulator.fleet()
    calls = {}
    for provider, site in SITES.items():
        place = {"provider": provider, "region": site.region}
        for mode in ("soft", "hard"):
            given = {} if mode == "soft" and not site.reboot_modes else {"mode": mode}
            calls[f"{provider} {mode}"] = call(
                "instance_reboot", instance_ids=[ids[provider, mode]], **given, **place
            )
        calls[f"{provider} idle"] = call("instance_reboot", instance_ids=[ids[provider, "idle"]], **place)
        calls[f"{provider} off"] = call(
            "instance_power", instance_ids=[ids[provider, "off"]], state="stopped", **place
        )
        calls[f"{provider} on"] = call(
            "instance_power", instance_ids=[ids[provider, "on"]], state="started", **place
        )
        calls[f"{provider} word"] = call(
            "instance_password",
            instance_ids=[ids[provider, "word"]],
            password=site.new_password or "Aa1-aaaaaaaa",
            stop_first=True,
            **place,
        )
    results = cloud.run_all(calls)
    return {
        "ids": ids,
        "before": before,
        "results": results,
        "after": emulator.fleet(),
        "output": cloud.output,
    }


@pytest.mark.parametrize("provider", SITES)
def test_a_new_password_wipes_nothing_and_leaves_a_running_instance_running(powered, provider):
    instance_id, result = powered["ids"][provider, "word"], powered["results"][f"{provider} word"]
    if not SITES[provider].new_password:
        assert result["failed"] and "supported by: zenlayer_zec" in result["msg"]
        return
    row, after = row_of(result), powered["after"][instance_id]
    assert (row["outcome"], row["changed"], row["erases"]) == ("password_set", True, []), row
    assert (after["status"], after["wipes"]) == ("running", 0)
    assert SITES[provider].new_password not in powered["output"]


@pytest.mark.parametrize("provider", [name for name, site in SITES.items() if not site.reboot_modes])
def test_a_mode_that_a_provider_does_not_have_is_an_error(powered, provider):
    result = powered["results"][f"{provider} hard"]
    assert result["failed"] and all(word in result["msg"] for word in ("mode: 'hard'", "zenlayer_zec"))


POWERED = [
    ("soft", "rebooted", "running"),
    ("hard", "rebooted", "running"),
    ("idle", "refused", "stopped"),
    ("off", "stopped", "stopped"),
    ("on", "started", "running"),
]


@pytest.mark.parametrize(
    "provider, kind, outcome, status",
    [
        (provider, *case)
        for provider, site in SITES.items()
        for case in POWERED
        if site.reboot_modes or case[0] != "hard"
    ],
)
def test_instances_are_rebooted_stopped_and_started(powered, provider, kind, outcome, status):
    instance_id = powered["ids"][provider, kind]
    row = row_of(powered["results"][f"{provider} {kind}"])
    assert row["outcome"] == outcome, row
    assert powered["after"][instance_id]["status"] == status
    assert (powered["after"][instance_id]["boot"] != powered["before"][instance_id]["boot"]) == (
        outcome in ("rebooted", "started")
    )


WRONG = {
    "no image": ({"image_id": None}, ["image_id is missing", "force=true"]),
    "no ids": ({"instance_ids": []}, ["instance_ids is empty"]),
    "a pattern": ({"instance_ids": ["i-*"]}, ["instance_ids", "i-*"]),
    "short password": ({"password": "Aa1~"}, ["password", "4 characters"]),
    "plain password": ({"password": "aaaaaaaaaaaaa"}, ["password", "required"]),
    "no provider's option": ({"timezone": "UTC"}, ["timezone", "zenlayer_zec"]),
    "no key": ({"access_key": None}, ["access_key is missing", "environment variable"]),
    "plain http": ({"endpoint": "http://192.0.2.1"}, ["endpoint", "loopback"]),
}


# What is checked alike for all providers is seen at two of them.
WRONG_CASES = [
    (provider, name)
    for provider in SITES
    for name in WRONG
    if (provider, name) != ("zenlayer_zec", "no provider's option")
    and (provider in ("zenlayer_zec", "tencent_cvm") or name.endswith(("password", "option")))
]


@pytest.fixture(scope="module")
def wrong(make_cloud, call, emulator, tmp_path_factory):
    """Calls that cannot work, on every provider."""
    cloud = make_cloud(emulator, tmp_path_factory.mktemp("wrong"))
    emulator.seed(world([fleet_of(provider, []) for provider in SITES]))
    calls = {
        f"{provider} {name}": call(
            "instance_reset",
            **{**options_for(provider, f"{SITES[provider].prefix}none0001"), **WRONG[name][0]},
        )
        for provider, name in WRONG_CASES
    }
    return {"results": cloud.run_all(calls), "journal": emulator.journal()}


@pytest.mark.parametrize("provider, name", WRONG_CASES)
def test_bad_input_is_named_with_its_rule_before_anything_is_sent(wrong, provider, name):
    result = wrong["results"][f"{provider} {name}"]
    assert result["failed"] and all(word in result["msg"] for word in WRONG[name][1]), result["msg"]
    assert [entry for entry in wrong["journal"] if entry["by"] == "client"] == []


@pytest.fixture(scope="module")
def mixed(make_cloud, call, emulator, tmp_path_factory):
    """One call for several instances that end differently, and lists with filters, on every provider."""
    cloud = make_cloud(emulator, tmp_path_factory.mktemp("mixed"))
    emulator.speed(60.0)
    kinds = {"good": {}, "fail": {"fail_install": True}, "same": {"image": 1}, "off0": {"status": "stopped"}}
    ids = {
        (provider, kind): f"{site.prefix}x{number}{kind:0<6}"
        for number, (provider, site) in enumerate(SITES.items())
        for kind in (*kinds, "none")
    }
    parts = []
    for provider, site in SITES.items():
        own = [
            {
                "id": ids[provider, kind],
                "image_id": site.images[more.get("image", 0)],
                **{name: value for name, value in more.items() if name != "image"},
            }
            for kind, more in kinds.items()
        ]
        parts.append(fleet_of(provider, own))
    emulator.seed(world(parts))
    lists = {}
    for provider, site in SITES.items():
        place = {"provider": provider, "region": site.region}
        for name, filters in {
            "status": {"status": ["stopped"]},
            "image_id": {"image_id": [site.images[1]]},
            "name": {"name": [f"{site.prefix}x?good*"]},
            "zone": {"zone": ["elsewhere"]},
        }.items():
            lists[f"{provider} {name}"] = call("instance_info", filters=filters, **place)
        lists[f"{provider} ids"] = call(
            "instance_info", instance_ids=[ids[provider, "good"], ids[provider, "none"]], **place
        )
    listed = cloud.run_all(lists)
    done = cloud.run_all(
        {
            provider: call(
                "instance_reset",
                **options_for(
                    provider, *(ids[provider, kind] for kind in (*kinds, "none")), on_refusal="skip"
                ),
            )
            for provider in SITES
        }
    )
    return {"ids": ids, "listed": listed, "done": done, "wipes": emulator.wipes()}


@pytest.mark.parametrize("provider", SITES)
def test_one_failure_does_not_hide_the_rest(mixed, provider):
    ids, result = mixed["ids"], mixed["done"][provider]
    assert {row["instance_id"]: row["outcome"] for row in result["instances"]} == {
        ids[provider, "good"]: "reset",
        ids[provider, "fail"]: "failed",
        ids[provider, "same"]: "unchanged",
        ids[provider, "off0"]: "reset",
        ids[provider, "none"]: "refused",
    }
    assert result["failed"] and result["failed_ids"] == [ids[provider, "fail"]]
    assert [mixed["wipes"].get(ids[provider, kind], 0) for kind in ("good", "fail", "same", "off0")] == [
        1,
        1,
        0,
        1,
    ]


@pytest.mark.parametrize("provider", SITES)
@pytest.mark.parametrize(
    "name, kinds",
    [("status", ["off0"]), ("image_id", ["same"]), ("name", ["good"]), ("zone", []), ("ids", ["good"])],
)
def test_lists_can_be_narrowed_in_the_same_way_everywhere(mixed, provider, name, kinds):
    listed = mixed["listed"][f"{provider} {name}"]
    assert [row["instance_id"] for row in listed["instances"]] == [
        mixed["ids"][provider, kind] for kind in kinds
    ]
    assert listed["missing_ids"] == ([mixed["ids"][provider, "none"]] if name == "ids" else [])
