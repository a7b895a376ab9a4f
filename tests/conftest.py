# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What several suites share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from postgres import Postgres, running_postgres


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A real PostgreSQL server. Who stops it starts it again."""
    with running_postgres() as server:
        yield server


@pytest.fixture
def database_url(postgres: Postgres) -> Iterator[str]:
    """The address of a database without tables."""
    yield postgres.url
    postgres.execute("SET client_min_messages = error; DROP SCHEMA IF EXISTS reforge_cloud CASCADE")
