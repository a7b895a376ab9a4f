# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A provider that does not exist, as one value: nothing else has to change for it."""

from __future__ import annotations

import json
import re

import pytest

from ansible_collections.reforge.cloud.plugins.module_utils.act.execute import (
    Guards,
    Spec,
    carry_out,
    make_plan,
)
from ansible_collections.reforge.cloud.plugins.module_utils.api.client import Client
from ansible_collections.reforge.cloud.plugins.module_utils.api.rate_limits import Pacer
from ansible_collections.reforge.cloud.plugins.module_utils.commands import (
    option_docs,
    options,
    registry,
    reset as resetting,
)
from ansible_collections.reforge.cloud.plugins.module_utils.commands.validate import check_reset
from ansible_collections.reforge.cloud.plugins.module_utils.core.credential_sources import (
    CredentialSources,
)
from ansible_collections.reforge.cloud.plugins.module_utils.core.errors import InputError, Kind
from ansible_collections.reforge.cloud.plugins.module_utils.core.message import Reply, Request
from ansible_collections.reforge.cloud.plugins.module_utils.core.model import (
    Image,
    Instance,
    Operation,
    Phase,
    Status,
    Verb,
)
from ansible_collections.reforge.cloud.plugins.module_utils.core.provider import (
    Account,
    Action,
    Answer,
    Api,
    Proof,
    Provider,
    Secrets,
    one_id,
)
from ansible_collections.reforge.cloud.plugins.module_utils.core.rules import ResetOptions, Rules
from ansible_collections.reforge.cloud.plugins.module_utils.decide.verdicts import (
    decide_reset,
    refusal_for_any,
)
from ansible_collections.reforge.cloud.plugins.module_utils.decide.work_item import Goal
from emulator.wires import WIRES
from tools.readme_tables import ROOT, providers_table

TAKES = frozenset({Status.RUNNING})


def build(account, action, fields):
    body = json.dumps(fields).encode()
    return Request(
        action.name, action.writes, f"https://moon.example/{action.name}", fields=fields, body=body
    )


def instance_of(record, region):
    phase = Phase(record["phase"])
    status = Status.RESETTING if phase is Phase.RUNNING else Status.RUNNING
    return Instance(
        record["key"],
        "",
        status,
        record["phase"],
        record["image"],
        operation=Operation(Verb.RESET, phase, "wipe", record["request"]),
    )


MOON = Provider(
    name="moon",
    title="A cloud on the moon",
    api=Api(
        host="https://moon.example",
        version="1",
        build=build,
        sign=lambda request, secrets, now: request,
        unwrap=lambda action, reply: Answer(
            json.loads(reply.body), json.loads(reply.body).get("request", "")
        ),
        page=lambda offset, size: {"from": offset},
        total="count",
    ),
    credentials=CredentialSources({}, lambda home, name: {}, ("~/.moon",)),
    regional=False,
    tags=False,
    rules=Rules(id_pattern="m[0-9]+", passwords={}, same_os_type=False, login_ways=()),
    proof=Proof(by_operation=True, by_request_id=True),
    options=frozenset({"timezone"}),
    instances=Action("look", "keys", rows="rows", row_id="key"),
    images=Action("images", "keys", rows="rows", row_id="key"),
    writes={verb: Action(verb.value, "key", one_id, at_once=1, writes=True, states=TAKES) for verb in Verb},
    modes={},
    to_instance=instance_of,
    to_image=lambda record: Image(record["key"], "", "linux", "ready", True),
    image_scope=lambda instance: {},
    reset_fields=lambda asked, instance, image: {"image": asked.image_id},
    errors={"busy": Kind.IN_PROGRESS},
)


class Moon:
    """The other side: a wipe takes three looks."""

    def __init__(self, *keys):
        self.rows = {key: {"key": key, "phase": "succeeded", "image": "old", "request": "r0"} for key in keys}
        self.wiped, self.looks = [], 0

    def send(self, request):
        return Reply(200, {}, json.dumps(getattr(self, request.action)(request.fields)).encode())

    def look(self, asked):
        self.looks += 1
        if self.looks > 3:
            for key in self.wiped:
                self.rows[key].update(phase="succeeded", image="new")
        return {"rows": [self.rows[key] for key in asked["keys"] if key in self.rows]}

    def images(self, asked):
        return {"rows": [{"key": "old"}, {"key": "new"}]}

    def reset(self, asked):
        self.wiped.append(asked["key"])
        self.rows[asked["key"]].update(phase="running", request=f"r-{asked['key']}")
        return {"request": f"r-{asked['key']}"}


def test_one_value_is_enough_to_plan_reset_and_prove(clock):
    moon, asked = Moon("m1", "m2"), ResetOptions(image_id="new")
    client = Client(MOON, Account(Secrets()), moon, Pacer(clock), clock, workers=1)

    def decide(instance, known):
        return refusal_for_any(Verb.RESET, instance, known, "", ()) or decide_reset(
            MOON, asked, instance, known
        )

    goal = Goal(Verb.RESET, MOON, decide, lambda instance, known: MOON.reset_body(asked, instance, None))
    ids = ["m1", "m2", "m3"]
    read_facts = resetting.facts_reader(client, dict.fromkeys(ids, asked), None)
    items = make_plan(client, goal, Spec(ids, {}, dict.fromkeys(ids, "new")), read_facts, None)
    carry_out(client, goal, items, Guards(on_refusal="skip"), [], rehearsal=False)
    assert [item.end.outcome.value for item in items] == ["reset", "reset", "refused"] and moon.wiped == [
        "m1",
        "m2",
    ]


def test_one_name_in_the_list_is_enough_for_errors_documentation_and_tables(monkeypatch):
    monkeypatch.setitem(registry.IMPORTERS, MOON.name, lambda: MOON)
    with pytest.raises(InputError) as caught:
        check_reset(MOON._replace(name="star", options=frozenset()), {"image_id": "new", "timezone": "UTC"})
    assert "moon" in str(caught.value)
    assert "V(moon)" in option_docs.documentation(options.RESET) and "`moon`" in providers_table()


PROVIDERS_FOLDER = ROOT / "plugins" / "module_utils" / "providers"
# Where a provider has to be named besides its own file, and what is to be done there.
PLACES = {
    "plugins/module_utils/commands/registry.py": "import its PROVIDER and add it to IMPORTERS",
    "plugins/PROVIDERS.md": "run: make tables",
    "plugins/SECURITY.md": "run: make tables",
    "plugins/VENDORS.md": "say in tests/tools/pages what the page of its reset says; run: make tables",
    "roles/rebuild/meta/argument_specs.yml": "run: make tables",
    "tests/demo.py": "give it some hosts of the demo",
    "tests/simulation/sites.py": "add a Site, so that it is simulated",
    "tests/integration/test_every_provider.py": "add a Site, so that its modules run against the emulator",
}


def missing_places(name):
    """What is still to be done for a provider, as sentences."""
    if not (PROVIDERS_FOLDER / f"{name}.py").is_file():
        yield f"plugins/module_utils/providers/{name}.py: write it, with the value PROVIDER"
    if name not in {wire.provider for wire in WIRES}:
        yield f"tests/emulator/wires: emulate its API, and add the Wire for {name!r} to WIRES"
    if not (ROOT / "tests" / "unit" / f"test_provider_{name}.py").is_file():
        yield f"tests/unit/test_provider_{name}.py: test its record, its rules and the bodies that it sends"
    for place, task in PLACES.items():
        if not re.search(rf"\b{name}\b", (ROOT / place).read_text(encoding="utf-8")):
            yield f"{place} does not name {name}: {task}"


@pytest.mark.parametrize("name", registry.PROVIDERS)
def test_every_table_and_suite_knows_every_provider(name):
    sentences = list(missing_places(name))
    assert not sentences, "\n".join(sentences)


def test_a_provider_that_is_nowhere_yet_is_told_every_place():
    sentences = list(missing_places("moonshine"))
    assert len(sentences) == 3 + len(PLACES)
    assert "add it to IMPORTERS" in "".join(sentences) and "emulate its API" in "".join(sentences)
