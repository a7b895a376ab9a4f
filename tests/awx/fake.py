# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""As much of a controller's API as ``awx import`` and the modules of awx.awx use: lists, objects, and what is
attached to objects.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from awxkit.api.client import Connection
from awxkit.api.pages.api import EXPORTABLE_RESOURCES, ApiV2

from awx.schemas import NODE, SCHEMAS

TYPES = {
    "organizations": "organization",
    "credential_types": "credential_type",
    "credentials": "credential",
    "execution_environments": "execution_environment",
    "projects": "project",
    "inventories": "inventory",
    "inventory_sources": "inventory_source",
    "job_templates": "job_template",
    "workflow_job_templates": "workflow_job_template",
    "workflow_job_template_nodes": "workflow_job_template_node",
}
LISTS = {"inventory": "inventories"}
# Listed by the API, and never imported to.
EMPTY = (
    "system_job_templates",
    "labels",
    "hosts",
    "groups",
    "instance_groups",
    "workflow_job_template_nodes",
)
# What is attached to an object, and what is made below it.
RELATED = {
    "job_templates": ("survey_spec", "credentials"),
    "workflow_job_templates": ("survey_spec", "workflow_nodes"),
    "workflow_job_template_nodes": (
        "success_nodes",
        "failure_nodes",
        "always_nodes",
        "create_approval_template",
    ),
}
REFERENCES = {
    "organization": "organizations",
    "credential_type": "credential_types",
    "inventory": "inventories",
    "workflow_job_template": "workflow_job_templates",
}


FILTERS = ("name", "kind", "identifier", "organization", "inventory", "workflow_job_template")
# One list of all that a node of a workflow can run.
UNIFIED = "unified_job_templates"
RUNNABLE = ("job_templates", "workflow_job_templates", "projects", "inventory_sources")
APPROVAL = "create_approval_template"


def _fields(name: str) -> dict[str, dict[str, str]]:
    """The fields of a list as OPTIONS shows them: what refers to another object is an id."""
    kind = "inventory" if name == "inventories" else name
    schema = NODE if name == "workflow_job_template_nodes" else SCHEMAS.get(kind, {"properties": {}})
    return {
        field: {"type": "id" if shape.get("required") == ["type"] else "string"}
        for field, shape in schema["properties"].items()
        if field not in ("natural_key", "related")
    }


class FakeController:
    """Keeps objects by list and id; ``load`` imports an asset file by awxkit over HTTP."""

    def __init__(self) -> None:
        self.lists: dict[str, dict[int, dict[str, Any]]] = {name: {} for name in TYPES}
        self.attached: dict[str, Any] = {}
        self.errors: list[str] = []
        self.add("organizations", {"name": "Default"})
        self.add("credential_types", {"name": "Machine", "kind": "ssh"})

    def objects(self) -> dict[str, Any]:
        """All that is there."""
        return json.loads(json.dumps({**self.lists, "attached": self.attached}))

    def load(self, assets: Mapping[str, Any]) -> list[str]:
        """Import the assets; the errors."""
        with self.served() as address:
            api = ApiV2(Connection(address, verify=False), endpoint="/api/v2/").get()
            api.import_assets(assets)
            return [*self.errors, *(["awxkit reports an error"] if getattr(api, "_has_error", False) else [])]

    def add(self, name: str, fields: Mapping[str, Any]) -> dict[str, Any]:
        """A new object."""
        number = 1 + max((object for objects in self.lists.values() for object in objects), default=0)
        self.lists[name][number] = dict(fields)
        if name == "inventory_sources":  # it belongs to whom its inventory belongs to
            self.lists[name][number]["organization"] = self.lists["inventories"][fields["inventory"]][
                "organization"
            ]
        return self.shown(name, number)

    def shown(self, name: str, number: int) -> dict[str, Any]:
        """An object as the API returns it."""
        url, fields = f"/api/v2/{name}/{number}/", self.lists[name][number]
        related = {path: f"{url}{path}/" for path in RELATED.get(name, ())}
        related |= {
            field: f"/api/v2/{target}/{fields[field]}/"
            for field, target in REFERENCES.items()
            if fields.get(field)
        }
        if f"{url}{APPROVAL}/" in self.attached:  # the approval that the node asks for
            related["unified_job_template"] = f"{url}{APPROVAL}/"
        about: dict[str, Any] = {"summary_fields": {}}
        if name == "projects":
            about |= {"status": "successful", "scm_revision": "1"}
        return {**fields, **about, "id": number, "type": TYPES[name], "url": url, "related": related}

    def answer(self, method: str, path: str, query: Mapping[str, str], body: Any) -> tuple[int, Any]:
        """Status and JSON of one request."""
        parts = path.removeprefix("/api/v2/").strip("/").split("/")
        if parts == [""]:
            return 200, {
                resource: f"/api/v2/{LISTS.get(resource, resource)}/"
                for resource in (*EXPORTABLE_RESOURCES, *EMPTY)
            }
        if len(parts) == 3:
            return self._below(method, path, parts[0], int(parts[1]), parts[2], body)
        if parts[0] == UNIFIED:
            found = [self._page(name, query)["results"] for name in RUNNABLE]
            return 200, _page_of([entry for page in found for entry in page])
        if parts[0] not in self.lists:
            return 200, {"count": 0, "next": None, "results": [], "actions": {"POST": {}}}
        if method == "OPTIONS":
            return 200, {"actions": {"POST": _fields(parts[0])}, "search_fields": ["name"]}
        if len(parts) == 2:
            if method in ("PUT", "PATCH"):
                self.lists[parts[0]][int(parts[1])].update(body)
            return 200, self.shown(parts[0], int(parts[1]))
        if method == "POST":
            return 201, self.add(parts[0], body)
        return 200, self._page(parts[0], query)

    def _page(self, name: str, query: Mapping[str, str]) -> dict[str, Any]:
        wanted = {field: value for field, value in query.items() if field in FILTERS}
        found = [
            self.shown(name, number)
            for number, fields in self.lists[name].items()
            if all(str(fields.get(field)) == value for field, value in wanted.items())
        ]
        return _page_of(found)

    def _below(
        self, method: str, path: str, parent: str, number: int, name: str, body: Any
    ) -> tuple[int, Any]:
        nodes = "workflow_job_template_nodes"
        if name == "workflow_nodes":
            if method == "OPTIONS":
                return 200, {"actions": {"POST": _fields(nodes)}, "search_fields": ["identifier"]}
            if method == "POST":
                return 201, self.add(nodes, {**body, "workflow_job_template": number})
            return 200, self._page(nodes, {})
        if name in ("survey_spec", APPROVAL):
            if method == "GET":
                return 200, self.attached.get(path, {})
            about = {"type": "workflow_approval_template", "id": number, "url": path}
            self.attached[path] = {**body, **(about if name == APPROVAL else {})}
            return 200, self.attached[path]
        ids = self.attached.setdefault(path, [])
        kind = "credentials" if name == "credentials" else nodes
        if method == "POST":
            if body["id"] not in self.lists[kind]:
                self.errors.append(f"{path}: there is no {body['id']}")
            ids.append(body["id"])
            return 204, None
        return 200, _page_of([self.shown(kind, entry_id) for entry_id in ids])

    @contextmanager
    def served(self) -> Iterator[str]:
        """Its address, while it is served."""
        handler = type("Handler", (_Handler,), {"controller": self})
        with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
            threading.Thread(target=server.serve_forever, daemon=True).start()
            yield f"http://127.0.0.1:{server.server_port}"
            server.shutdown()


def _page_of(found: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    return {"count": len(found), "next": None, "results": found}


class _Handler(BaseHTTPRequestHandler):
    controller: FakeController

    def _serve(self) -> None:
        url = urlsplit(self.path)
        length = int(self.headers.get("Content-Length") or 0)
        body = json.loads(self.rfile.read(length)) if length else None
        status, content = self.controller.answer(self.command, url.path, dict(parse_qsl(url.query)), body)
        text = b"" if content is None else json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Allow", "GET, POST, PUT, OPTIONS")
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    do_GET = do_POST = do_PUT = do_PATCH = do_OPTIONS = _serve

    def log_message(self, *_arguments: object) -> None:
        """Keep quiet."""
