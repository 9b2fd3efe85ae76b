# Names are typed with what may be sent to their holder, topics with their events, groups with what
# all members take.
from typing import TypeAlias, assert_type

from airssys_rt import (
    Actor,
    ActorRef,
    ActorSystem,
    CircuitChanged,
    CircuitState,
    Crashed,
    DeadLetter,
    Ended,
    ExitReason,
    Group,
    LifecycleEvent,
    Message,
    Name,
    Overloaded,
    Props,
    Relieved,
    Restarting,
    Request,
    Started,
    Stream,
    Stuck,
    SystemLimit,
    Topic,
    on,
    props,
)


class Deposit(Message):
    amount: int


class Withdraw(Request[int]):
    amount: int


class Foreign(Message): ...


class Buried(Message):
    what: str


Msg: TypeAlias = Deposit | Withdraw
BANK = Name[Msg]("bank")
SAFE = Name[Deposit]("safe")
WIDE = Name[Msg | Foreign]("wide")


class Account(Actor[Msg]):
    @on(Deposit)
    def deposit(self, msg: Deposit) -> None: ...

    @on(Withdraw)
    def withdraw(self, msg: Withdraw) -> int:
        return 0

    initial = deposit | withdraw


class Undertaker(Actor[DeadLetter | Buried]):
    @on(DeadLetter)
    def letter(self, msg: DeadLetter) -> None:
        assert_type(msg.message, object)

    @on(Buried)
    def buried(self, msg: Buried) -> None: ...

    initial = letter | buried


def take_name(name: Name[Deposit]) -> None: ...


async def names(system: ActorSystem) -> None:
    assert_type(BANK, Name[Msg])
    assert_type(BANK.text, str)
    assert_type(system.ref(BANK), ActorRef[Msg])
    assert_type(system.ref(SAFE), ActorRef[Deposit])
    assert_type(system.whereis(BANK), ActorRef[Msg] | None)
    assert_type(await system.ref(BANK).ask(Withdraw(1)), int)
    system.ref(BANK).tell(Foreign())  # E
    system.ref(SAFE).tell(Withdraw(1))  # E
    await system.ref(SAFE).ask(Withdraw(1))  # E
    system.whereis(BANK).tell(Deposit(1))  # E
    if found := system.whereis(BANK):
        found.tell(Deposit(1))
        found.tell(Foreign())  # E
    system.ref("bank")  # E
    system.whereis("bank")  # E
    narrow: ActorRef[Deposit] = system.ref(BANK)
    wide: ActorRef[Msg | Foreign] = system.ref(BANK)  # E
    print(narrow, wide)
    Name[Msg](3)  # E
    Name[Msg]()  # E
    take_name(SAFE)
    take_name(BANK)  # E


def registration(system: ActorSystem) -> None:
    assert_type(props(Account).named(BANK), Props[Msg])
    assert_type(props(Account).named("bank"), Props[Msg])
    assert_type(system.spawn(props(Account).named(BANK)), ActorRef[Msg])
    props(Account).named(SAFE)
    props(Account).named(WIDE)  # E
    props(Account).named(Name[Foreign]("foreign"))  # E
    props(Account).named(None)  # E


async def dead_letters(system: ActorSystem) -> None:
    letters = system.dead_letters
    assert_type(letters, Topic[DeadLetter])
    undertaker = system.spawn(Undertaker)
    account = system.spawn(Account)
    letters.subscribe(undertaker)
    letters.subscribe(undertaker, via=lambda letter: Buried(letter.path))
    letters.subscribe(undertaker, only=DeadLetter)
    letters.unsubscribe(undertaker)
    letters.subscribe(account)  # E
    letters.subscribe(account, only=DeadLetter)  # E
    letters.subscribe(undertaker, via=lambda letter: Foreign())  # E
    letters.subscribe(undertaker, via=Buried)  # E
    letters.subscribe(account, via=lambda letter: Buried(letter.path))  # E
    letters.subscribe(undertaker, Buried)  # E
    letters.subscribe(Undertaker)  # E
    letters.publish(Foreign())  # E
    letters.publish("letter")  # E


class Observer(Actor[Ended | Crashed]):
    @on(Ended)
    def ended(self, msg: Ended) -> None: ...

    @on(Crashed)
    def crashed(self, msg: Crashed) -> None: ...

    initial = ended | crashed


async def events(system: ActorSystem) -> None:
    assert_type(system.events, Topic[LifecycleEvent])
    observer = system.spawn(Observer)
    system.events.subscribe(observer, only=Ended)
    system.events.subscribe(observer, only=Crashed)
    system.events.subscribe(observer)  # E
    system.events.subscribe(observer, only=Started)  # E
    assert_type(system.events.name, str)
    assert_type(system.events.subscribers, int)
    system.events = system.dead_letters  # E


async def streams(system: ActorSystem) -> None:
    async with system.events.stream(10, overflow="drop_newest") as stream:
        assert_type(stream, Stream[LifecycleEvent])
        async for event in stream:
            assert_type(event, LifecycleEvent)
            match event:
                case Started(incarnation=n) | Crashed(incarnation=n) | Ended(incarnation=n):
                    assert_type(n, int)
                case Restarting(reason=reason):
                    assert_type(reason, ExitReason)
                case Stuck(stack=stack):
                    assert_type(stack, str)
                case CircuitChanged(state=state):
                    assert_type(state, CircuitState)
                case Overloaded(limit=limit, most=most) | Relieved(limit=limit, most=most):
                    assert_type(limit, SystemLimit)
                    assert_type(most, int)
            assert_type(event.path, str)
            event.incarnation  # E
        assert_type(stream.dropped, int)
    async with system.dead_letters.stream() as letters:
        async for letter in letters:
            assert_type(letter, DeadLetter)
            letter.nothing  # E
    system.events.stream("many")  # E
    system.events.stream(overflow="reject")  # E
    with system.events.stream():  # E
        ...


class Printer(Actor[Buried]):
    @on(Buried)
    def buried(self, msg: Buried) -> None: ...

    initial = buried


PRICES = Name[Deposit | Buried]("prices")


async def topics(system: ActorSystem) -> None:
    prices = system.topic(PRICES)
    assert_type(prices, Topic[Deposit | Buried])
    assert_type(system.topic(SAFE), Topic[Deposit])
    printer = system.spawn(Printer)
    prices.publish(Deposit(1))
    prices.publish(Buried("x"))
    prices.publish(Foreign())  # E
    prices.subscribe(printer, only=Buried)
    prices.subscribe(printer, via=lambda event: Buried(str(event)))
    prices.subscribe(printer)  # E
    prices.subscribe(printer, only=Deposit)  # E
    async with prices.stream() as stream:
        assert_type(stream, Stream[Deposit | Buried])
    system.topic("prices")  # E
    wrong: Topic[Deposit] = system.topic(PRICES)  # E
    print(wrong)


def groups(system: ActorSystem, refs: dict[str, ActorRef[Deposit]]) -> None:
    workers = system.group(BANK)
    assert_type(workers, Group[Msg])
    assert_type(workers.members(), tuple[ActorRef[Msg], ...])
    assert_type(len(workers), int)
    account = system.spawn(Account)
    assert_type(account in workers, bool)
    workers.join(account)
    workers.leave(account)
    workers.broadcast(Deposit(1))
    workers.broadcast(Withdraw(1))
    workers.broadcast(Foreign())  # E
    workers.broadcast(Deposit)  # E
    workers.join(refs["takes less"])  # E
    workers.join(system.spawn(Printer))  # E
    workers.join(Account)  # E
    for member in workers.members():
        member.tell(Withdraw(1))
        member.tell(Foreign())  # E
    savers = system.group(SAFE)
    savers.join(account)
    savers.join(refs["takes it"])
    savers.broadcast(Withdraw(1))  # E
    narrow: Group[Deposit] = workers  # E
    wide: Group[Msg] = savers  # E
    print(narrow, wide)
    system.group("workers")  # E
    workers.name = "others"  # E


def register(system: ActorSystem, saver: ActorRef[Deposit]) -> None:
    account = system.spawn(Account)
    system.register(BANK, account)
    system.register(SAFE, account)
    system.register(SAFE, saver)
    system.register(BANK, saver)  # E
    system.register(WIDE, account)  # E
    system.register("bank", account)  # E
    system.register(BANK, Account)  # E
    system.unregister(BANK)
    system.unregister("bank")  # E
