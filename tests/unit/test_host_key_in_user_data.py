# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""A host key in user data: beside what the user's own says, and nowhere else."""

from __future__ import annotations

import email
import subprocess

import pytest
import yaml

from ansible_collections.reforge.cloud.plugins.plugin_utils.proof.user_data import new_key, with_key

PRIVATE, PUBLIC = new_key()
OURS = "text/cloud-config"


def parts(text):
    """What cloud-init makes of it: the type and the text of each part."""
    if text.startswith("#cloud-config"):
        return [(OURS, text)]
    return [
        (part.get_content_type(), part.get_payload(decode=True).decode())
        for part in email.message_from_string(text).walk()
        if not part.is_multipart()
    ]


def test_a_key_is_one_that_openssh_reads(tmp_path):
    path = tmp_path / "key"
    path.touch(mode=0o600)
    path.write_text(PRIVATE)
    shown = subprocess.run(["ssh-keygen", "-y", "-f", str(path)], capture_output=True, text=True, check=True)
    assert shown.stdout.split()[:2] == PUBLIC.split() and new_key()[1] != PUBLIC


def test_without_other_user_data_it_is_a_plain_cloud_config():
    given = yaml.safe_load(with_key("", PRIVATE, PUBLIC))
    assert given == {
        "ssh_deletekeys": True,
        "ssh_keys": {"ed25519_private": PRIVATE, "ed25519_public": PUBLIC},
    }


@pytest.mark.parametrize(
    "own, kind",
    [
        ("#cloud-config\npackages: [curl]\n", "text/cloud-config"),
        ("#!/bin/sh\necho caf\u00e9\n", "text/x-shellscript"),
        ("#include\nhttps://example.com/more\n", "text/x-include-url"),
        ("#cloud-boothook\necho\n", "text/cloud-boothook"),
        ("## template: jinja\n#cloud-config\nhostname: {{ v1.instance_id }}\n", "text/jinja2"),
    ],
)
def test_the_users_own_data_is_kept_beside_it(own, kind):
    (first, text), (last, config) = parts(with_key(own, PRIVATE, PUBLIC))
    assert (first, text) == (kind, own) and last == OURS and yaml.safe_load(config)["ssh_keys"]


def test_data_of_several_parts_gets_one_more():
    two = with_key("#!/bin/sh\n", "x", "y").replace("ssh_keys", "runcmd")
    assert [kind for kind, _text in parts(with_key(two, PRIVATE, PUBLIC))] == [
        "text/x-shellscript",
        OURS,
        OURS,
    ]


@pytest.mark.parametrize(
    "own, reason",
    [
        ("hello", "does not begin with anything"),
        ("#cloud-config\nssh_keys:\n  rsa_private: x", "ssh_keys of its own"),
    ],
)
def test_data_that_cannot_be_joined_is_an_error_that_does_not_show_it(own, reason):
    with pytest.raises(ValueError, match=reason) as caught:
        with_key(own, PRIVATE, PUBLIC)
    assert own not in str(caught.value)
