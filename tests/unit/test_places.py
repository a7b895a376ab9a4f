# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""OpenSSH is asked once for all hosts that its configuration treats alike, and for each where it does not."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from ansible_collections.reforge.cloud.plugins.plugin_utils.proof import places
from ansible_collections.reforge.cloud.plugins.plugin_utils.proof.shells import Unreachable

HOSTS = ("web-1", "WEB-2", "10.0.0.3")


@dataclass
class Shell:
    """A host's way, as its connection plugin would go it."""

    address: str
    options: tuple[str, ...]

    def command(self, *more):
        own = ("-o", f'ControlPath="/cp/{self.address}"')
        return ["ssh", *self.options, *own, *more, self.address]


@pytest.fixture(name="asked")
def counted_questions(monkeypatch):
    commands, ask = [], places._ask
    monkeypatch.setattr(places, "_ask", lambda command: commands.append(command) or ask(command))
    return commands


@pytest.mark.parametrize(
    "config, questions",
    [
        ("", 1),
        ("Host *\n Port 2222\n UserKnownHostsFile /k/one /k/two\n", 1),
        ('Host="*"\n HostKeyAlias fleet\nUser root\n', 1),
        ("LogLevel QUIET\n", 1),
        ("Host web-1\n HostKeyAlias one\n", 4),
        ("match user nobody\n Port 2\n", 4),
        ("UserKnownHostsFile /k/%h\n", 4),
        ("HostName %h.example.com\n", 4),
        ("CanonicalizeHostname yes\n", 4),
    ],
)
def test_one_answer_holds_for_all_hosts_that_the_configuration_does_not_tell_apart(
    tmp_path, asked, config, questions
):
    (tmp_path / "config").write_text(config, encoding="utf-8")
    shells = [Shell(host, ("-F", str(tmp_path / "config"), "-q")) for host in HOSTS]
    known = places.Places()
    cached = [known.of(shell) for shell in shells]
    assert len(asked) == questions
    assert cached == [places.Places().of(shell) for shell in shells], "as if each had been asked for"
    assert [place.control_path for place in cached] == [f"/cp/{host}" for host in HOSTS]


def test_a_file_that_is_included_for_some_hosts_and_options_of_a_host_count(tmp_path, asked):
    (tmp_path / "more").write_text("Host web-1\n Port 4\n", encoding="utf-8")
    (tmp_path / "config").write_text(f"Include {tmp_path}/more\n", encoding="utf-8")
    known = places.Places()
    config = ("-F", str(tmp_path / "config"))
    assert [known.of(Shell(host, config)).name for host in HOSTS] == ["[web-1]:4", "web-2", "10.0.0.3"]
    ports = [known.of(Shell("web-1", ("-F", "none", "-o", f"Port={port}"))).name for port in (5, 6)]
    assert ports == ["[web-1]:5", "[web-1]:6"]


@pytest.mark.parametrize("options, address", [(("-o", "NoSuch=1"), "web-1"), ((), "-G")])
def test_a_wrong_configuration_is_a_reason(options, address):
    with pytest.raises(Unreachable):
        places.Places().of(Shell(address, options))
