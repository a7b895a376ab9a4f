# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The known_hosts file, with ssh-keygen as the judge of hashed names."""

from __future__ import annotations

import subprocess
import threading

import pytest

from ansible_collections.reforge.cloud.plugins.module_utils.commands.known_hosts import (
    host_name,
    renew,
    scanned,
)

OLD, NEW = "ssh-ed25519 AAAAold", "ssh-ed25519 AAAAnew"


@pytest.fixture(name="path")
def new_path(tmp_path):
    return tmp_path / "folder" / "known_hosts"


def written(path, *lines):
    path.parent.mkdir(exist_ok=True)
    path.write_text("".join(f"{line}\n" for line in lines))


def test_a_file_that_is_not_there_is_created_for_its_owner_only(path):
    assert renew(str(path), {"web": [NEW]}) is True
    assert path.read_text() == f"web {NEW}\n" and path.parent.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("address, port, name", [("web", 22, "web"), ("web", 2222, "[web]:2222")])
def test_a_host_is_called_with_its_port_where_that_is_not_the_usual_one(address, port, name):
    assert host_name(address, port) == name


@pytest.mark.parametrize(
    "names, left", [("web", []), ("web,192.0.2.1", ["192.0.2.1"]), ("[web]:2222", ["[web]:2222"])]
)
def test_only_the_names_that_are_renewed_lose_their_old_keys(path, names, left):
    written(path, f"{names} {OLD}", f"other {OLD}", "# a remark", f"@revoked * {OLD}")
    renew(str(path), {"web": [NEW]})
    kept = [f"{name} {OLD}" for name in left]
    assert path.read_text().splitlines() == [
        *kept,
        f"other {OLD}",
        "# a remark",
        f"@revoked * {OLD}",
        f"web {NEW}",
    ]


def test_the_same_keys_again_change_nothing(path):
    renew(str(path), {"web": [NEW, OLD]})
    assert renew(str(path), {"web": [OLD, NEW]}) is False and renew(str(path), {}) is False


def test_a_hashed_file_stays_hashed_as_the_tools_of_openssh_do_it(path, tmp_path):
    key = tmp_path / "id"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)
    value = " ".join(key.with_suffix(".pub").read_text().split()[:2])
    written(path, f"web {value}", f"[database]:2222 {value}")
    subprocess.run(["ssh-keygen", "-q", "-H", "-f", str(path)], check=True, capture_output=True)
    renew(str(path), {"[database]:2222": [value], "new": [value]})
    assert "database" not in path.read_text() and len(path.read_text().splitlines()) == 3
    for name in ("web", "[database]:2222", "new"):
        found = subprocess.run(
            ["ssh-keygen", "-F", name, "-f", str(path)], capture_output=True, text=True, check=False
        )
        assert found.stdout.count(value) == 1


def test_several_writers_at_once_lose_nothing(path):
    writers = [
        threading.Thread(target=renew, args=(str(path), {f"host{number}": [NEW]})) for number in range(20)
    ]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert len(path.read_text().splitlines()) == 20


def test_what_ssh_keyscan_prints_is_read_with_and_without_ports():
    output = f"# web:22 SSH-2.0\nweb {OLD}\nweb {NEW}\n"
    assert scanned(output, 22) == {"web": [OLD, NEW]}
    assert scanned(f"[web]:2222 {OLD}\n", 2222) == {"[web]:2222": [OLD]}


def test_lines_that_nobody_understands_are_kept_as_they_are(path):
    written(path)
    path.write_bytes(b"|1|broken!|x key\n# caf\xe9\n")
    assert renew(str(path), {"web": [NEW]}) is True
    assert path.read_bytes().startswith(b"|1|broken!|x key\n# caf\xe9\n|1|")


def test_a_file_that_is_a_link_stays_one(path, tmp_path):
    written(path, f"web {OLD}")
    link = tmp_path / "link"
    link.symlink_to(path)
    renew(str(link), {"web": [NEW]})
    assert link.is_symlink() and path.read_text() == f"web {NEW}\n"
