"""A tree of supervisors, declared."""

from typing import TypeAlias

from airssys_rt import (
    Actor,
    ActorSystem,
    Backoff,
    Message,
    Name,
    Request,
    Supervisor,
    WhichChildren,
    on,
    props,
)


class Entry(Message):
    amount: int


class Total(Request[int]): ...


LedgerMsg: TypeAlias = Entry | Total
LEDGER = Name[LedgerMsg]("ledger")


class Ledger(Actor[LedgerMsg]):
    def __init__(self, start: int) -> None:
        self.total = start

    @on(Entry)
    def entry(self, msg: Entry) -> None:
        self.total += msg.amount

    @on(Total)
    def get_total(self, msg: Total) -> int:
        return self.total

    initial = entry | get_total


class Teller(Actor[Entry]):
    @on(Entry)
    def entry(self, msg: Entry) -> None:
        self.system.ref(LEDGER).tell(msg)

    initial = entry


class Tellers(Supervisor):
    strategy = "one_for_all"
    children = (props(Teller).named("first"), props(Teller).named("second"))


class Bank(Supervisor):
    strategy = "rest_for_one"
    intensity = 3
    period = 10.0
    children = (
        props(Ledger, 100).named(LEDGER).backoff(Backoff(first=0.1, cap=1.0)),
        props(Tellers).named("tellers").shutdown("infinity"),
        props(Teller).restart("transient").shutdown(2.0),
    )


async def main() -> None:
    async with ActorSystem() as system:
        bank = system.spawn(Bank)
        await bank.started()
        for child in await bank.ask(WhichChildren()):
            print(child.id, child.state)
        print(await system.ref(LEDGER).ask(Total()))
