# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""A host key that is made here and brought to the new system by cloud-init, so that nothing is trusted
unseen.

https://cloudinit.readthedocs.io/en/latest/reference/modules.html#ssh and
https://cloudinit.readthedocs.io/en/latest/explanation/format.html
"""

from __future__ import annotations

import email
import re
from email.message import Message
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText

try:  # a requirement of ansible-core, which runs this; ansible-test imports it without
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import (
        Encoding,
        NoEncryption,
        PrivateFormat,
        PublicFormat,
    )
except ImportError:
    pass

# How user data begins, and what cloud-init takes it for; the longer beginning comes first.
KINDS = {
    "## template: jinja": "jinja2",
    "#cloud-config-archive": "cloud-config-archive",
    "#cloud-config-jsonp": "cloud-config-jsonp",
    "#cloud-config": "cloud-config",
    "#cloud-boothook": "cloud-boothook",
    "#include-once": "x-include-once-url",
    "#include": "x-include-url",
    "#part-handler": "part-handler",
    "#!": "x-shellscript",
}
MIME = re.compile(r"(content-type|mime-version):", re.IGNORECASE)
OWN_KEYS = re.compile(r"^[\"']?ssh_keys[\"']?\s*:", re.MULTILINE)


def new_key() -> tuple[str, str]:
    """A private key as OpenSSH writes it, and its public half as in a file of known hosts."""
    key = Ed25519PrivateKey.generate()
    private = key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption())
    public = key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH)
    return private.decode("ascii"), public.decode("ascii")


def with_key(user_data: str, private: str, public: str) -> str:
    """User data that does what the user's own does, and makes this key the only host key of the system.

    Raises ValueError, which shows nothing of it, for user data to which no key can be added.
    """
    config = _config(private, public)
    if not user_data.strip():
        return config
    if OWN_KEYS.search(user_data):
        raise ValueError("user_data contains ssh_keys of its own")
    whole = MIMEMultipart()
    for part in _parts(user_data):
        whole.attach(part)
    whole.attach(_part(config, "cloud-config"))  # the last one counts where two say the same
    return whole.as_string()


def _config(private: str, public: str) -> str:
    lines = "".join(f"    {line}\n" for line in private.splitlines())
    keys = f"  ed25519_private: |\n{lines}  ed25519_public: {public}\n"
    return f"#cloud-config\nssh_deletekeys: true\nssh_keys:\n{keys}"


def _parts(user_data: str) -> list[Message]:
    """The user's own parts, or what there is as a single one."""
    if MIME.match(user_data):
        given = email.message_from_string(user_data)
        payload = given.get_payload()
        return (
            [part for part in payload if isinstance(part, Message)] if isinstance(payload, list) else [given]
        )
    for beginning, kind in KINDS.items():
        if user_data.startswith(beginning):
            return [_part(user_data, kind)]
    raise ValueError(
        "user_data does not begin with anything that cloud-init knows, such as #cloud-config or #!"
    )


def _part(text: str, kind: str) -> Message:
    return MIMEText(text, kind, "us-ascii" if text.isascii() else "utf-8")
