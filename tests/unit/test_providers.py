# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What holds for every provider."""

from __future__ import annotations

import ast
import functools
import importlib
import re
from itertools import chain, cycle, islice
from pathlib import Path

import pytest

from ansible_collections.reforge.cloud.plugins.module_utils.commands import options
from ansible_collections.reforge.cloud.plugins.module_utils.commands.registry import PROVIDERS
from ansible_collections.reforge.cloud.plugins.module_utils.commands.validate import check_reset
from ansible_collections.reforge.cloud.plugins.module_utils.core import provider as core
from ansible_collections.reforge.cloud.plugins.module_utils.core.errors import InputError, Kind
from ansible_collections.reforge.cloud.plugins.module_utils.core.extra_fields import leaves
from ansible_collections.reforge.cloud.plugins.module_utils.core.model import Instance, Status, Verb
from ansible_collections.reforge.cloud.plugins.module_utils.core.provider import Action
from ansible_collections.reforge.cloud.plugins.module_utils.core.rules import ResetOptions
from ansible_collections.reforge.cloud.plugins.module_utils.decide.password import password_problem

UTILS = Path(core.__file__).parents[1]
EVERY = pytest.mark.parametrize("provider", PROVIDERS.values(), ids=list(PROVIDERS))
READS = ("Describe", "Inquiry")


def actions(provider):
    single = list(provider)
    return [action for action in chain(single, provider.writes.values()) if isinstance(action, Action)]


def modules_that_define_a_provider():
    for path in sorted((UTILS / "providers").glob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        targets = chain.from_iterable(
            [node.target] if isinstance(node, ast.AnnAssign) else getattr(node, "targets", [])
            for node in tree.body
        )
        if any(ast.unparse(target) == "PROVIDER" for target in targets):
            yield path.stem


def test_every_file_that_defines_a_provider_is_in_the_list_and_its_name_is_the_files():
    found = {
        name: importlib.import_module(f"{core.__package__.rpartition('.')[0]}.providers.{name}").PROVIDER
        for name in modules_that_define_a_provider()
    }
    assert found == PROVIDERS and {name: provider.name for name, provider in found.items()} == {
        name: name for name in found
    }


@EVERY
def test_what_is_not_called_a_read_is_a_write_and_only_that(provider):
    wrong = [action.name for action in actions(provider) if action.writes is action.name.startswith(READS)]
    assert not wrong, f"{wrong}: set writes=True for what changes something; READS is how reads are called"


@EVERY
def test_every_verb_has_a_write_with_states_and_every_read_says_where_its_records_are(provider):
    optional = {Verb.PASSWORD} if provider.password_change is None else set()
    assert set(provider.writes) == set(Verb) - optional, "writes: one for each verb"
    for action in provider.writes.values():
        assert action.states and action.id_field and action.at_once >= 1, (
            f"{action.name}: give states and id_field"
        )
    assert [action.name for action in actions(provider) if not (action.writes or action.rows)] == [], (
        "give these rows"
    )
    assert provider.instances.row_id and provider.images.row_id, "row_id: the field of a record's id"


@EVERY
def test_a_stop_and_a_reboot_can_be_soft_and_hard_or_have_one_way_only(provider):
    for verb in (Verb.STOP, Verb.REBOOT):
        modes = provider.modes.get(verb, {})
        assert not modes or ({"soft", "hard"} <= set(modes) and modes["soft"] != modes["hard"])


@EVERY
def test_the_provider_takes_only_options_that_there_are(provider):
    unknown = provider.options - set(options.PROVIDER_OPTIONS)
    assert not unknown, f"options: add {unknown} to SELECTIVE in commands/options.py"
    assert set(provider.rules.login_ways) <= provider.options, "login_ways: each has to be in options"
    assert set(provider.credentials.environment) <= set(options.CONNECTION)


ALL_OPTIONS = {
    "image_id": "img-1",
    "user_data": "#!/bin/sh",
    "timezone": "UTC",
    "instance_name": "web-1",
    "guest_agent": True,
    "monitoring_agent": True,
    "security_agent": False,
    "keep_data_disks": False,
    "system_disk_size": 100,
    "image_type": "private",
}
LOGINS = ({"password": "p"}, {"key_ids": ("k",)}, {"keep_image_login": True})
# Beside a password, because its page says so; alone it is one of the vendor's further fields.
WITH_A_PASSWORD = {"LoginConfiguration.AutoGeneratePassword"}


@EVERY
def test_every_field_of_a_reset_has_the_option_that_sets_it(provider, make_instance):
    bodies = [
        provider.reset_fields(ResetOptions(**ALL_OPTIONS, **login), make_instance(), None) for login in LOGINS
    ]
    sent = {provider.writes[Verb.RESET].id_field} | {path for body in bodies for path in leaves(body)}
    covered = {path for path, option in provider.field_options.items() if " " not in option}
    assert sent - WITH_A_PASSWORD == covered, (
        "field_options: each field that reset_fields sends; a new option needs a value in ALL_OPTIONS, too"
    )
    silent = provider.options - set(provider.field_options.values())
    assert not silent, f"reset_fields sends nothing for {silent}, or field_options does not name the field"


@EVERY
def test_the_examples_of_further_fields_can_be_added(provider):
    options = check_reset(
        provider, {"image_id": "i", "provider_options": provider.extra_fields or {"new": 1}}
    )
    body = provider.reset_body(options, Instance("", "", Status.RUNNING, "", ""), None)
    assert set(leaves(options.provider_options)) <= set(leaves(body))


@EVERY
def test_a_field_that_an_option_sets_cannot_be_replaced(provider):
    for path, option in provider.field_options.items():
        first, *others = path.split(".")
        nested = functools.reduce(lambda value, name: {name: value}, reversed(others), "other")
        with pytest.raises(InputError, match=f"provider_options: .*{option}"):
            check_reset(provider, {"image_id": "i", "provider_options": {first: nested}})


@EVERY
def test_every_password_rule_can_be_kept(provider):
    assert "" in provider.rules.passwords, "rules.passwords: the rule for all systems, under an empty name"
    for os_type, rule in provider.rules.passwords.items():
        assert len(rule.classes) >= rule.needs >= 1 and 1 <= rule.shortest <= rule.longest
        usable = [
            [sign for sign in members if sign not in rule.not_first] for members in rule.classes.values()
        ]
        mixed = chain.from_iterable(zip(*(cycle(members) for members in usable)))
        for length in (rule.shortest, rule.longest):
            mixed_again = "".join(islice(mixed, length))
            assert password_problem(mixed_again, rule) == "", os_type


@EVERY
def test_the_patterns_of_ids_and_names_are_patterns_that_refuse_patterns(provider):
    assert not [bad for bad in ("*", "i-*", "", "a b", "a,b") if re.fullmatch(provider.rules.id_pattern, bad)]
    for rule in provider.rules.names.values():
        assert (
            re.fullmatch(rule.pattern, "web-1") and not re.fullmatch(rule.pattern, "web_1") and rule.sentence
        )
    assert not provider.rules.names or "" in provider.rules.names


@EVERY
def test_errors_advice_and_sources_are_there(provider):
    assert all(isinstance(kind, Kind) for kind in provider.errors.values())
    assert {Kind.THROTTLED, Kind.DENIED} <= set(provider.errors.values()), (
        "errors: which codes say that there were too many requests, and that a permission is missing?"
    )
    assert all(sentence.endswith((".", "!")) for sentence in provider.advice.values())
    assert provider.sources and provider.title, "sources: the vendor's pages, that of the reset first"


@EVERY
def test_a_failed_reset_can_be_tried_again_or_is_at_least_a_state_that_is_known(provider):
    states = provider.writes[Verb.RESET].states
    assert states & {Status.STOPPED, Status.RUNNING}
