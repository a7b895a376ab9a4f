# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Jobs as AWX runs them: the kit's own objects, by ansible-runner, each with a folder and a home of its own.

Modelled on AWX 24.6: environment, extra variables and command line on awx/main/tasks/jobs.py, slices on
awx/main/models/inventory.py, the artifacts of a workflow on awx/main/models/workflow.py.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import ansible_runner
import yaml
from jinja2 import sandbox

ROOT = Path(__file__).resolve().parent.parent.parent
KIT = ROOT / "playbooks" / "awx"
BIN = Path(sys.executable).parent
FIXED = {
    "ANSIBLE_COLLECTIONS_PATH": str(ROOT / ".build" / "collections"),
    "ANSIBLE_FORCE_COLOR": "True",
    "ANSIBLE_HOST_KEY_CHECKING": "False",
    "ANSIBLE_INVENTORY_UNPARSED_FAILED": "True",
    "ANSIBLE_RETRY_FILES_ENABLED": "False",
    "ANSIBLE_PARAMIKO_RECORD_HOST_KEYS": "False",
}


@dataclass(frozen=True)
class Job:
    """How a job ended. ``artifacts`` are what it handed over by set_stats."""

    status: str
    output: str
    artifacts: Mapping[str, Any]
    folder: Path
    written: Sequence[str] = field(default=())  # what is new in the project's folder

    @property
    def words(self) -> str:
        """All output in one line."""
        return " ".join(self.output.split())


class Unsafe(str):
    """Text that AWX marks so that it is no template: the answers of a survey."""


class _Dumper(yaml.SafeDumper):
    pass


_Dumper.add_representer(Unsafe, lambda dumper, text: dumper.represent_scalar("!unsafe", str(text), style='"'))


def unsafe(value: Any) -> Any:
    """The value with all its text marked."""
    if isinstance(value, dict):
        return {name: unsafe(part) for name, part in value.items()}
    if isinstance(value, list):
        return [unsafe(part) for part in value]
    return Unsafe(value) if isinstance(value, str) else value


def render_kit(folder: Path, **inputs: Any) -> dict[str, Any]:
    """The objects of the asset file that the kit's playbook makes of these inputs."""
    given = json.dumps({"kit_folder": str(folder), **inputs})
    command = [str(BIN / "ansible-playbook"), "-i", "localhost,", "reforge.cloud.awx.kit", "-e", given]
    environment = {**os.environ, "ANSIBLE_COLLECTIONS_PATH": FIXED["ANSIBLE_COLLECTIONS_PATH"]}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return dict(json.loads((folder / "assets.json").read_text("utf-8")))


class Awx:
    """An AWX with the kit's objects, which starts jobs and keeps nothing of them but their results."""

    def __init__(self, assets: Mapping[str, Any], folder: Path) -> None:
        self.assets, self.folder, self._jobs = assets, folder, 0
        self.hosts: dict[str, Any] = {}

    def named(self, kind: str, name: str) -> dict[str, Any]:
        """The object of this name."""
        return next(asset for asset in self.assets[kind] if asset["name"] == name)

    def injected(self, names: Sequence[str]) -> dict[str, str]:
        """The environment that the credentials inject."""
        variables: dict[str, str] = {}
        for credential in (self.named("credentials", name) for name in names):
            if credential["credential_type"]["name"] == "Machine":
                continue
            kind = self.named("credential_types", credential["credential_type"]["name"])
            defaults = {
                question["id"]: question["default"]
                for question in kind["inputs"]["fields"]
                if "default" in question
            }
            values = {name: value for name, value in {**defaults, **credential["inputs"]}.items() if value}
            jinja = sandbox.ImmutableSandboxedEnvironment()
            for name, template in kind["injectors"]["env"].items():
                variables[name] = jinja.from_string(template).render(**values)
        return variables

    def update_inventory(self) -> None:
        """Update all sources of the inventory."""
        merged: dict[str, Any] = {"_meta": {"hostvars": {}}}
        for source in self.assets["inventory_sources"]:
            exported = self._exported(source)
            merged["_meta"]["hostvars"].update(exported.pop("_meta")["hostvars"])
            merged.update(exported)
        self.hosts = merged["_meta"]["hostvars"]

    def _exported(self, source: Mapping[str, Any]) -> dict[str, Any]:
        run = self._new_folder()
        project = self._project(run)
        path = str(project / source["source_path"])
        environment = {
            **_outer(),
            **FIXED,
            **json.loads(source["source_vars"]),
            **self.injected([source["credential"]["name"]]),
            "HOME": str(run / "home"),
        }
        command = [str(BIN / "ansible-inventory"), "--list", "--export", "-i", path]
        done = subprocess.run(command, cwd=run, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return dict(json.loads(done.stdout))

    def launch(
        self,
        template: str,
        survey: Mapping[str, Any] | None = None,
        artifacts: Mapping[str, Any] | None = None,
        limit: str = "",
        slices: int = 0,
    ) -> list[Job]:
        """Start the jobs of a template, a slice each, and wait for them."""
        asset = self.named("job_templates", template)
        hosts = sorted(self.hosts)
        count = min(slices or asset["job_slice_count"], len(hosts))
        runs = [
            (self._prepared(asset, hosts[n::count], survey or {}, artifacts or {}), n) for n in range(count)
        ]
        more = (" --check" if asset["job_type"] == "check" else "") + (f" -l {limit}" if limit else "")
        command = f"--forks {asset['forks']}{more}"
        with ThreadPoolExecutor(count) as pool:
            return list(pool.map(lambda run: self._run(run[0], asset["playbook"], command), runs))

    def launch_remotely(self, template: str, survey: Mapping[str, Any]) -> Job:
        """Start a job on another node: the folder goes there as a stream, its artifacts come back as one."""
        asset = self.named("job_templates", template)
        run, node = self._prepared(asset, sorted(self.hosts), survey, {}), self._new_folder()
        runner, folder = str(BIN / "ansible-runner"), str(run)
        send = [runner, "transmit", folder, "-p", asset["playbook"], "--ident", "job"]
        sent = subprocess.run(send, capture_output=True, check=True).stdout
        work = [runner, "worker", "--private-data-dir", str(node)]
        worked = subprocess.run(work, input=sent, capture_output=True, check=True, env=_outer()).stdout
        receive = [runner, "process", folder, "--ident", "job"]
        done = subprocess.run(receive, input=worked, capture_output=True, check=False)
        return job_of(run, "successful" if done.returncode == 0 else "failed", _files(run / "project"))

    def _prepared(
        self,
        asset: Mapping[str, Any],
        hosts: Sequence[str],
        survey: Mapping[str, Any],
        artifacts: Mapping[str, Any],
    ) -> Path:
        """The private data folder of one job."""
        run = self._new_folder()
        self._project(run)
        (run / "inventory").mkdir()
        (run / "env").mkdir()
        exported = {
            "all": {"hosts": list(hosts)},
            "_meta": {"hostvars": {name: self.hosts[name] for name in hosts}},
        }
        script = run / "inventory" / "hosts"
        script.write_text(f"#! {sys.executable}\nprint({json.dumps(exported)!r})\n", encoding="utf-8")
        script.chmod(0o700)
        number = self._jobs
        variables = {
            **json.loads(asset["extra_vars"]),
            **unsafe({**artifacts, **survey}),
            **unsafe({"awx_job_id": number, "awx_user_name": "admin", "awx_job_launch_type": "manual"}),
        }
        (run / "env" / "extravars").write_text(yaml.dump(variables, Dumper=_Dumper), encoding="utf-8")
        names = [credential["name"] for credential in asset["related"]["credentials"]]
        own = {"HOME": str(run / "home"), "TMPDIR": str(run / "tmp"), "JOB_ID": str(number)}
        own["ANSIBLE_SSH_CONTROL_PATH_DIR"] = str(run / "cp")
        environment = {**FIXED, **self.injected(names), **own}
        (run / "env" / "envvars").write_text(json.dumps(environment), encoding="utf-8")
        (run / "env" / "settings").write_text(json.dumps({"runner_mode": "subprocess"}), encoding="utf-8")
        for name in names:
            credential = self.named("credentials", name)["inputs"]
            if credential.get("ssh_key_data"):
                (run / "env" / "ssh_key").write_text(credential["ssh_key_data"], encoding="utf-8")
            if (
                credential.get("username")
                and self.named("credentials", name)["credential_type"]["kind"] == "ssh"
            ):
                (run / "env" / "cmdline").write_text(f"-u {credential['username']}", encoding="utf-8")
        return run

    def _run(self, run: Path, playbook: str, command: str) -> Job:
        before = _files(run / "project")
        given = (run / "env" / "cmdline").read_text("utf-8") if (run / "env" / "cmdline").exists() else ""
        (run / "env" / "cmdline").write_text(f"{given} {command}", encoding="utf-8")
        done = ansible_runner.run(private_data_dir=str(run), playbook=playbook, quiet=True, ident="job")
        return job_of(run, done.status, before)

    def _new_folder(self) -> Path:
        self._jobs += 1
        run = self.folder / f"job-{self._jobs}"
        for name in ("home", "tmp"):
            (run / name).mkdir(parents=True)
        return run

    def _project(self, run: Path) -> Path:
        """A copy of the project, which nobody may write to."""
        project = run / "project"
        shutil.copytree(KIT / "project", project)
        for path in (project, *project.rglob("*")):
            path.chmod(0o555 if path.is_dir() else 0o444)
        return project


def merged(jobs: Sequence[Job]) -> dict[str, Any]:
    """What the next node of a workflow gets of these jobs: of what has the same name, the last one."""
    return {name: value for job in jobs for name, value in job.artifacts.items()}


def job_of(run: Path, status: str, before: set[str]) -> Job:
    """What the artifacts' folder of a job holds."""
    artifacts: dict[str, Any] = {}
    for path in (run / "artifacts" / "job" / "job_events").glob("*.json"):
        event = json.loads(path.read_text("utf-8"))
        artifacts.update((event.get("event_data") or {}).get("artifact_data") or {})
    output = (run / "artifacts" / "job" / "stdout").read_text("utf-8")
    return Job(status, output, artifacts, run, sorted(_files(run / "project") - before))


def _files(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*")}


def _outer() -> dict[str, str]:
    """The environment of the tests without what Ansible and the vendors would read."""
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("ANSIBLE_", "ZENLAYER", "TENCENT", "REFORGE", "PG"))
    }
