"""The directory: a system's groups and topics by their names.

It holds none of them: a group lives while it has members or somebody has it in hand, a topic while
it has subscribers or somebody has it in hand.  So names that come and go leave nothing behind, and
nobody can tell an empty one from its successor.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from weakref import WeakValueDictionary

from typing_extensions import TypeVar

from airssys_rt.naming.access import agreed, check_name, check_use
from airssys_rt.naming.group import Group
from airssys_rt.naming.topic import Topic

if TYPE_CHECKING:
    from airssys_rt.core.name import Name
    from airssys_rt.kernel.scheduler import Scheduler

__all__ = ["Directory"]

M = TypeVar("M")


class Directory:
    """Finds or makes what stands under a name."""

    def __init__(self, scheduler: Scheduler) -> None:
        self._scheduler = scheduler
        # Any: groups and topics of every type, which the name says
        self._groups: WeakValueDictionary[str, Group[Any]] = WeakValueDictionary()
        self._topics: WeakValueDictionary[str, Topic[Any]] = WeakValueDictionary()

    def group(self, name: Name[M]) -> Group[M]:
        """See `ActorSystem.group`."""
        self._check(name)
        found: Group[M] | None = self._groups.get(name.text)
        if found is None:
            found = self._groups[name.text] = Group(self._scheduler, name.text)
        found.accepts = agreed("group", name, found.accepts)
        return found

    def topic(self, name: Name[M]) -> Topic[M]:
        """See `ActorSystem.topic`."""
        self._check(name)
        found: Topic[M] | None = self._topics.get(name.text)
        if found is None:
            found = self._topics[name.text] = Topic(self._scheduler, name.text)
        found.accepts = agreed("topic", name, found.accepts)
        return found

    def close(self) -> None:
        """The system ends: so do all streams."""
        for topic in list(self._topics.values()):
            topic.close()

    def _check(self, name: Name[M]) -> None:
        check_name(name)
        check_use(self._scheduler, repr(name))
