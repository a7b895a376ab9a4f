# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Execution environments: what ansible-builder finds in the package, and what it makes of our definition."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tools.build import install

ROOT = Path(__file__).resolve().parent.parent.parent
DEFINITION = ROOT / "playbooks" / "awx" / "execution-environment.yml"


def builder(*arguments: str) -> str:
    """What ansible-builder printed."""
    program = str(Path(sys.executable).with_name("ansible-builder"))
    done = subprocess.run([program, *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built package, installed into an empty folder: the folder of collections."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT)
        return install(tmp_path_factory.mktemp("package")).parents[2]


def test_the_package_says_what_an_execution_environment_needs(installed: Path) -> None:
    found = yaml.safe_load(builder("introspect", str(installed), "--sanitize"))
    assert [requirement.split(">=")[0] for requirement in found["python"]] == ["requests"]
    assert {package.split()[0] for package in found["system"]} >= {"openssh-clients", "sshpass"}


def test_the_definition_for_users_makes_a_build_context(tmp_path: Path) -> None:
    builder(
        "create", "-f", str(DEFINITION), "-c", str(tmp_path / "context"), "--output-filename", "Containerfile"
    )
    requirements = yaml.safe_load((tmp_path / "context" / "_build" / "requirements.yml").read_text("utf-8"))
    assert requirements["collections"] == [{"name": "reforge.cloud", "version": "1.0.0"}]
    assert (tmp_path / "context" / "Containerfile").read_text("utf-8").count("FROM") >= 3


def test_the_kit_names_the_version_of_this_collection_everywhere() -> None:
    version = yaml.safe_load((ROOT / "galaxy.yml").read_text("utf-8"))["version"]
    kit = ROOT / "playbooks" / "awx"
    inputs = yaml.safe_load((kit / "inputs.yml").read_text("utf-8"))
    project = yaml.safe_load((kit / "project" / "collections" / "requirements.yml").read_text("utf-8"))
    named = [inputs["kit_image"].rpartition(":")[2], inputs["kit_project"]["scm_branch"]]
    assert {*named, project["collections"][0]["version"]} == {version}


def test_the_definition_names_the_version_of_this_collection() -> None:
    galaxy = yaml.safe_load((ROOT / "galaxy.yml").read_text("utf-8"))
    (collection,) = yaml.safe_load(DEFINITION.read_text("utf-8"))["dependencies"]["galaxy"]["collections"]
    assert collection == {"name": f"{galaxy['namespace']}.{galaxy['name']}", "version": galaxy["version"]}
