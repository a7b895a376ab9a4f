# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""An HTTP request and its reply as plain values, so that signing and unwrapping stay pure functions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit


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
        """Host with its port as it goes into the Host header: what is sent is what is signed."""
        return urlsplit(self.url).netloc


@dataclass(frozen=True)
class Reply:
    """One answer: HTTP status, headers with lower-case names, and the bytes of the body."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = field(default=b"", repr=False)
