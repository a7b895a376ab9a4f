# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Instances that can be logged in to, with the client that everybody has."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import asyncssh
import pytest

from emulator.client import Emulator

PROVIDER = "zenlayer_zec"
pytestmark = pytest.mark.skipif(not shutil.which("ssh"), reason="needs the OpenSSH client")


def free_port() -> int:
    """A port that is free on all loopback addresses, as far as one can tell from one of them."""
    with socket.socket() as probe:
        probe.bind(("127.80.0.1", 0))
        return probe.getsockname()[1]


def instance(name: str, **more: Any) -> dict[str, Any]:
    return {
        "id": name,
        "provider": PROVIDER,
        "zone": "zone-1",
        "image_id": "ubuntu",
        "key_ids": ["key-1"],
        "ssh": True,
        "durations": {"reset": 60, "stop": 60, "reboot": 60},
        **more,
    }


class Client:
    """Runs ssh against an instance with one of two keys."""

    def __init__(self, emulator: Emulator, port: int, keys: dict[str, Path], folder: Path) -> None:
        self.emulator, self._port, self._keys, self._folder = emulator, port, keys, folder

    def run(
        self,
        command: str,
        *,
        name: str = "i-1",
        key: str = "key-1",
        user: str = "root",
        text: str = "",
        options: tuple[str, ...] = (),
    ) -> subprocess.CompletedProcess[str]:
        address = self.emulator.instance(name)["address"]
        return subprocess.run(
            [
                "ssh",
                "-F",
                "none",
                *options,
                "-i",
                str(self._keys[key]),
                "-p",
                str(self._port),
                "-o",
                "BatchMode=yes",
                "-o",
                "StrictHostKeyChecking=no",
                "-o",
                "LogLevel=ERROR",
                "-o",
                f"UserKnownHostsFile={self._folder / 'known'}",
                "-o",
                "IdentitiesOnly=yes",
                f"{user}@{address}",
                command,
            ],
            input=text,
            capture_output=True,
            text=True,
            timeout=20,
            check=False,
        )

    def eventually(self, *, back: bool) -> None:
        """Wait until the instance answers, or does not any more."""
        for _turn in range(100):
            if (self.run("true", options=("-o", "UserKnownHostsFile=/dev/null")).returncode == 0) == back:
                return
            time.sleep(0.02)
        raise TimeoutError("the instance did not change")

    def finish(self) -> None:
        """Let the running operation end."""
        self.emulator.advance(61)
        self.eventually(back=True)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Any, ...]]:
    folder, keys, lines = tmp_path_factory.mktemp("keys"), {}, {}
    for name in ("key-1", "key-2"):
        key = asyncssh.generate_private_key("ssh-ed25519")
        keys[name] = folder / name
        keys[name].touch(0o600)
        keys[name].write_bytes(key.export_private_key())
        lines[name] = key.export_public_key().decode().strip()
    port = free_port()
    with Emulator(ssh_port=port) as emulator:
        yield emulator, port, keys, lines


@pytest.fixture
def client(running, tmp_path: Path) -> Client:
    emulator, port, keys, lines = running
    emulator.seed(
        {
            "accounts": [{"name": "main", "provider": PROVIDER, "access_key": "AK", "secret_key": "SK"}],
            "zones": [{"id": "zone-1", "provider": PROVIDER, "region": "region-1"}],
            "images": [{"id": "ubuntu", "provider": PROVIDER, "category": "Ubuntu"}],
            "keys": [{"id": name, "provider": PROVIDER, "public_key": line} for name, line in lines.items()],
            "instances": [
                instance("i-1", password="Aa1~seed"),
                instance("i-2"),
                instance("i-3", status="stopped"),
            ],
        }
    )
    made = Client(emulator, port, keys, tmp_path)
    made.eventually(back=True)
    return made


def test_a_command_gets_its_input_and_gives_its_output_errors_and_status(client):
    done = client.run("cat; echo wrong >&2; exit 7", text="hello")
    assert (done.stdout, done.stderr, done.returncode) == ("hello", "wrong\n", 7)


def test_a_terminal_works_too(client):
    done = client.run("test -t 0 && tty && exit 5", options=("-tt",))
    assert done.returncode == 5 and "/dev/pts/" in done.stdout


def test_every_instance_has_its_own_home_and_markers(client):
    command = "pwd; cat /etc/machine-id /proc/sys/kernel/random/boot_id; echo ~root"
    first, second = (client.run(command, name=name).stdout.split() for name in ("i-1", "i-2"))
    assert len(first) == 4 and not set(first) & set(second) and first[0] == first[3]


def test_files_can_be_copied_in_and_out(client, tmp_path):
    client.run("echo data > file")
    address = client.emulator.instance("i-1")["address"]
    options = [
        f"-oPort={client._port}",
        f"-oIdentityFile={client._keys['key-1']}",
        "-oStrictHostKeyChecking=no",
        "-oUserKnownHostsFile=/dev/null",
        "-oBatchMode=yes",
    ]
    for old in ([], ["-O"]):
        subprocess.run(
            ["scp", "-F", "none", *old, *options, f"root@{address}:file", str(tmp_path / "copy")],
            check=True,
            capture_output=True,
            timeout=20,
        )
        assert (tmp_path / "copy").read_text() == "data\n"


@pytest.mark.parametrize("wrong", [{"key": "key-2"}, {"user": "admin"}])
def test_only_root_with_the_right_key_gets_in(client, wrong):
    assert client.run("true", **wrong).returncode == 255


def test_a_reset_brings_another_host_key_another_system_and_an_empty_home(client):
    client.run("touch file")
    before = client.run("cat /etc/machine-id; ls").stdout.split()
    client.emulator.interfere("reset", "i-1", keep_login=True)
    client.eventually(back=False)
    client.finish()
    assert "verification failed" in client.run("true", options=("-o", "StrictHostKeyChecking=yes")).stderr
    after = client.run(
        "cat /etc/machine-id; ls", options=("-o", "UserKnownHostsFile=/dev/null")
    ).stdout.split()
    assert len(before) == 2 and len(after) == 1 and before[0] != after[0]


def test_a_reboot_keeps_the_system_but_not_the_boot(client):
    ids = "cat /etc/machine-id /proc/sys/kernel/random/boot_id"
    before = client.run(ids).stdout.split()
    client.emulator.interfere("reboot", "i-1")
    client.eventually(back=False)
    client.finish()
    after = client.run(ids, options=("-o", "StrictHostKeyChecking=yes")).stdout.split()
    assert before[0] == after[0] and before[1] != after[1]


def test_an_instance_that_is_off_does_not_answer_and_a_stop_drops_connections(client):
    assert client.run("true", name="i-3").returncode == 255
    address = client.emulator.instance("i-1")["address"]
    with socket.create_connection((address, client._port), timeout=10) as connection:
        assert connection.recv(4) == b"SSH-"
        client.emulator.interfere("stop", "i-1")
        client.eventually(back=False)
        connection.settimeout(5)
        try:
            while connection.recv(4096):
                pass
        except ConnectionResetError:
            pass


async def _password_login(address: str, port: int, password: str) -> bool:
    try:
        async with asyncssh.connect(
            address,
            port,
            username="root",
            password=password,
            client_keys=None,
            known_hosts=None,
            config=None,
            agent_path=None,
        ):
            return True
    except asyncssh.PermissionDenied:
        return False


@pytest.mark.parametrize(
    "given, key, password",
    [
        ({"keyId": "key-2"}, "key-2", ""),
        ({"password": "Bb2~reset"}, "", "Bb2~reset"),
    ],
)
def test_after_a_reset_only_the_login_of_the_reset_works(client, given, key, password):
    import asyncio

    from zenlayercloud.common.config import Config
    from zenlayercloud.common.credential import Credential
    from zenlayercloud.zec.v20250901 import models, zec_client

    client.emulator.interfere("stop", "i-1")
    client.emulator.advance(61)
    request = models.ResetInstancesRequest()
    request._deserialize({"instanceIds": ["i-1"], **given})
    zec_client.ZecClient(
        Credential("AK", "SK"), Config(scheme="http", domain=client.emulator.endpoint.removeprefix("http://"))
    ).ResetInstances(request)
    client.emulator.advance(61)
    address = client.emulator.instance("i-1")["address"]
    _until_listening(address, client._port)
    fresh = ("-o", "UserKnownHostsFile=/dev/null")
    assert [
        name for name in ("key-1", "key-2") if client.run("true", key=name, options=fresh).returncode == 0
    ] == ([key] if key else [])
    assert [
        secret
        for secret in ("Aa1~seed", "Bb2~reset")
        if asyncio.run(_password_login(address, client._port, secret))
    ] == ([password] if password else [])


def _until_listening(address: str, port: int) -> None:
    for _turn in range(200):
        with socket.socket() as probe:
            if probe.connect_ex((address, port)) == 0:
                return
        time.sleep(0.02)
    raise TimeoutError("nothing listens")


def test_sixty_hosts_fit_into_one_process(client):
    emulator = client.emulator
    document = {
        "accounts": [{"name": "main", "provider": PROVIDER, "access_key": "AK", "secret_key": "SK"}],
        "zones": [{"id": "zone-1", "provider": PROVIDER, "region": "region-1"}],
        "keys": [],
        "instances": [instance(f"i-{number}", key_ids=[]) for number in range(60)],
    }
    emulator.seed(document)
    for row in emulator.fleet().values():
        _until_listening(row["address"], client._port)
