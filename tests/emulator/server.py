# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The HTTP server: it turns sockets into requests and answers into sockets.

It binds loopback addresses only.
"""

from __future__ import annotations

import asyncio
import ipaddress
import json
from typing import Any

from aiohttp import web

from emulator.control import Control
from emulator.dispatch import Emulation
from emulator.wire import Request

_CONTROL = "/_emulator/"


def checked_loopback(host: str) -> str:
    """The host, if it is a loopback address; ValueError otherwise: the control interface has no password."""
    try:
        if ipaddress.ip_address(host).is_loopback:
            return host
    except ValueError:
        pass
    raise ValueError(f"the emulator binds loopback addresses only, not {host!r}")


class Server:
    """All emulated APIs and the control interface on one port."""

    def __init__(self, emulation: Emulation, control: Control) -> None:
        self._emulation = emulation
        self._control = control
        self._runner: web.AppRunner | None = None

    async def start(self, host: str, port: int) -> str:
        """Listen (port 0: any free one) and return the base URL."""
        application = web.Application(client_max_size=11 * 1024 * 1024)
        application.router.add_route("*", "/{path:.*}", self._answer)
        self._runner = web.AppRunner(application, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, checked_loopback(host), port, shutdown_timeout=0.5)
        await site.start()
        bound = self._runner.addresses[0]
        return f"http://{host}:{bound[1]}" if ":" not in host else f"http://[{host}]:{bound[1]}"

    async def stop(self) -> None:
        """Close all connections and the port."""
        if self._runner:
            await self._runner.cleanup()

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        if request.path.startswith(_CONTROL):
            return self._answer_control(request, body)
        answer = self._emulation.handle(
            Request(
                method=request.method,
                path=request.path,
                query=request.rel_url.raw_query_string,
                headers={name.lower(): value for name, value in request.headers.items()},
                body=body,
            )
        )
        await asyncio.sleep(answer.delay)
        if answer.reply is None:
            if request.transport:
                request.transport.abort()
            raise asyncio.CancelledError  # nothing may be written any more
        reply = answer.reply
        return web.Response(
            status=reply.status, body=reply.body, headers={"Content-Type": reply.content_type}
        )

    def _answer_control(self, request: web.Request, body: bytes) -> web.Response:
        try:
            document: Any = json.loads(body) if body else None
        except ValueError as error:
            return web.json_response({"error": f"the body is no JSON: {error}"}, status=400)
        name = request.path.removeprefix(_CONTROL)
        status, answer = self._control.answer(request.method, name, document, dict(request.query))
        return web.json_response(answer, status=status)
