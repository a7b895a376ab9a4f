# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The hosts' own connections, many of them within one task: what a task of each host would use, without such
a task.

How ansible-core makes a connection is no public interface of it. Its use is confined to this file and to
fleet/play.py, and tested with the oldest and the newest version.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

from ansible import constants as C, context
from ansible.errors import AnsibleError
from ansible.playbook.play_context import PlayContext
from ansible.plugins.action import ActionBase

from ..fleet.groups import login_of
from ..fleet.play import check_own, default_connection, play_of, variables_of
from ..text.words import last_line

SSH_PREFIX = "Failed to connect to the host via ssh: "  # of the plugin, before what ssh itself says


class Unreachable(Exception):
    """The host cannot be logged in to; the text is the reason, in one line."""


class Shell:
    """The raw shell of one host, over its own connection. No Python is needed there."""

    def __init__(self, host: str, runner: ActionBase) -> None:
        self.host, self._runner = host, runner
        self.connection: Any = runner._connection

    @property
    def windows(self) -> bool:
        """Whether the host's shell is set up as that of Windows."""
        return getattr(self.connection._shell, "SHELL_FAMILY", "") == "powershell"

    @property
    def openssh(self) -> bool:
        """Whether OpenSSH's client makes the connection: it alone takes options of ours, and has a
        known_hosts file.
        """
        return hasattr(self.connection, "_build_command") and self.connection.transport == "ssh"

    def ask(self, command: str) -> str:
        """What the command prints. Raises Unreachable where there is no way in, or where it fails."""
        try:
            answer = self._runner._low_level_execute_command(command, sudoable=False)
        except AnsibleError as error:  # no way in is not always a failure of the connection
            raise Unreachable(reason_in(error.message)) from error
        if answer["rc"] != 0:
            raise Unreachable(f"its shell does not answer: {reason_in(answer['stderr'] or answer['stdout'])}")
        return str(answer["stdout"])

    def hang_up(self) -> None:
        """Forget what the plugin keeps of an attempt that failed, so that the next one begins anew."""
        if self.openssh:  # whose plugin keeps nothing between two commands
            return
        with suppress(Exception):  # a plugin may have nothing to close
            self.connection.close()

    def prefer(self, *options: str) -> None:
        """Give OpenSSH these options; the first word for an option counts, so they come before the user's."""
        words = " ".join(f"-o {option}" for option in options)
        self.connection.set_option(
            "ssh_args", f"{words} {self.connection.get_option('ssh_args') or ''}".strip()
        )

    def command(self, *arguments: str) -> list[str]:
        """The command line of ssh for this host, as the plugin makes it."""
        program = self.connection.get_option("ssh_executable")
        address = self.connection.get_option("host") or self._runner._play_context.remote_addr
        words = self.connection._build_command(program, "ssh", *arguments, address)
        return [word.decode(errors="surrogateescape") for word in words]


def reason_in(text: object) -> str:
    """Why a login failed: ssh prints banners and warnings before its reason."""
    return last_line(str(text)).removeprefix(SSH_PREFIX)[:200] or "no reason was given"


def open_shells(
    action: ActionBase, task_vars: Mapping[str, Any], hosts: Sequence[str], login_from: str
) -> Iterator[tuple[str, Shell | str, Mapping[str, Any]]]:
    """Each host that is to be logged in to with its shell and its login, which a variable holds.

    In the place of the shell stands a text that says why its connection cannot be made. Raises FleetError for
    a login that cannot work.
    """
    passwords = {"conn_pass": _asked_password(action, task_vars)}
    task = action._task.copy()
    task.connection = default_connection(action)
    base = PlayContext(play=play_of(action), passwords=passwords)
    for host, known, templar in variables_of(action, task_vars, hosts):
        login = login_of(host, templar.template(known.get(login_from)))
        if not login:
            continue
        check_own(action, host, login)
        try:
            yield host, Shell(host, _runner(action, task, base, host, known, templar)), login
        except AnsibleError as error:
            yield host, reason_in(error.message), login


def _asked_password(action: ActionBase, task_vars: Mapping[str, Any]) -> str:
    """The password of --ask-pass. The task's own context has it, unless its host has one of its own."""
    by_prompt = context.CLIARGS.get("ask_pass") or context.CLIARGS.get("connection_password_file")
    own = any(task_vars.get(name) for name in C.MAGIC_VARIABLE_MAPPING["password"])
    return action._play_context.password or "" if by_prompt and not own else ""


def _runner(
    action: ActionBase, task: Any, base: PlayContext, host: str, known: dict[str, Any], templar: Any
) -> ActionBase:
    """The action of ``raw`` for this host, not run: it wraps a command as the host's shell and connection
    want it.
    """
    loaders = action._shared_loader_obj
    own = base.set_task_and_variable_override(task=task, variables=known, templar=templar)
    own.post_validate(templar=templar)
    own.remote_addr = own.remote_addr or host
    own.connection = templar.template(known.get("ansible_connection", task.connection))
    connection = loaders.connection_loader.get(own.connection, own, new_stdin=None, task_uuid=task._uuid)
    if connection is None:
        raise AnsibleError(f"the connection plugin {own.connection!r} does not exist")
    keys = {**task.dump_attrs(), "timeout": own.timeout}
    keys.pop("retries", None)  # those of the task are not those of the connection
    if own.password:
        keys["password"] = own.password
    connection.set_options(task_keys=keys, var_options=_options(connection, "connection", known, templar))
    connection._shell.set_options(
        task_keys=keys, var_options=_options(connection._shell, "shell", known, templar)
    )
    runner: ActionBase = loaders.action_loader.get(
        "ansible.legacy.raw",
        task=task,
        connection=connection,
        play_context=own,
        loader=action._loader,
        templar=templar,
        shared_loader_obj=loaders,
    )
    return runner


def _options(plugin: Any, kind: str, known: Mapping[str, Any], templar: Any) -> dict[str, Any]:
    """The plugin's variables, evaluated, with the free ones of plugins that take such (WinRM)."""
    names = C.config.get_plugin_vars(kind, plugin._load_name)
    variables: dict[str, Any] = {name: templar.template(known[name]) for name in names if name in known}
    variables["_extras"] = {}
    if getattr(plugin, "allow_extras", False):
        prefix = f"ansible_{plugin.extras_prefix}_"
        variables["_extras"] = {
            name: templar.template(value)
            for name, value in known.items()
            if name.startswith(prefix) and name not in variables
        }
    return variables
