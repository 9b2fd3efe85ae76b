# spawn and props check the constructor's arguments; the ref has the actor's union.
from functools import partial
from typing import TypeAlias, assert_type

from airssys_rt import Actor, ActorRef, ActorSystem, AnyRef, Bounded, Message, Props, Request, on, props


class Deposit(Message):
    amount: int


class Close(Message): ...


class Withdraw(Request[int]):
    amount: int


class Foreign(Message): ...


A: TypeAlias = Deposit
AB: TypeAlias = Deposit | Close
Msg: TypeAlias = Deposit | Close | Withdraw


class Account(Actor[Msg]):
    def __init__(self, balance: int, *, owner: str = "") -> None:
        self.balance = balance
        self.owner = owner

    @on(Deposit)
    def deposit(self, msg: Deposit) -> None: ...

    @on(Close)
    def close(self, msg: Close) -> None: ...

    @on(Withdraw)
    async def withdraw(self, msg: Withdraw) -> int:
        return 0

    initial = deposit | close | withdraw


class Bare(Actor[Deposit]):
    @on(Deposit)
    def deposit(self, msg: Deposit) -> None: ...

    initial = deposit


class Inherits(Account):
    """Has the constructor of its base."""


class Plain:
    def __init__(self, number: int) -> None: ...


def account_of(owner: str, start: int = 0) -> Account:
    return Account(start, owner=owner)


def not_an_actor(number: int) -> str:
    return ""


def take_a(ref: ActorRef[A]) -> None: ...
def take_recipe(recipe: Props[A]) -> None: ...
def take_wide_recipe(recipe: Props[Msg | Foreign]) -> None: ...


def system_spawns(system: ActorSystem) -> None:
    assert_type(system.spawn(Account, 1), ActorRef[Msg])
    assert_type(system.spawn(Account, 1, owner="x"), ActorRef[Deposit | Close | Withdraw])
    assert_type(system.spawn(Account, balance=1), ActorRef[Msg])
    assert_type(system.spawn(Inherits, 1), ActorRef[Msg])
    assert_type(system.spawn(Bare), ActorRef[Deposit])
    system.spawn(Account)  # E
    system.spawn(Account, "1")  # E
    system.spawn(Account, 1, "x")  # E
    system.spawn(Account, 1, owner=3)  # E
    system.spawn(Account, 1, nope=2)  # E
    system.spawn(Account, 1, balance=2)  # E
    system.spawn(Inherits, "1")  # E
    system.spawn(Bare, 1)  # E
    system.spawn(Plain, 1)  # E
    system.spawn(int, 1)  # E
    system.spawn(Account(1))  # E
    system.spawn("Account", 1)  # E
    system.spawn()  # E
    system.spawn(Account, 1).tell(Foreign())  # E
    system.spawn(Account, 1).tell(Withdraw("1"))  # E


def factories(system: ActorSystem) -> None:
    assert_type(system.spawn(account_of, "me"), ActorRef[Msg])
    assert_type(system.spawn(account_of, "me", start=3), ActorRef[Msg])
    assert_type(system.spawn(lambda: Account(3)), ActorRef[Msg])
    assert_type(system.spawn(partial(Account, 3)), ActorRef[Msg])  # E[ty] ty does not solve for a partial's result
    assert_type(props(account_of, "me"), Props[Msg])
    system.spawn(account_of)  # E
    system.spawn(account_of, 3)  # E
    system.spawn(account_of, "me", start="x")  # E
    system.spawn(account_of, "me").tell(Foreign())  # E
    system.spawn(not_an_actor, 1)  # E
    system.spawn(lambda: 3)  # E
    props(not_an_actor, 1)  # E


def recipes(system: ActorSystem) -> None:
    recipe = props(Account, 1, owner="x")
    assert_type(recipe, Props[Msg])
    assert_type(recipe.named("bank"), Props[Msg])
    assert_type(recipe.mailbox(Bounded(3)), Props[Msg])
    assert_type(recipe.mailbox(Bounded(3, overflow="drop_oldest")), Props[Msg])
    assert_type(recipe.shutdown(3.5).shutdown("infinity").shutdown("brutal_kill"), Props[Msg])
    assert_type(system.spawn(recipe), ActorRef[Msg])
    assert_type(system.spawn(recipe.named("bank").shutdown(1)), ActorRef[Msg])
    props(Account)  # E
    props(Account, "1")  # E
    props(Account, 1, nope=2)  # E
    props(Bare, 1)  # E
    props(Plain, 1)  # E
    props()  # E
    props(Account(1))  # E
    recipe.named(3)  # E
    recipe.mailbox(3)  # E
    recipe.mailbox(Bounded("3"))  # E
    recipe.mailbox(Bounded(3, overflow="drop"))  # E
    recipe.shutdown("soon")  # E
    recipe.restart_always()  # E
    system.spawn(recipe, 1)  # E
    system.spawn(recipe).tell(Foreign())  # E


def a_wide_actor_for_a_narrow_ref(system: ActorSystem) -> None:
    a: ActorRef[A] = system.spawn(Account, 1)
    ab: ActorRef[AB] = system.spawn(Account, 1)
    by_recipe: ActorRef[A] = system.spawn(props(Account, 1))
    by_factory: ActorRef[A] = system.spawn(account_of, "me")
    some: AnyRef = system.spawn(Account, 1)
    take_a(system.spawn(Account, 1))
    take_a(system.spawn(props(Account, 1)))
    wider: ActorRef[AB] = system.spawn(Bare)  # E
    wider_still: ActorRef[Msg | Foreign] = system.spawn(Account, 1)  # E
    wider_recipe: ActorRef[AB] = system.spawn(props(Bare))  # E
    wrong_argument: ActorRef[A] = system.spawn(Account, "1")  # E
    print(a, ab, by_recipe, by_factory, some, wider, wider_still, wider_recipe, wrong_argument)


def recipes_are_contravariant(system: ActorSystem) -> None:
    narrow: Props[A] = props(Account, 1)
    wide = props(Account, 1)
    narrower: Props[A] = wide
    take_recipe(wide)
    take_recipe(props(Account, 1))
    take_recipe(props(Bare))
    take_wide_recipe(wide)  # E
    take_wide_recipe(props(Account, 1))  # E
    wrong: Props[AB] = props(Bare)  # E
    several: list[Props[A]] = [props(Account, 1), props(Bare), narrow]
    print(narrow, narrower, wrong, several, system)


def made_with(recipe: Props[A], system: ActorSystem) -> ActorRef[A]:
    assert_type(system.spawn(recipe), ActorRef[Deposit])
    return system.spawn(recipe)


class Bank(Actor[Deposit]):
    def __init__(self) -> None:
        self.account = self.spawn(Account, 1)
        self.narrow: ActorRef[A] = self.spawn(Account, 1)
        assert_type(self.account, ActorRef[Msg])

    @on(Deposit)
    async def deposit(self, msg: Deposit) -> None:
        assert_type(self.spawn(Bare), ActorRef[Deposit])
        assert_type(self.spawn(props(Account, 1).named("x")), ActorRef[Msg])
        assert_type(self.spawn(account_of, "me"), ActorRef[Msg])
        assert_type(self.ref, ActorRef[Deposit])
        assert_type(self.system, ActorSystem)
        assert_type(await self.account.ask(Withdraw(1)), int)
        self.account.tell(msg)
        self.spawn(Account)  # E
        self.spawn(Account, "1")  # E
        self.spawn(Account, 1, nope=1)  # E
        self.spawn(Plain, 1)  # E
        self.spawn(props(Account, 1), 1)  # E
        self.account.tell(Foreign())  # E
        self.narrow.tell(Close())  # E
        self.ref.tell(Close())  # E
        wide: ActorRef[AB] = self.spawn(Bare)  # E
        print(wide)

    initial = deposit


async def systems() -> None:
    async with ActorSystem("bank", strict_wire=True, drain=1.0, shutdown=2, debug=True) as system:
        assert_type(system, ActorSystem)
        assert_type(await system.drain(1.0), bool)
        assert_type(system.name, str)
        system.drain()  # E
    async with ActorSystem() as system:
        system.name = "other"  # E
    ActorSystem(3)  # E
    ActorSystem("bank", True)  # E
    ActorSystem("bank", drains=1.0)  # E
    ActorSystem("bank", drain="soon")  # E
    with ActorSystem("bank") as system:  # E
        print("no")
