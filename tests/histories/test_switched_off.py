# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Each protection is switched off, one at a time, and the history that was written for it notices."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from histories import test_histories as plain, test_outside as outside
from histories.protections import PROTECTIONS
from simulation.sites import SITES

# Where a reset begins stopped and ends running, so that running might be taken for its end.
ENDS_RUNNING = ["zenlayer_zec", "zenlayer_vm"]
# Where one request resets many instances.
IN_BATCHES = ["zenlayer_zec", "tencent_ecm"]
# The history, and at which providers it notices where that is not all of them.
NOTICED: dict[str, tuple[Callable[..., None], list[str]]] = {
    protection: (history, providers[0] if providers else list(SITES))
    for protection, history, *providers in (
        (
            "the strongest fact about a request wins",
            plain.test_what_another_run_saw_end_before_it_acted_is_not_unknown,
        ),
        (
            "only what is ours is continued",
            plain.test_what_was_asked_for_last_week_is_not_taken_for_what_is_asked_today,
        ),
        (
            "what is ours is continued",
            outside.test_a_killed_reset_that_was_done_is_found_done_although_somebody_stopped_the_machine,
        ),
        (
            "a failed reset is remembered",
            plain.test_an_install_that_failed_is_remembered_whatever_somebody_does,
        ),
        (
            "what is done under a run id stays done",
            outside.test_another_spelling_of_the_endpoint_is_the_same_account,
        ),
        (
            "since counts reboots that succeeded",
            plain.test_a_reboot_that_was_throttled_all_the_time_is_no_reboot_since,
        ),
        (
            "what was not seen is still open",
            plain.test_a_reboot_under_way_when_the_time_is_up_is_not_sent_again,
        ),
        (
            "running is no evidence",
            plain.test_a_reset_that_never_arrived_is_not_done_because_somebody_starts_the_machine,
            ENDS_RUNNING,
        ),
        (
            "what nobody watched is no evidence",
            plain.test_an_accepted_reset_that_fails_unseen_is_not_called_done_when_somebody_starts_the_machine,
            ENDS_RUNNING,
        ),
        ("runs hear of each other", plain.test_two_runs_that_want_different_images_wipe_once),
        (
            "no trace proves nothing for some time",
            plain.test_a_lost_answer_is_waited_for_although_nothing_shows_for_a_while,
        ),
        (
            "what happens between two looks that are far apart is not known",
            plain.test_an_install_that_fails_while_nobody_can_look_is_not_done_because_somebody_starts_it,
            ENDS_RUNNING,
        ),
        (
            "one look that misses an instance proves nothing",
            plain.test_an_instance_that_one_look_misses_is_there,
        ),
        (
            "what a list lacks is asked for by its id",
            plain.test_an_instance_that_one_poll_misses_because_others_are_deleted_is_there,
        ),
        (
            "reads that are refused must be so for some time",
            plain.test_polls_that_are_refused_for_a_minute_end_nothing,
        ),
        (
            "one that is to blame goes alone",
            plain.test_one_instance_that_is_not_permitted_keeps_none_of_the_others_back,
            IN_BATCHES,
        ),
        (
            "patience is counted by kind of error",
            plain.test_throttled_answers_do_not_use_up_the_patience_with_a_wrong_state,
        ),
        (
            "what the plan has refused stays refused",
            plain.test_what_the_ledger_refuses_is_left_alone_while_the_others_go_on,
        ),
        (
            "what is done for a run stays done under its name",
            plain.test_what_another_run_has_done_for_a_run_stays_done_under_its_name_too,
        ),
        (
            "what another run saw to its end is no secret",
            plain.test_what_another_run_saw_end_before_it_acted_is_not_unknown,
        ),
        ("a run id stands for one image", plain.test_another_image_under_a_run_id_is_refused_by_name),
        (
            "what is open is resolved first",
            plain.test_a_reboot_under_way_when_the_time_is_up_is_not_sent_again,
        ),
    )
}


def notices(history: Callable[..., None], provider: str, begin: Any) -> bool:
    """Whether the history fails at a provider."""
    try:
        history(begin, provider)
    except AssertionError:
        return True
    return False


def table() -> Iterator[str]:
    """What notices each protection that is switched off, as lines of Markdown."""
    yield "| protection | without it | history that notices | at |"
    yield "|---|---|---|---|"
    for name, (history, providers) in NOTICED.items():
        words = history.__name__.removeprefix("test_").replace("_", " ")
        where = (
            "every provider"
            if providers == list(SITES)
            else ", ".join(f"`{provider}`" for provider in providers)
        )
        yield f"| {name} | {(PROTECTIONS[name].__doc__ or '').strip()} | {words} | {where} |"


def test_each_protection_has_a_history_that_notices():
    assert set(NOTICED) == set(PROTECTIONS)


@pytest.mark.parametrize("protection", NOTICED)
def test_a_history_notices_that_a_protection_is_switched_off(protection, tmp_path, monkeypatch):
    history, providers = NOTICED[protection]
    PROTECTIONS[protection](monkeypatch)
    classes = {plain.__name__: plain.Stage, outside.__name__: outside.Office}

    def begin(provider, count=1, **instance):
        return classes[history.__module__](provider, str(tmp_path / f"{provider}.jsonl"), count, **instance)

    assert [site for site in SITES if notices(history, site, begin)] == [
        site for site in SITES if site in providers
    ]


def test_the_table_of_the_readme_says_which_history_notices():
    readme = (Path(__file__).parent / "README.md").read_text(encoding="utf-8")
    lines = "\n".join(table())
    assert lines in readme, f"the table in tests/histories/README.md should be:\n{lines}"
