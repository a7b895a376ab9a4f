"""Run make targets in lanes side by side and print their verdicts last: check_all.py LOG_FOLDER LANE...

A lane is a list of targets joined by commas, run one after the other: those that share loopback addresses or
folders belong in one lane. Exits with 1 when any target failed.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

# The first lane measures requests by the second: what runs beside it gets the time that it leaves.
OTHERS = 10

# Far more than any target takes: this is for what hangs.
SECONDS_PER_TARGET = 1500

VERDICT = re.compile(
    "|".join(
        (
            r"=+ .* in [0-9.]+s.* =+$",  # pytest's closing line
            r"(FAILED|ERROR) ",  # a failed test of pytest
            r"(ERROR|FATAL): ",  # ansible-test
            r"[^ :]+:\d+(:\d+)?: [a-z-]+(\[\S+)?: ",  # a finding of ansible-lint or mypy
            r"[^ :]+:\d+:\d+: [A-Z]+\d+ ",  # a finding of ruff
            r"[^ :]+:(\d+|\[\d+:\d+\]).*: (split it|say them once)$",  # a finding of shape.py
            r"(Passed|Failed): ",  # ansible-lint's closing line
            r"[a-z-]+: (passed|FAILED|not run)",  # the tools beside this one
            r"figures: ",  # what a test measured
        )
    )
)
COLOURS = re.compile(r"\x1b\[[0-9;]*m")
PRINTING = threading.Lock()
STOPPING = threading.Event()
RUNNING: set[subprocess.Popen[bytes]] = set()


@dataclass(frozen=True)
class Result:
    """How one target ended, and the lines of its output that say so."""

    target: str
    passed: bool
    seconds: float
    verdict: list[str]


def run_target(target: str, logs: Path, niceness: int) -> Result:
    """Run one target with its output in a log, and show the log when it has ended."""
    log = logs / f"{target}.log"
    started = time.monotonic()
    with log.open("wb") as output:
        # A session of its own, so that what a target started can be ended with it.
        process = subprocess.Popen(
            ["nice", "-n", str(niceness), os.environ.get("MAKE", "make"), "--no-print-directory", target],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        RUNNING.add(process)
        try:
            passed = process.wait(SECONDS_PER_TARGET) == 0
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            passed = False
            output.write(f"ERROR: {target} did not end within {SECONDS_PER_TARGET} s\n".encode())
        RUNNING.discard(process)
    text = COLOURS.sub("", log.read_text(encoding="utf-8", errors="replace"))
    seconds = time.monotonic() - started
    with PRINTING:
        print(f"\n##### {target} ({seconds:.0f} s)\n{text}", flush=True)
    return Result(target, passed, seconds, [line for line in text.splitlines() if VERDICT.match(line)])


def run_lane(targets: list[str], logs: Path, niceness: int) -> list[Result]:
    """Run the targets one after the other, also when one fails."""
    return [run_target(target, logs, niceness) for target in targets if not STOPPING.is_set()]


def stop() -> None:
    """End what is running: targets have their own sessions, so Ctrl-C does not reach them."""
    STOPPING.set()
    for process in list(RUNNING):
        os.killpg(process.pid, signal.SIGTERM)


def main(logs: Path, lanes: list[list[str]]) -> int:
    """Run all lanes; returns the exit status."""
    logs.mkdir(parents=True, exist_ok=True)
    print(f"running side by side: {' | '.join(' '.join(lane) for lane in lanes)}", flush=True)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with ThreadPoolExecutor(len(lanes)) as pool:
        futures = [
            pool.submit(run_lane, lane, logs, OTHERS if number else 0) for number, lane in enumerate(lanes)
        ]
        try:
            results = [result for future in futures for result in future.result()]
        except KeyboardInterrupt:
            stop()
            raise
    print_summary(results)
    return int(not all(result.passed for result in results))


def print_summary(results: list[Result]) -> None:
    """Print the verdicts, pytest's last: a reader, or a program, finds its closing lines at the very end."""
    print("\n##### summary")
    for result in sorted(results, key=lambda result: any(line.startswith("=") for line in result.verdict)):
        print(f"{'passed' if result.passed else 'FAILED'}  {result.target} ({result.seconds:.0f} s)")
        for line in result.verdict or ["(it printed no verdict)"]:
            print(line if line.startswith("=") else f"        {line}")


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), [lane.split(",") for lane in sys.argv[2:]]))
