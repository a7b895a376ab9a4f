# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What a module's call imports: Ansible ships modules as source, so all of it is compiled in every call."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

UTILS = "ansible_collections.reforge.cloud.plugins.module_utils"
# What only some calls need.
SOME = (
    "providers",
    "act.reconcile",
    "act.earlier",
    "act.events",
    "act.ledger.compaction",
    "act.ledger.postgres_store",
    "act.ledger.record",
    "api.database",
    "api.shared_rates",
    "commands.option_docs",
    "decide.attempt",
    "decide.evidence",
    "decide.next_step",
)
LIBRARIES = ("psycopg", "configparser", "concurrent.futures.thread")


def imported_by(program: str) -> set[str]:
    """The modules that a new Python has after the program; ours by their place in module_utils."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    done = subprocess.run(
        [sys.executable, "-c", f"{program}\nimport sys; print(*sys.modules)"],
        env=environment,
        check=True,
        capture_output=True,
        text=True,
    )
    return {name.removeprefix(f"{UTILS}.") for name in done.stdout.split()}


@pytest.mark.parametrize("module", ["instance_reset", "instance_info", "instance_power"])
def test_a_module_imports_at_first_what_every_call_of_it_needs(module):
    imported = imported_by(f"import ansible_collections.reforge.cloud.plugins.modules.{module}")
    assert "api.transport" in imported
    assert imported.intersection((*SOME, *LIBRARIES)) == set()


def test_a_provider_is_imported_without_the_others():
    imported = imported_by(f"from {UTILS}.commands.registry import PROVIDERS\nPROVIDERS['zenlayer_vm']")
    files = {name for name in imported if name.startswith("providers.")}
    assert files == {
        "providers.zenlayer",
        "providers.zenlayer.api",
        "providers.zenlayer.records",
        "providers.zenlayer_vm",
    }
