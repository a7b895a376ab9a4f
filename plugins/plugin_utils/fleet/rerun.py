# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The command that runs the same again for some hosts, to be pasted as it is: nothing is left out, and no
secret shown.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import sys
from argparse import Action, ArgumentParser
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import yaml
from ansible.cli.playbook import PlaybookCLI
from ansible.parsing.quoting import unquote
from ansible.parsing.splitter import split_args

from ..text.command import in_folder
from ..text.names import is_pattern

PROGRAM = "ansible-playbook"
# What the command says anew, or what would keep it from doing what is left to do.
SUBSET = "subset"  # --limit
DROPPED = ("check", "start_at_task", "step", "listhosts", "listtasks", "listtags", "syntax")
# Names of variables that hold a secret; those of files with one do not.
SECRET_NAME = re.compile(
    r"(pass(word|wd|phrase)?|secret(_key|s)?|token|user_data|private_key|credentials?)$", re.IGNORECASE
)
PLAIN_NAME = re.compile(r"[\w.-]+")
ONE_WORD = re.compile(r"[\w.:/@%+,~-]+")
ENCRYPTED = ("!vault", "!vault-encrypted")
PLACEHOLDER = re.compile(r"PUT_\w+_HERE")


@dataclass(frozen=True)
class Rerun:
    """The command, and the variables in it whose secrets have to be put in."""

    command: str
    secrets: Sequence[str]


def rerun(
    limit: str | None,
    variables: Mapping[str, object],
    secrets: Collection[str] = (),
    dropped: Collection[str] = (),
    words: Sequence[str] | None = None,
) -> Rerun | None:
    """The command of this run, in its folder, with another ``limit`` (None: its own) and these extra
    ``variables``; None for another program's run.

    ``secrets`` are values that must not be shown, ``dropped`` the names of variables to leave out,
    ``words`` the command line, by default that of this process.
    """
    program, *given = sys.argv if words is None else words
    if os.path.basename(program) != PROGRAM:
        return None
    hiding = _Hiding(set(secrets), {*variables, *dropped})
    kept = list(_kept(given, DROPPED if limit is None else (SUBSET, *DROPPED), hiding))
    chosen = [] if limit is None else ["--limit", limit]
    new = [word for name, value in variables.items() for word in ("-e", _variable(name, str(value)))]
    command = in_folder(os.getcwd(), shlex.join([PROGRAM, *kept, *chosen, *new]))
    return Rerun(command, list(dict.fromkeys(hiding.hidden)))


def _variable(name: str, value: str) -> str:
    """An extra variable in words; as JSON where its value would be taken for several."""
    return f"{name}={value}" if ONE_WORD.fullmatch(value) else json.dumps({name: value})


def _kept(words: Sequence[str], dropped: Collection[str], hiding: _Hiding) -> Iterator[str]:
    """What is taken over from a command line."""
    for option, parts in _options(words):
        if option == "extra_vars":
            text = hiding.text(parts[-1])
            yield from ("-e", text) if text else ()
        elif option not in dropped:
            yield from parts


def limit_of(path: str, hosts: Sequence[str], foreign: Sequence[str], groups: Collection[str] = ()) -> str:
    """The pattern of the hosts in a limit file that holds foreign lines, too: whichever is shorter.

    A foreign line that is a pattern, or one of the ``groups``, could mean our hosts: it excludes nothing.
    """
    if not foreign:
        return f"@{path}"
    names = names_of(hosts)
    if any(line in groups or is_pattern(line) for line in foreign):
        return names
    return min(names, ",".join([f"@{path}", *(f"!{host}" for host in foreign)]), key=len)


def names_of(hosts: Sequence[str]) -> str:
    """A limit of these hosts. Without a comma, Ansible would split a name at its spaces and colons."""
    names = ",".join(hosts)
    return names if "," in names or PLAIN_NAME.fullmatch(names) else f"{names},"


def left_to_put_in(variables: Mapping[str, Any]) -> str:
    """The name of a variable whose secret was not put into the command; empty without one."""
    return next(
        (
            name
            for name, value in variables.items()
            if isinstance(value, str) and PLACEHOLDER.fullmatch(value)
        ),
        "",
    )


def _options(words: Sequence[str]) -> Iterator[tuple[str, list[str]]]:
    """The words in groups, each with the option that it is; empty for the name of a playbook."""
    cli = PlaybookCLI([PROGRAM])
    cli.init_parser()
    rest = list(words)
    while rest:
        word = rest.pop(0)
        if word.startswith("--") and word != "--":
            yield _spelled_out(cli.parser, word, rest)
        elif word.startswith("-") and word not in ("-", "--"):
            yield from _short(cli.parser, word[1:], rest)
        else:
            yield "", [word]


def _spelled_out(parser: ArgumentParser, word: str, rest: list[str]) -> tuple[str, list[str]]:
    """An option with a name; the value is behind its equals sign or the next word."""
    name, sign, value = word.partition("=")
    action = _long(parser, name)
    values = [value] if sign else [rest.pop(0)] if _takes_value(action) and rest else []
    return action.dest if action else "", [name, *values]


def _short(parser: ArgumentParser, letters: str, rest: list[str]) -> Iterator[tuple[str, list[str]]]:
    """Options of one letter, several of which can be one word; the value is the rest of the word or the
    next one.
    """
    for place, letter in enumerate(letters):
        action = parser._option_string_actions.get(f"-{letter}")
        if _takes_value(action):
            value = letters[place + 1 :].removeprefix("=") or (rest.pop(0) if rest else "")
            yield action.dest if action else "", [f"-{letter}", value]
            return
        yield action.dest if action else "", [f"-{letter}"]


def _long(parser: ArgumentParser, name: str) -> Action | None:
    """The option of a name, which may be cut short."""
    actions = parser._option_string_actions
    fitting = {id(action): action for long, action in actions.items() if long.startswith(name)}
    return actions.get(name) or (next(iter(fitting.values())) if len(fitting) == 1 else None)


def _takes_value(action: Action | None) -> bool:
    return action is not None and action.nargs != 0


@dataclass(frozen=True)
class _Tagged:
    """A value of a kind of Ansible's own: encrypted, which shows no secret, or unsafe."""

    tag: str
    text: str


class _Loader(yaml.SafeLoader):
    """Reads the values of ``-e`` that are no JSON."""

    def tagged(self, tag: str, node: yaml.Node) -> Any:
        """A value with a tag that only Ansible knows. On a list or a dictionary it says nothing here."""
        if isinstance(node, yaml.ScalarNode):
            return _Tagged(f"!{tag}", str(node.value))
        is_list = isinstance(node, yaml.SequenceNode)
        return self.construct_sequence(node, True) if is_list else self.construct_mapping(node, True)


class _Dumper(yaml.SafeDumper):
    """Writes them again."""

    def tagged(self, value: _Tagged) -> yaml.Node:
        """The value with its tag."""
        return self.represent_scalar(value.tag, value.text, style='"')


_Loader.add_multi_constructor("!", _Loader.tagged)
_Dumper.add_representer(_Tagged, _Dumper.tagged)


def _read(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return yaml.load(text, _Loader)


def _flow(data: Any) -> str:
    """The data in one line: JSON, or YAML where it has values that JSON does not know."""
    try:
        return json.dumps(data)
    except TypeError:
        line = {"default_flow_style": True, "width": sys.maxsize}
        return str(yaml.dump(data, Dumper=_Dumper, sort_keys=False, **line)).strip()


class _Hiding:
    """Extra variables as they were given, without the dropped ones, and with placeholders for secrets."""

    def __init__(self, secrets: Collection[str], dropped: Collection[str]) -> None:
        self.hidden: list[str] = []
        self._secrets, self._dropped = secrets, dropped

    def text(self, text: str) -> str:
        """One value of ``-e``: the name of a file, JSON or YAML, or words like ``name=value``. May become
        empty.
        """
        if text.startswith("@"):
            return text
        if text[:1] in ("{", "["):
            return self._document(text)
        parts = [self._word(word) for word in split_args(text)]
        return " ".join(part for part in parts if part)

    def _word(self, word: str) -> str:
        name, sign, value = word.partition("=")
        if name in self._dropped:
            return ""
        shown = self._shown(name, unquote(value))
        return f"{name}={shown}" if sign and shown != unquote(value) else word

    def _document(self, text: str) -> str:
        data = _read(text)
        new = self._replaced("", data)
        if isinstance(new, dict):
            new = {name: value for name, value in new.items() if name not in self._dropped}
        return "" if not new else text if new == data else _flow(new)

    def _replaced(self, name: str, value: Any) -> Any:
        if isinstance(value, dict):
            return {key: self._replaced(str(key), part) for key, part in value.items()}
        if isinstance(value, list):
            return [self._replaced(name, part) for part in value]
        return self._shown(name, value)

    def _shown(self, name: str, value: Any) -> Any:
        text = value.text if isinstance(value, _Tagged) else value
        is_open = (isinstance(text, str) and "{{" in text) or getattr(value, "tag", "") in ENCRYPTED
        secret = str(text) in self._secrets or (SECRET_NAME.search(name) and not is_open)
        if text in (None, "") or isinstance(value, bool) or not secret:
            return value
        self.hidden.append(name)
        return f"PUT_{re.sub(r'[^0-9A-Za-z]', '_', name)}_HERE"
