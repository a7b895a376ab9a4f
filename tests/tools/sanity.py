"""Run every ansible-test sanity test on a copy of the sources: sanity.py BUILD_FOLDER [ARGUMENT...]

ansible-test keeps its own virtual environments under ~/.ansible/test and hands no PIP_ variable on, so it
gets a private home in the build folder, with pip set up there as it is set up for whoever called us.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import ansible_test
from ansible.release import __version__ as ansible_version
from copy_sources import copy_sources

# ansible-test fetches get-pip.py for the empty environments that it makes; Python brings pip along just as
# well, and works without a network beyond the package index.
BOOTSTRAP = """\
import subprocess
import sys
subprocess.run([sys.executable, '-m', 'ensurepip', '--default-pip'], check=True, stdout=subprocess.DEVNULL)
"""


def write_pip_bootstrap(home: Path) -> None:
    """Put a bootstrap script where ansible-test looks for the download that it has cached."""
    internal = Path(ansible_test.__file__).parent / "_internal" / "python_requirements.py"
    versions = set(re.findall(r'\bpip=[\'"]([0-9][0-9.]*)[\'"]', internal.read_text(encoding="utf-8")))
    if not versions:
        sys.exit(f"sanity: no pip version in {internal}: ansible-test bootstraps pip in a new way")
    cache = home / ".ansible" / "test" / "cache"
    cache.mkdir(parents=True, exist_ok=True)
    for version in versions:
        (cache / f"get_pip_{version.replace('.', '_')}.py").write_text(BOOTSTRAP, encoding="utf-8")


def link(path: Path, target: str | Path) -> None:
    """Make `path` a link to `target` if that exists."""
    path.unlink(missing_ok=True)
    if Path(target).exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.symlink_to(target)


def carry_pip_settings(home: Path) -> None:
    """Give pip in the private home the caller's configuration file, PIP_ variables and cache."""
    own = {name: value for name, value in os.environ.items() if name.startswith("PIP_")}
    link(home / ".pip" / "pip.conf", own.pop("PIP_CONFIG_FILE", Path.home() / ".config" / "pip" / "pip.conf"))
    link(home / ".cache" / "pip", own.pop("PIP_CACHE_DIR", Path.home() / ".cache" / "pip"))
    # The second of the two files that pip reads in a home; like the variables, it beats the first.
    # Quiet twice means errors only.
    options = {
        "quiet": "2",
        **{name.removeprefix("PIP_").lower().replace("_", "-"): own[name] for name in own},
    }
    settings = home / ".config" / "pip" / "pip.conf"
    settings.parent.mkdir(parents=True, exist_ok=True)
    settings.touch(mode=0o600)  # an index address may carry a password
    settings.write_text(
        "[global]\n" + "".join(f"{name} = {value}\n" for name, value in options.items()), encoding="utf-8"
    )


def main(build: Path, arguments: list[str]) -> int:
    """Run ansible-test and say how it went; returns the exit status."""
    home = build / "home"
    write_pip_bootstrap(home)
    carry_pip_settings(home)
    root = copy_sources(build / "sanity")
    # Only this interpreter: ansible-test would try every python3.* on the PATH and stop at one that does not
    # run.
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    tests = subprocess.Popen(
        ["ansible-test", "sanity", "--local", "--color", "no", "--python", version, *arguments],
        cwd=root,
        env={**os.environ, "HOME": str(home)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    count = 0  # ansible-test exits with 0 when it found nothing to test
    for line in tests.stdout or ():
        count += line.startswith("Running sanity test")
        print(line, end="", flush=True)
    status = tests.wait()
    if not count:
        status = status or 1
    verdict = "FAILED" if status else "passed"
    print(f"sanity: {verdict}, {count} tests of ansible-test {ansible_version} ran on Python {version}")
    return status


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]).resolve(), sys.argv[2:]))
