"""Scripts on our own supervisors: the same steps that the oracle gives for OTP's."""

from __future__ import annotations

from collections.abc import Awaitable
from dataclasses import replace
from typing import Any

from airssys_rt import (
    ActorStopped,
    ActorSystem,
    BadArgument,
    DeleteChild,
    DynamicSupervisor,
    NameTaken,
    Props,
    Refused,
    RestartChild,
    StartChild,
    StartFailed,
    TerminateChild,
    props,
)
from airssys_rt.kernel.life import Life
from tests.runtime.kit import cell
from tests.supervision import scripts
from tests.supervision.kit import Crash, Leave, World, counts, running, settle, states
from tests.supervision.oracle import Step
from tests.supervision.scripts import PERIOD, Both, Exit, FailStarts, Operation, Script, Start, Sup

__all__ = ["steps"]

# OTP's words for a child that does not run
REFUSALS = ("not_found", "running", "restarting")
WORDS = {"running": "up", "stopped": "undefined"}


async def steps(script: Script) -> list[Step]:
    """What our supervisors do: the start of the tree, each operation, and the shutdown."""
    async with running() as (world, system):
        return await Engine(world, system).run(script)


class Engine:
    """One script in a system of its own."""

    def __init__(self, world: World, system: ActorSystem) -> None:
        self.world = world
        self.system = system
        self.sups: dict[str, Sup] = {}

    async def run(self, script: Script) -> list[Step]:
        if script.unlucky != "none":
            self.world.failing[script.unlucky] = 1
        above = self.system.spawn(props(DynamicSupervisor))
        # OTP's has no supervisor, for which it could be significant
        root = self.build(replace(script.root, significant=False)).restart("temporary")
        taken = [await self.step(answer(above.ask(StartChild(root))))]
        taken += [await self.step(self.operate(operation)) for operation in script.operations]
        taken.append(await self.step(self.shut_down(above, script.root.id)))
        return taken

    async def step(self, doing: Awaitable[str]) -> Step:
        said = await doing
        await settle(self.system)
        events = [list(event) for event in self.world.since()]
        return [said, events, [await self.state(i) for i in sorted(self.sups) if self.lives(i)]]

    async def state(self, ident: str) -> list[Any]:
        sup = self.world.refs[ident]
        children = [[one, WORDS.get(state, state)] for one, state in (await states(sup)).items()]
        return [ident, children, list(await counts(sup))]

    def lives(self, ident: str) -> bool:
        ref = self.world.refs.get(ident)
        return ref is not None and cell(ref).life == Life.RUNNING

    def build(self, child: scripts.Child) -> Props[Any]:
        made: Props[Any]
        if isinstance(child, scripts.Worker):
            made = self.world.worker(child.id).shutdown(child.shutdown)
        else:
            self.sups[child.id] = child
            limits = {"intensity": child.intensity, "period": PERIOD}
            if child.dynamic:
                made = self.world.dynamic(child.id, **limits)
            else:
                made = self.world.sup(
                    child.id,
                    *map(self.build, child.children),
                    strategy=child.strategy,
                    auto_shutdown=child.auto_shutdown,
                    **limits,
                )
        made = made.restart(child.restart)
        return made.significant() if child.significant else made

    async def operate(self, operation: Operation) -> str:
        match operation:
            case FailStarts(ident, count):
                self.world.failing[ident] = count
                return "ok"
            case scripts.Crash(ident):
                return self.end(ident, Crash())
            case Exit(ident):
                return self.end(ident, Leave())
            case Both(sup, first, second):
                if not self.lives(sup):
                    return "gone"
                both = [
                    self.end(one.id, Leave() if isinstance(one, Exit) else Crash())
                    for one in (first, second)
                ]
                return "ok" if both == ["ok", "ok"] else "absent"
            case _:
                return await self.administer(operation)

    def end(self, ident: str, message: Crash | Leave) -> str:
        if not self.lives(ident):
            return "absent"
        ref = self.world.refs[ident]
        if ident in self.sups:
            ref.stop()
        else:
            ref.tell(message)
        return "ok"

    async def administer(
        self, operation: Start | scripts.Terminate | scripts.Restart | scripts.Delete
    ) -> str:
        if not self.lives(operation.sup):
            return "gone"
        sup = self.world.refs[operation.sup]
        if isinstance(operation, Start):
            return await answer(sup.ask(StartChild(self.build(operation.child))))
        ident: Any = operation.id
        if self.sups[operation.sup].dynamic:
            if isinstance(operation, scripts.Terminate) and self.lives(ident):
                return await answer(sup.ask(TerminateChild(self.world.refs[ident])))
            return "absent"
        match operation:
            case scripts.Terminate():
                return await answer(sup.ask(TerminateChild(ident)))
            case scripts.Restart():
                return await answer(sup.ask(RestartChild(ident)))
            case _:
                return await answer(sup.ask(DeleteChild(ident)))

    async def shut_down(self, above: Any, root: str) -> str:
        if not self.lives(root):
            return "gone"
        return await answer(above.ask(TerminateChild(self.world.refs[root])))


async def answer(asked: Awaitable[object]) -> str:
    """What a supervisor answered, in OTP's words."""
    try:
        await asked
    except Refused as refused:
        said = str(refused.payload)
        return said if said in REFUSALS else "wrong"
    except NameTaken:
        return "taken"
    except StartFailed:
        return "start_failed"
    except ActorStopped:
        return "gone"
    except BadArgument:
        return "wrong"
    return "ok"
