# The first example of the documentation, as it stands there; only the asserts at the end are added.
from typing import TypeAlias
from typing_extensions import assert_type

from airssys_rt import Actor, ActorRef, ActorSystem, Later, Message, Refused, Request, on

class Deposit(Message):              # frozen msgspec Struct, tagged with its class name
    amount: int
class Withdraw(Request[int]):        # Request[R]: answered with an R
    amount: int
class Freeze(Message): ...
class Thaw(Message): ...

AccountMsg: TypeAlias = Deposit | Withdraw | Freeze | Thaw      # or: type AccountMsg = ... on 3.12+

class Account(Actor[AccountMsg]):
    def __init__(self, balance: int = 0) -> None:
        self.balance = balance

    @on(Deposit)
    def deposit(self, msg: Deposit) -> None:          # sync handler: the fast path
        self.balance += msg.amount

    @on(Withdraw)
    async def withdraw(self, msg: Withdraw) -> int:   # the return value is the reply
        if msg.amount > self.balance:
            raise Refused("insufficient funds")       # an answer, not a crash
        self.balance -= msg.amount
        return self.balance

    @on(Freeze)
    def freeze(self, msg: Freeze) -> None:
        self.become(self.frozen, push=True)

    @on(Thaw)
    def thaw(self, msg: Thaw) -> None:
        """Not frozen: nothing to do."""

    @on(Thaw)
    def unfreeze(self, msg: Thaw) -> None:
        self.unbecome()

    initial = deposit | withdraw | freeze | thaw      # exactly the union, else an error in every checker
    frozen = unfreeze                                 # a behaviour may accept a subset
    flow = (initial.push(frozen),)                    # optional: allowed transitions, checked by plugin and run time

async def main() -> None:
    async with ActorSystem("bank") as system:
        account = system.spawn(Account, 100)              # ActorRef[AccountMsg]; constructor arguments are checked
        account.tell(Deposit(5))
        left = await account.ask(Withdraw(20))            # int
        assert_type(left, int)
        assert_type(account, ActorRef[AccountMsg])
        assert_type(account, ActorRef[Deposit | Withdraw | Freeze | Thaw])


def use_of_later(later: Later) -> None:
    print(later)
