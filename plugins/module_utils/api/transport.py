# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The only place that opens a socket, and the fence that no write passes in a call that may only read."""

from __future__ import annotations

import ssl
import threading
import time
import traceback
from collections.abc import Iterator
from urllib.parse import urlsplit

from ..core.errors import CloudError, NetworkError
from ..core.message import Reply, Request, is_loopback

try:
    import requests
    import urllib3
    from urllib3.exceptions import ConnectTimeoutError, InsecureRequestWarning, NewConnectionError
except ImportError:
    REQUESTS_ERROR: str | None = traceback.format_exc()
else:
    REQUESTS_ERROR = None

# A connection that has been idle may have been closed at the other end without our knowing. A read that meets
# such a one is sent again; a write would be lost in doubt, so it opens a new one after so many seconds.
IDLE_SECONDS = 3.0
# What OpenSSL says of a port that does not speak TLS, and http.client of a proxy that opens no tunnel, or
# refuses one (4xx).
PLAIN_PORT = ("WRONG_VERSION_NUMBER", "HTTP_REQUEST")
NO_TUNNEL = "Tunnel connection failed: "
REFUSED_TUNNEL = f"{NO_TUNNEL}4"


class WriteFenced(CloudError):
    """A write reached the transport of a call that may only read: a defect of ours, stopped here."""


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error and everything that it wraps: requests and urllib3 nest the cause in several ways."""
    seen: list[BaseException] = []
    todo: list[object] = [error]
    while todo:
        item = todo.pop()
        if isinstance(item, BaseException) and item not in seen:
            seen.append(item)
            yield item
            todo += [item.__cause__, item.__context__, getattr(item, "reason", None), *item.args]


def _never_left(error: BaseException) -> bool:
    """Whether the request provably was not sent: no connection or tunnel came to be, or the certificate was
    refused.
    """
    return any(
        isinstance(cause, (ConnectTimeoutError, NewConnectionError, ssl.SSLCertVerificationError))
        or (isinstance(cause, OSError) and str(cause).startswith(NO_TUNNEL))
        for cause in _causes(error)
    )


def _lasting(error: BaseException) -> bool:
    """Whether something is set up wrong, before anything was sent: TLS to a plain port, or a proxy that
    refuses.
    """
    return any(
        (isinstance(cause, ssl.SSLError) and cause.reason in PLAIN_PORT)
        or (isinstance(cause, OSError) and str(cause).startswith(REFUSED_TUNNEL))
        for cause in _causes(error)
    )


def _in_short(error: BaseException) -> str:
    """What the system said, rather than the names of the libraries that passed it on."""
    return next(
        (str(cause) for cause in _causes(error) if isinstance(cause, OSError) and cause.errno), str(error)
    )


def _no_netrc(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Given as ``auth`` so that requests does not put a .netrc entry over our Authorization header."""
    return request


class Transport:
    """Sends requests over connections that are kept, one set for each thread.

    Nothing is retried or redirected here: whether a request may be sent again is decided by those who know
    what it does.
    """

    def __init__(self, timeout: float, verify: bool | str = True, read_only: bool = False) -> None:
        self._timeout, self._verify, self._read_only = timeout, verify, read_only
        self._local = threading.local()
        if verify is False:
            # Chosen by the user; within a role, a warning for each request would reach the terminal.
            urllib3.disable_warnings(InsecureRequestWarning)

    def send(self, request: Request) -> Reply:
        """Send it and return the answer, whatever its status.

        Raises NetworkError when no whole answer came, and WriteFenced for a write in a call that may only
        read.
        """
        if self._read_only and request.writes:
            raise WriteFenced(f"{request.action} would change something, and this call may only read")
        host = urlsplit(request.url).hostname or ""
        try:
            answer = self._session(fresh=request.writes).request(
                request.method,
                request.url,
                data=request.body,
                headers=dict(request.headers),
                timeout=self._timeout,
                verify=self._verify,
                allow_redirects=False,
                auth=_no_netrc,
                proxies={"no_proxy": host} if is_loopback(host) else None,
            )
        except requests.RequestException as error:
            lasting = _lasting(error)
            raise NetworkError(
                f"{request.action} to {request.host} got no answer: {_in_short(error)}",
                sent=not lasting and not _never_left(error),
                lasting=lasting,
            ) from error
        # A CA file that is not there, or what cannot stand in a header.
        except (OSError, ValueError) as error:
            sentence = f"{request.action} to {request.host} was not sent: {error}"
            raise NetworkError(sentence, sent=False, lasting=True) from error
        self._local.used = time.monotonic()
        return Reply(answer.status_code, {k.lower(): v for k, v in answer.headers.items()}, answer.content)

    def _session(self, fresh: bool) -> requests.Session:
        session = getattr(self._local, "session", None)
        if session is None:
            session = self._local.session = requests.Session()
            self._local.used = 0.0
        elif fresh and time.monotonic() - self._local.used > IDLE_SECONDS:
            session.close()
        return session
