# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations


class ModuleDocFragment:
    """What every module says about check mode and diff mode, by the kind of module."""

    WRITES = r"""
attributes:
  check_mode:
    description: Can run in check mode, in which it changes nothing.
    support: full
    details: Every read and every rule runs, with the same verdicts as in a real run; no write is sent.
  diff_mode:
    description: Shows what it changes when diff mode is on.
    support: full
"""

    READS = r"""
attributes:
  check_mode:
    description: Can run in check mode, in which it changes nothing.
    support: full
    details: Only reads.
  diff_mode:
    description: Shows what it changes when diff mode is on.
    support: none
    details: Only reads.
"""

    # The module adds the details of its check mode.
    ACTION = r"""
attributes:
  action:
    description: Runs as an action plugin, on the controller.
    support: full
  check_mode:
    description: Can run in check mode, in which it changes nothing.
    support: full
  diff_mode:
    description: Shows what it changes when diff mode is on.
    support: none
"""
