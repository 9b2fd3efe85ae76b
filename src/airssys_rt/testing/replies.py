"""Replies on their way: what a partition or a fault holds of them.

A reply settles the asker's wait at once, and the asker goes on in a step of its own.  What is held
opens the wait again, so that its deadline counts as if nobody had answered.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from airssys_rt.kernel.waits import OPEN, Call

if TYPE_CHECKING:
    from airssys_rt.testing.task import Task

__all__ = ["HeldReply"]


class HeldReply:
    """An answer that is on its way: the wait is open again, and its deadline goes on."""

    __slots__ = ("age", "giver", "state", "task", "value", "wait")

    def __init__(self, task: Task) -> None:
        net, wait = task.net, task.reply
        assert wait is not None
        if task.place >= 0:
            self.age = task.since
            net.disable(task)
        else:
            net.count += 1
            self.age = net.count
        self.task = task
        self.giver = str(task.giver)
        self.wait = wait
        self.state = wait.state
        self.value = wait.value
        wait.state, wait.value = OPEN, None

    def give(self) -> None:
        """It arrives; too late, if the asker's deadline has passed or the asker is gone."""
        task, wait, net = self.task, self.wait, self.task.net
        if wait.state != OPEN or task.waiting is not wait:
            net.scheduler.late_replies += isinstance(wait, Call)
            return
        wait.state, wait.value = self.state, self.value
        if task.place < 0:
            task.since = self.age
            net.enable(task)
