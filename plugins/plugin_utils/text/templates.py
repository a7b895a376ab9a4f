# Copyright: (c) the reforge.cloud contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Templates that are evaluated for one host after the other, compiled once.

ansible-core compiles a template anew for each host, which takes most of the time that it takes to evaluate
it. Where it keeps its Jinja environment is no public interface; that is confined to this file, and tested
with the oldest and the newest version. What is evaluated, and how, stays its own.
"""

from __future__ import annotations

from typing import Any


def share_compiled(templar: Any) -> None:
    """Let a templar compile equal templates once from now on.

    To be called again where another of its methods takes the same texts: a condition is compiled in another
    way than an expression.
    """
    # The engine is that of ansible-core 2.19 and newer.
    environment = getattr(templar, "_engine", templar).environment
    kind: Any = getattr(type(environment), "compiled_by", type(environment))
    compiled: dict[Any, Any] = {}

    class Sharing(kind):
        """An overlay of it, for a template with settings of its own, shares nothing."""

        compiled_by = kind

        def from_string(self, source: Any, *more: Any, **options: Any) -> Any:
            if self is not environment or more or options or not isinstance(source, str):
                return super().from_string(source, *more, **options)
            if source not in compiled:
                compiled[source] = super().from_string(source)
            template = compiled[source]
            template.globals.maps[0].clear()  # in which ansible-core before 2.19 forbids lookups for one use
            return template

        def compile_expression(self, source: Any, *more: Any, **options: Any) -> Any:
            if self is not environment or not isinstance(source, str):
                return super().compile_expression(source, *more, **options)
            name = (source, more, *options.items())
            if name not in compiled:
                compiled[name] = super().compile_expression(source, *more, **options)
            return compiled[name]

    environment.__class__ = Sharing
