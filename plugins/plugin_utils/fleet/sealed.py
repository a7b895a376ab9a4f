# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What one task hands to a later one of the same run and nobody else may read: the options of the hosts, with
their secrets.

A registered variable is the only way from task to task, and it is shown with ``-v`` and kept by AWX. Tasks
run in processes that are forked from the one that has loaded this file, so they share its key, which is
nowhere else and ends with it.
"""

from __future__ import annotations

import json
import os
import zlib
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from typing import Any

from ansible.module_utils.common.text.converters import to_text

from .groups import FleetError

try:
    from cryptography.fernet import Fernet, InvalidToken

    CIPHER: Fernet | None = Fernet(urlsafe_b64encode(os.urandom(32)))
except ImportError:  # ansible-core needs it for vaults only
    CIPHER = None
NO_CIPHER = (
    "the Python package cryptography is missing, which ansible-core requires, and by which the roles keep "
    "secrets: install it for the Python that runs ansible-playbook, by pip install cryptography"
)


def seal(content: Mapping[str, Any]) -> str:
    """The content as text for ``unseal``. Raises FleetError where it cannot be kept secret, or is no plain
    data.
    """
    if CIPHER is None:
        raise FleetError(NO_CIPHER)
    try:
        text = json.dumps(content, default=plain).encode()
    except (TypeError, ValueError) as error:
        raise FleetError(f"an option has a value that is not plain data: {error}") from error
    return CIPHER.encrypt(zlib.compress(text, 1)).decode()


def unseal(text: str | None) -> dict[str, Any] | None:
    """The content; None where there is none, or another run has sealed it."""
    if CIPHER is None or not text:
        return None
    try:
        return dict(json.loads(zlib.decompress(CIPHER.decrypt(text.encode()))))
    except InvalidToken:
        return None


def plain(value: Any) -> str:
    """For JSON: text of the kinds that ansible-core has for itself, such as an encrypted value."""
    if hasattr(value, "__str__") and type(value).__module__.startswith("ansible"):
        return str(to_text(str(value)))
    raise TypeError(type(value).__name__)
