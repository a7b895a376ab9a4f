# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Controllers on several machines keep a rate together, by the clock of the database that they share."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from ansible_collections.reforge.cloud.plugins.module_utils.api import shared_rates
from ansible_collections.reforge.cloud.plugins.module_utils.api.database import Database
from ansible_collections.reforge.cloud.plugins.module_utils.api.pacers import pacer_for
from ansible_collections.reforge.cloud.plugins.module_utils.api.rate_limits import Pacer
from ansible_collections.reforge.cloud.plugins.module_utils.api.shared_rates import DatabaseSlots
from ansible_collections.reforge.cloud.plugins.module_utils.api.slots import Slots
from ansible_collections.reforge.cloud.plugins.module_utils.core.clock import Clock
from ansible_collections.reforge.cloud.plugins.module_utils.core.errors import InputError


@pytest.fixture
def slots(database_url):
    """Opens the slots of a controller."""
    databases = []

    def make(account="account", clock=None, create=True, url=database_url, share=1):
        databases.append(Database(url, patience=0.0))
        return DatabaseSlots(databases[-1], account, clock or Clock(), Slots(), create, share)

    yield make
    for database in databases:
        database.close()


def busiest(moments):
    """The most moments that lie in any window of one second."""
    return max(sum(start <= moment < start + 1.0 for moment in moments) for start in moments)


def test_controllers_never_send_more_than_the_rate_together(slots):
    sent = []

    def send(_controller):
        pacer = Pacer(Clock(), slots())
        for _request in range(12):
            pacer.wait("A", 20)
            sent.append(time.monotonic())

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(send, range(3)))
    assert len(sent) == 36 and busiest(sent) <= 20


def test_the_clocks_of_the_controllers_do_not_matter(slots, clock):
    early, late = slots(clock=clock), slots()
    waits = []
    for _request in range(3):
        waits += [early.take("A", 50.0, clock.monotonic()).slot - clock.monotonic()]
        waits += [late.take("A", 50.0, time.monotonic()).slot - time.monotonic()]
    assert waits == pytest.approx([0, 50, 100, 150, 200, 250], abs=2)


def test_actions_and_accounts_have_rates_of_their_own_and_no_name_is_stored(postgres, slots):
    for account, action in (("secret-account", "Reset"), ("secret-account", "Reboot"), ("other", "Reset")):
        own = slots(account)
        assert own.take(action, 500.0, time.monotonic()).slot - time.monotonic() < 1
        own._database.close()
    rows = postgres.execute("SELECT name FROM reforge_cloud.rate")
    assert len(rows) == 3 and "secret-account" not in str(rows) and "Reset" not in str(rows)


def test_a_row_that_lies_further_ahead_than_any_queue_makes_nobody_wait(postgres, slots):
    own = slots()
    own.take("A", 1.0, time.monotonic())
    postgres.execute("UPDATE reforge_cloud.rate SET free_at = now() + interval '1 day'")
    assert own.take("A", 1.0, time.monotonic()).slot - time.monotonic() < 0.5


def test_killed_connections_do_not_end_the_sharing(postgres, slots):
    own, other = slots(), slots()
    own._database._patience = 5.0
    for taken in range(3):
        assert own.take("A", 50.0, time.monotonic()).slot - time.monotonic() == pytest.approx(
            100 * taken, abs=5
        )
        other.take("A", 50.0, time.monotonic())
        postgres.kill_connections()
        other._database.close()


def test_while_the_database_is_away_a_controller_takes_a_share_of_the_rate(slots, clock):
    away = slots(clock=clock, url="postgresql://u@/d?host=/nowhere")
    moments = [away.take("A", 1.0, clock.monotonic()).slot - clock.monotonic() for _request in range(3)]
    assert moments == [0, shared_rates.CONTROLLERS, 2 * shared_rates.CONTROLLERS]


def test_a_share_counts_only_while_the_database_is_away(slots, clock):
    counted = slots(clock=clock, share=10)
    away = slots(clock=clock, share=10, url="postgresql://u@/d?host=/nowhere")
    waits = [
        [slots.take("A", 50.0, clock.monotonic()).slot - clock.monotonic() for _request in range(2)][1]
        for slots in (counted, away)
    ]
    assert waits == pytest.approx([50, 500], abs=2)


def test_who_only_looks_makes_no_tables_and_keeps_the_rate_by_itself(postgres, slots, clock):
    own = slots(clock=clock, create=False)
    assert [own.take("A", 1.0, clock.monotonic()).slot - clock.monotonic() for _request in range(3)] == [
        0,
        1,
        2,
    ]
    assert postgres.execute("SELECT to_regnamespace('reforge_cloud')") == [(None,)]


def test_the_rate_is_shared_by_the_database_where_the_ledger_is_one(postgres, database_url):
    for _controller in range(2):
        pacer_for(Clock(), "account", database_url, create=True).wait("A", 1000)
    assert postgres.execute("SELECT count(*) FROM reforge_cloud.rate") == [(1,)]


def test_an_address_with_a_password_is_refused_for_rates_too():
    with pytest.raises(InputError, match="holds a password"):
        pacer_for(Clock(), "account", "postgresql://u:SEEN@h/d")
