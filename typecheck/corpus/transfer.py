"""Moves money between accounts that are actors: a transaction that is told how it went."""

from typing import TypeAlias

from airssys_rt import Actor, ActorRef, Message, Refused, Request, on


class Debit(Request[int]):
    cents: int


class Credit(Message):
    cents: int


AccountMsg: TypeAlias = Debit | Credit


class Account(Actor[AccountMsg]):
    def __init__(self, cents: int) -> None:
        self.cents = cents

    @on(Debit)
    def debit(self, msg: Debit) -> int:
        if msg.cents > self.cents:
            raise Refused({"left": self.cents})
        self.cents -= msg.cents
        return self.cents

    @on(Credit)
    def credit(self, msg: Credit) -> None:
        self.cents += msg.cents

    initial = debit | credit


class Transfer(Message):
    source: ActorRef[Debit]
    target: ActorRef[Credit]
    cents: int


class _Debited(Message):
    target: ActorRef[Credit]
    cents: int


class _NotDebited(Message):
    error: object


class Failures(Request[int]): ...


OfficeMsg: TypeAlias = Transfer | Failures | _Debited | _NotDebited


class Office(Actor[OfficeMsg]):
    def __init__(self) -> None:
        self.failures = 0

    @on(Transfer)
    def transfer(self, msg: Transfer) -> None:
        self.pipe(
            msg.source.ask(Debit(msg.cents)),
            lambda left: _Debited(msg.target, msg.cents),
            _NotDebited,
        )

    @on(_Debited)
    def debited(self, msg: _Debited) -> None:
        msg.target.tell(Credit(msg.cents))

    @on(_NotDebited)
    def not_debited(self, msg: _NotDebited) -> None:
        self.failures += 1

    @on(Failures)
    def count(self, msg: Failures) -> int:
        return self.failures

    initial = transfer | count | debited | not_debited
