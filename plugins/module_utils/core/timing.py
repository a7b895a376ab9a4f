# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Every waiting time that another one depends on, in seconds, and the inequalities that hold between them.

Read them as ``timing.NAME``: a test that switches one off then does so for everybody.
"""

from __future__ import annotations

# How far an answer may lag behind the truth. Terraform's provider waits 10 seconds for Tencent's records.
STALE_SECONDS = 15.0
# After how long without any trace a request whose answer was lost has not been acted on.
NO_TRACE_SECONDS = 30.0
# After how long without any trace an accepted request can no longer be told from one that came to nothing.
TRACE_SECONDS = 120.0
# How long a look is good enough to decide on. Behind a long queue others may have acted since.
FRESH_SECONDS = 30.0
# How long a write may wait in the queue for the rate of its action before it is turned down unsent.
QUEUE_SECONDS = 30.0
# What a soft stop or reboot is given before the hard one.
SOFT_SECONDS = 90.0
# How long reads must have been refused, for want of a valid key or a permission, before that means anything.
REFUSED_READS_SECONDS = 120.0
# A gap between two looks in which an installation may have failed and somebody may have started the instance
# again.
UNWATCHED_SECONDS = 60.0
# How long a few instances stand for others: the next look after that is at all.
SAMPLED_SECONDS = 20.0
# How far the clocks of two machines may be apart: both vendors refuse a signature that is further off.
# https://docs.console.zenlayer.com/api-reference/api-introduction/instruction/signature
# https://www.tencentcloud.com/document/product/213/33224
CLOCKS_APART_SECONDS = 300.0
# Below this a difference between clocks is none: the date of an answer is in whole seconds, and comes late.
CLOCKS_ALIKE_SECONDS = 5.0
# How long what a plan has read of images, keys and time zones is good enough to carry it out.
FACTS_SECONDS = 300.0
# How long the end of a request that nobody saw is still wanted by a call that names no run.
WANTED_SECONDS = 86400.0


def in_flight_seconds(request_timeout: float) -> float:
    """How long after its intention a request may still arrive, from a process that was killed or waits for
    its answer.
    """
    return float(request_timeout)


# Each one with the reason why it has to hold.
INEQUALITIES: tuple[tuple[str, bool], ...] = (
    ("a trace that readers may not see yet is waited for", STALE_SECONDS < NO_TRACE_SECONDS),
    ("a request whose answer came is given longer than one that got lost", NO_TRACE_SECONDS < TRACE_SECONDS),
    ("a write leaves the queue before its intention counts as never sent", QUEUE_SECONDS <= NO_TRACE_SECONDS),
    (
        "a write that waited in the queue was decided on a look that is still good",
        QUEUE_SECONDS <= FRESH_SECONDS,
    ),
    ("a soft reboot that left no trace is not followed by a hard one", SOFT_SECONDS < TRACE_SECONDS),
    ("what a plan has read is newer than what lags behind", STALE_SECONDS < FACTS_SECONDS),
    ("clocks that count as alike are not apart", CLOCKS_ALIKE_SECONDS < CLOCKS_APART_SECONDS),
    ("a look that lags is no gap in the watch", STALE_SECONDS < UNWATCHED_SECONDS),
    # Looks are up to SAMPLED_SECONDS apart then, with some jitter.
    ("looks at a few are no gap in the watch of the others", 3 * SAMPLED_SECONDS <= UNWATCHED_SECONDS),
)
