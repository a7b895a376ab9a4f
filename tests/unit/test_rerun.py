# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The command to run again: it can be pasted as it is, does no less and no more, and shows no secret."""

from __future__ import annotations

import json
import os
import shlex

import pytest
from ansible.parsing.splitter import parse_kv

from ansible_collections.reforge.cloud.plugins.plugin_utils.fleet.again import again as of_plan
from ansible_collections.reforge.cloud.plugins.plugin_utils.fleet.rerun import left_to_put_in, limit_of, rerun
from ansible_collections.reforge.cloud.plugins.plugin_utils.fleet.sealed import seal

FOLDER = f"cd {shlex.quote(os.getcwd())} && "
NEW = {"rebuild_run_id": "R1", "rebuild_confirm": 2}
TAIL = "--limit @x -e rebuild_run_id=R1 -e rebuild_confirm=2"


def again(line, **more):
    made = rerun("@x", NEW, words=["/usr/bin/ansible-playbook", *shlex.split(line)], **more)
    return made.command.removesuffix(f" {TAIL}").removeprefix(FOLDER), made.secrets


@pytest.mark.parametrize(
    "line, command",
    [
        ("site.yml -i inv -l web", "site.yml -i inv"),
        ("-lweb site.yml --limit=db --lim x", "site.yml"),
        ("-Cvi inv site.yml --check", "-v -i inv site.yml"),
        ("-iinv -b -u root --vault-id=a@b site.yml", "-i inv -b -u root --vault-id a@b site.yml"),
        ("site.yml -e @vars.yml --tags again", "site.yml -e @vars.yml --tags again"),
        ("site.yml -e rebuild_image_id=new", "site.yml -e rebuild_image_id=new"),
        ("""site.yml -e 'a="x y" b=2'""", """site.yml -e 'a="x y" b=2'"""),
        ("""site.yml --extra-vars '{"a": [1, "$x"]}'""", """site.yml -e '{"a": [1, "$x"]}'"""),
        ("site.yml --start-at-task 'Do it' --step", "site.yml"),
    ],
)
def test_the_command_has_all_that_was_given_but_the_limit(line, command):
    assert again(line) == (f"ansible-playbook {command}", [])


@pytest.mark.parametrize(
    "line",
    [
        "s.yml -e rebuild_confirm=11",
        "s.yml -e 'rebuild_confirm=11 rebuild_run_id=old'",
        """s.yml -e '{"rebuild_confirm": 11}'""",
        "s.yml -e rebuild_approved=plan.json",
    ],
)
def test_what_the_command_says_anew_is_not_there_twice(line):
    assert again(line, dropped=["rebuild_approved"]) == ("ansible-playbook s.yml", [])


@pytest.mark.parametrize(
    "given, shown",
    [
        ("-e rebuild_password=S3cret", "-e rebuild_password=PUT_rebuild_password_HERE"),
        ("-e 'n=1 ansible_become_pass=S3cret'", "-e 'n=1 ansible_become_pass=PUT_ansible_become_pass_HERE'"),
        ("""-e '{"rebuild_token": "S3cret"}'""", """-e '{"rebuild_token": "PUT_rebuild_token_HERE"}'"""),
        ("""-e '{"a": {"b": ["S3cret"]}}'""", """-e '{"a": {"b": ["PUT_b_HERE"]}}'"""),
        ("-e mine=S3cret", "-e mine=PUT_mine_HERE"),
    ],
)
def test_a_secret_is_a_placeholder_that_is_seen(given, shown):
    command, secrets = again(f"s.yml {given}", secrets=["S3cret"])
    assert command == f"ansible-playbook s.yml {shown}" and len(secrets) == 1


@pytest.mark.parametrize(
    "given",
    ["ansible_ssh_private_key_file=id", "rebuild_key_ids=k", "vault_password_file=x", "rebuild_password="],
)
def test_what_is_no_secret_is_shown(given):
    assert again(f"s.yml -e {given}") == (f"ansible-playbook s.yml -e {given}", [])


@pytest.mark.parametrize(
    "value", ["change 4711", "a b=c", 'it\'s "x" $HOME `id`', "night-7", "2026-01-31T12:00:00Z"]
)
def test_a_new_variable_is_read_by_ansible_as_it_is(value):
    made = rerun("@x", {"rebuild_run_id": value}, words=["ansible-playbook", "s.yml"])
    *_words, given = shlex.split(made.command)
    read = json.loads(given) if given.startswith("{") else parse_kv(given)
    assert read == {"rebuild_run_id": value}


@pytest.mark.parametrize(
    "option, environment, words",
    [
        (None, "", ""),
        ("", "/x/l", ""),
        (None, "/x/l", "-e rebuild_ledger=/x/l "),
        ("/y/l", "/x/l", "-e rebuild_ledger=/y/l "),
    ],
)
def test_the_command_names_a_ledger_that_is_not_the_default_one(monkeypatch, option, environment, words):
    monkeypatch.setattr("sys.argv", ["ansible-playbook", "s.yml"])
    monkeypatch.setenv("REFORGE_LEDGER", environment)
    plan = {"sealed": seal({"a": {"ledger": option}}), "run_id": "R", "hosts": {"a": {"verdict": "reset"}}}
    command = of_plan(plan, None, ["a"], {}, ()).command
    given = f"--limit a -e rebuild_run_id=R -e rebuild_confirm=1 {words}".rstrip()
    assert command == f"{FOLDER}ansible-playbook s.yml {given}"


def test_the_command_of_a_forced_run_names_the_default_ledger_since_another_user_has_another(monkeypatch):
    monkeypatch.setattr("sys.argv", ["ansible-playbook", "s.yml"])
    monkeypatch.setenv("REFORGE_LEDGER", "")
    monkeypatch.setenv("XDG_STATE_HOME", "/home/ann/state")
    sealed = seal({"a": {"ledger": None, "force": True}})
    plan = {"sealed": sealed, "run_id": "R", "hosts": {"a": {"verdict": "reset"}}}
    command = of_plan(plan, None, ["a"], {}, ()).command
    assert "-e rebuild_ledger=/home/ann/state/reforge.cloud/ledger.jsonl" in command


VAULT = '!vault "$ANSIBLE_VAULT;1.1\\n22\\n"'


@pytest.mark.parametrize(
    "given, kept",
    [
        (f'{{"rebuild_image_id": "new", "rebuild_token": {VAULT}}}', None),
        (f'{{"rebuild_confirm": 2, "rebuild_token": {VAULT}}}', f"{{rebuild_token: {VAULT}}}"),
        ("{rebuild_confirm: 2, day: 2026-01-31}", "{day: 2026-01-31}"),
        ('{"rebuild_confirm": 2,\t"rebuild_image_id": "new"}', '{"rebuild_image_id": "new"}'),
        ("{mine: !unsafe S3cret}", '{"mine": "PUT_mine_HERE"}'),
    ],
)
def test_variables_that_are_no_json_stay_in_the_command_and_encrypted_ones_stay_encrypted(given, kept):
    """Without the image, it would install that of the inventory."""
    command, _secrets = again(shlex.join(["s.yml", "-e", given]), secrets=["S3cret"])
    assert command == shlex.join(["ansible-playbook", "s.yml", "-e", kept or given])


def test_another_program_gets_no_command():
    assert rerun("@x", NEW, words=["/usr/bin/python", "-m", "ansible", "playbook", "s.yml"]) is None


def test_a_placeholder_that_was_not_replaced_is_known_by_the_next_run():
    assert left_to_put_in({"a": 1, "b": "PUT_b_HERE"}) == "b" and left_to_put_in({"a": "PUT IT HERE"}) == ""


def test_hosts_of_others_in_the_limit_file_are_left_out_of_the_command():
    assert limit_of("f", ["a"], []) == "@f"
    assert limit_of("f", ["a"], ["other"]) == "a"
    assert limit_of("f", ["web 1"], ["other-inventory"]) == "web 1,"  # not the hosts web and 1
    assert limit_of("f", ["long-name-1", "long-name-2"], ["x"]) == "@f,!x"


@pytest.mark.parametrize("line", ["web", "x*", "!x", "x:&web"])
def test_a_group_or_a_pattern_in_the_limit_file_leaves_no_host_out_of_the_command(line):
    assert limit_of("f", ["long-name-1", "long-name-2"], [line], ["all", "web"]) == "long-name-1,long-name-2"
