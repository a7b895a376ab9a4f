# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""An HTTP request and its reply as plain values, so that signing and unwrapping stay pure functions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from urllib.parse import urlsplit


def is_loopback(host: str) -> bool:
    """Whether a host, by its name or address, is this machine itself."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


@dataclass(frozen=True)
class Request:
    """One request, complete enough to be sent. ``writes`` is what the fence looks at.

    ``fields`` are the parameters that ``body`` was made of: a signature over parameters needs them.
    The representation leaves out headers, fields and body, since each can hold a secret.
    """

    action: str
    writes: bool
    url: str
    method: str = "POST"
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    fields: Mapping[str, object] = field(default_factory=dict, repr=False)
    body: bytes = field(default=b"", repr=False)

    @property
    def host(self) -> str:
        """Host as it goes into the Host header, in lower case and without a default port: what is sent is
        signed.
        """
        parts = urlsplit(self.url)
        name = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname or ""
        default = {"http": 80, "https": 443}.get(parts.scheme)
        return name if parts.port in (None, default) else f"{name}:{parts.port}"


@dataclass(frozen=True)
class Reply:
    """One answer: HTTP status, headers with lower-case names, and the bytes of the body."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = field(default=b"", repr=False)
