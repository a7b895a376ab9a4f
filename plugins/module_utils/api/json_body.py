# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What the vendors' wires have in common: JSON bodies, and answers that are none."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ..core.errors import ApiError, Kind
from ..core.message import Reply


def json_body(fields: Mapping[str, Any]) -> bytes:
    """The fields as JSON in UTF-8."""
    return json.dumps(fields, ensure_ascii=False).encode()


def json_answer(action: str, reply: Reply) -> Mapping[str, Any]:
    """The reply's JSON object.

    Raises ApiError for anything else, such as a proxy's HTML page or an empty body: nobody knows then what
    was done, except that HTTP 429 says by itself that nothing was.
    """
    try:
        answer = json.loads(reply.body)
    except ValueError:
        answer = None
    if isinstance(answer, dict):
        return answer
    kind = Kind.THROTTLED if reply.status == 429 else Kind.UNKNOWN
    what = reply.headers.get("content-type", "no content type")
    raise ApiError(
        f"HTTP_{reply.status}", f"the answer is not the provider's JSON ({what})", kind, action=action
    )
