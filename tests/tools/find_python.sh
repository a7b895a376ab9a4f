#!/usr/bin/env bash
# Prints the path of the newest usable Python between two versions: find_python.sh 3.11 3.14
# The variable PYTHON, when set, is the only candidate.
set -euo pipefail

oldest=$1
newest=$2

candidates=("${PYTHON:-}")
if [ -z "${PYTHON:-}" ]; then
    candidates=(python3.14 python3.13 python3.12 python3.11 python3.10 python3)
fi

# A name on the PATH proves nothing (version managers put shims there that fail), so each candidate is run.
in_range='
import sys
oldest, newest = (tuple(map(int, text.split("."))) for text in sys.argv[1:])
sys.exit(not oldest <= sys.version_info[:2] <= newest)
'
without_venv=""
for candidate in "${candidates[@]}"; do
    "$candidate" -c "$in_range" "$oldest" "$newest" 2>/dev/null || continue
    if "$candidate" -c 'import venv, ensurepip' 2>/dev/null; then
        "$candidate" -c 'import sys; print(sys.executable)'
        exit 0
    fi
    without_venv=$candidate
done

if [ -n "$without_venv" ]; then
    echo "$without_venv cannot make virtual environments. On Debian and Ubuntu: apt-get install python3-venv" >&2
else
    echo "No Python from $oldest to $newest that runs among: ${candidates[*]} (name one with make PYTHON=/path/to/python)" >&2
fi
exit 1
