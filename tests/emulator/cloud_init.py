# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What cloud-init does with user data, as far as it can be seen over SSH: the host key that it brings.

https://cloudinit.readthedocs.io/en/latest/reference/modules.html#ssh
"""

from __future__ import annotations

import email

import asyncssh
import yaml


def host_key(user_data: str) -> asyncssh.SSHKey | None:
    """The ed25519 host key of the last part that has one; None where the system makes its own."""
    private = ""
    for text in _cloud_configs(user_data):
        keys = (yaml.safe_load(text) or {}).get("ssh_keys") or {}
        private = keys.get("ed25519_private", private)
    return asyncssh.import_private_key(private) if private else None


def _cloud_configs(user_data: str) -> list[str]:
    if user_data.startswith("#cloud-config"):
        return [user_data]
    return [
        bytes(part.get_payload(decode=True) or b"").decode()
        for part in email.message_from_string(user_data).walk()
        if part.get_content_type() == "text/cloud-config"
    ]
