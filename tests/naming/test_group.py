"""Groups: who joins gets what is broadcast, until it leaves or is over."""

from __future__ import annotations

import gc
from typing import Any
from weakref import ref as weak

import anyio
import pytest
from typing_extensions import TypeAliasType, TypeVar

from airssys_rt import (
    Actor,
    ActorRef,
    ActorStopped,
    ActorSystem,
    BadArgument,
    Bounded,
    DeadLetter,
    Group,
    Message,
    Name,
    ProtocolError,
    Request,
    WrongThread,
    on,
    props,
)
from tests.runtime.kit import collect, engine
from tests.virtual import turns

pytestmark = pytest.mark.anyio

T = TypeVar("T")


class Item(Message):
    number: int


class Note(Message):
    text: str


class Seen(Request[list[object]]): ...


class Hold(Message):
    gate: Any


class Adapter(Request[Any]):
    label: str


class Worker(Actor[Item | Note | Seen | Hold | Adapter]):
    def __init__(self) -> None:
        self.seen: list[object] = []

    @on(Item)
    def item(self, msg: Item) -> None:
        self.seen.append(msg.number)

    @on(Note)
    def note(self, msg: Note) -> None:
        self.seen.append(msg.text)

    @on(Seen)
    def seen_so_far(self, msg: Seen) -> list[object]:
        return self.seen

    @on(Hold)
    async def hold(self, msg: Hold) -> None:
        await msg.gate.wait()

    @on(Adapter)
    def adapted(self, msg: Adapter) -> object:
        return self.adapter(lambda text: Note(f"{msg.label} {text}"))

    initial = item | note | seen_so_far | hold | adapted


class Deaf(Actor[Note]):
    """Accepts less than a group of items promises."""

    @on(Note)
    def note(self, msg: Note) -> None: ...

    initial = note


WORKERS = Name[Item]("workers")


def reasons(letters: list[DeadLetter]) -> list[tuple[object, str, str]]:
    return [(one.message, one.path, one.reason) for one in letters]


async def over(ref: ActorRef[Any]) -> None:
    ref.stop()
    await ref.stopped()


async def test_a_broadcast_reaches_all_members_in_the_order_of_their_joining() -> None:
    order: list[str] = []

    class Writes(Actor[Item]):
        @on(Item)
        def item(self, msg: Item) -> None:
            order.append(self.ref.name)

        initial = item

    async with ActorSystem() as system:
        group = system.group(WORKERS)
        refs = [system.spawn(props(Writes).named(name)) for name in ("c", "a", "b")]
        for ref in refs:
            group.join(ref)
        assert group.members() == tuple(refs)
        group.broadcast(Item(1))
        await system.drain()
        assert order == ["c", "a", "b"]


async def test_the_same_name_is_the_same_group_in_one_system_and_another_one_elsewhere() -> None:
    async with ActorSystem() as system, ActorSystem("other") as other:
        group = system.group(WORKERS)
        assert system.group(Name[Item]("workers")) is group
        assert other.group(WORKERS) is not group
        assert system.group(Name[Item]("others")) is not group
        group.join(system.spawn(Worker))
        assert (len(group), len(other.group(WORKERS))) == (1, 0)


async def test_a_group_a_topic_and_an_actor_may_have_the_same_name() -> None:
    async with ActorSystem() as system:
        ref = system.spawn(props(Worker).named(WORKERS))
        system.topic(WORKERS).subscribe(ref)
        system.group(WORKERS).join(ref)
        system.topic(WORKERS).publish(Item(1))
        system.group(WORKERS).broadcast(Item(2))
        system.ref(WORKERS).tell(Item(3))
        assert await ref.ask(Seen()) == [1, 2, 3]


async def test_a_member_that_joins_again_is_a_member_once_and_keeps_its_place() -> None:
    async with ActorSystem() as system:
        group = system.group(WORKERS)
        first, second = system.spawn(Worker), system.spawn(Worker)
        for ref in (first, second, first, first):
            group.join(ref)
        assert group.members() == (first, second)
        group.broadcast(Item(1))
        assert await first.ask(Seen()) == [1]
        group.leave(first)
        assert group.members() == (second,)
        group.leave(first)
        group.join(first)
        assert group.members() == (second, first)


async def test_who_left_gets_nothing_more_and_who_joins_gets_nothing_from_before() -> None:
    async with ActorSystem() as system:
        group = system.group(WORKERS)
        left, joined = system.spawn(Worker), system.spawn(Worker)
        group.join(left)
        group.broadcast(Item(1))
        group.leave(left)
        group.join(joined)
        group.broadcast(Item(2))
        assert await left.ask(Seen()) == [1]
        assert await joined.ask(Seen()) == [2]


async def test_len_and_in_and_truth() -> None:
    async with ActorSystem() as system:
        group = system.group(WORKERS)
        member, other = system.spawn(Worker), system.spawn(Worker)
        group.join(member)
        assert len(group) == 1
        assert member in group
        assert other not in group
        assert "workers" not in group
        group.leave(member)
        assert len(group) == 0
        assert group  # `if group:` asks for None
        assert group.name == "workers"
        assert repr(group) == "<group workers, 0 members>"


async def test_a_broadcast_to_an_empty_group_goes_to_nobody() -> None:
    async with ActorSystem() as system:
        system.group(WORKERS).broadcast(Item(1))
        assert system.snapshot().dead_letters == 0


@pytest.mark.parametrize("how", ["stop", "fail", "start", "parent"])
async def test_a_membership_ends_with_its_actor(how: str) -> None:
    class Frail(Worker):
        def pre_start(self) -> None:
            if how == "start":
                raise RuntimeError("no start")

        @on(Item)
        def item(self, msg: Item) -> None:
            raise RuntimeError("frail")

    class Parent(Actor[Item]):
        def __init__(self) -> None:
            self.system.group(WORKERS).join(self.spawn(Frail))

        @on(Item)
        def item(self, msg: Item) -> None: ...

        initial = item

    async with ActorSystem() as system:
        group = system.group(WORKERS)
        if how == "parent":
            parent = system.spawn(Parent)
            await parent.started()
            assert len(group) == 1
            await over(parent)
        else:
            ref = system.spawn(Frail)
            group.join(ref)
            if how == "stop":
                ref.stop()
            elif how == "fail":
                group.broadcast(Item(1))
            await ref.stopped()
        assert group.members() == ()


async def test_an_actor_that_is_over_does_not_join() -> None:
    async with ActorSystem() as system:
        ref = system.spawn(Worker)
        await over(ref)
        group = system.group(WORKERS)
        group.join(ref)
        group.join(system.ref(WORKERS))  # nobody has the name
        assert len(group) == 0


async def test_a_member_that_stops_is_one_until_it_is_over_and_buries_what_comes() -> None:
    gate = anyio.Event()

    class Slow(Worker):
        async def post_stop(self, reason: object) -> None:
            await gate.wait()

    async with ActorSystem() as system:
        letters, group = collect(system), system.group(WORKERS)
        slow, other = system.spawn(props(Slow).named("slow")), system.spawn(Worker)
        await slow.started()
        group.join(slow)
        group.join(other)
        slow.stop()
        await turns()
        assert slow in group
        group.broadcast(Item(1))
        assert reasons(letters) == [(Item(1), "/slow", "stopped")]
        assert await other.ask(Seen()) == [1]
        gate.set()
        await slow.stopped()
        assert group.members() == (other,)


@pytest.mark.parametrize("overflow", ["reject", "drop_newest", "drop_oldest"])
async def test_a_full_member_hurts_nobody_else_and_buries_its_copies(overflow: Any) -> None:
    async with ActorSystem() as system:
        letters, group, gate = collect(system), system.group(WORKERS), anyio.Event()
        full = system.spawn(props(Worker).named("full").mailbox(Bounded(1, overflow)))
        other = system.spawn(Worker)
        full.tell(Hold(gate))
        await turns()
        group.join(full)
        group.join(other)
        for number in range(3):
            group.broadcast(Item(number))
        assert await other.ask(Seen()) == [0, 1, 2]
        gate.set()
        await system.drain()
        kept = [2] if overflow == "drop_oldest" else [0]
        assert await full.ask(Seen()) == kept
        lost = [number for number in range(3) if number not in kept]
        assert reasons(letters) == [(Item(number), "/full", "overflow") for number in lost]


async def test_what_debug_mode_refuses_is_a_dead_letter_of_that_member_alone() -> None:
    async with ActorSystem(debug=True) as system:
        letters, group = collect(system), system.group(WORKERS)
        # Any: wrong on purpose
        deaf: Any = system.spawn(props(Deaf).named("deaf"))
        good = system.spawn(Worker)
        group.join(deaf)
        group.join(good)
        group.broadcast(Item(1))
        assert await good.ask(Seen()) == [1]
        assert reasons(letters) == [(Item(1), "/deaf", "not_accepted")]


class Picky(Message):
    """Makes no round trip through its encoding."""

    number: int

    def __post_init__(self) -> None:
        if self.number < 0:
            raise KeyError("of the message's own code")


class Takes(Actor[Picky]):
    @on(Picky)
    def picky(self, msg: Picky) -> None: ...

    initial = picky


async def test_what_wire_mode_cannot_carry_is_a_dead_letter_whatever_it_raises() -> None:
    async with ActorSystem(strict_wire=True) as system:
        letters, group = collect(system), system.group(Name[Picky]("picky"))
        for name in ("a", "b"):
            group.join(system.spawn(props(Takes).named(name)))
        msg = Picky(1)
        # Any: frozen
        force: Any = __import__("msgspec").structs.force_setattr
        force(msg, "number", -1)
        group.broadcast(msg)
        assert [(path, why) for _, path, why in reasons(letters)] == [
            ("/a", "not_accepted"),
            ("/b", "not_accepted"),
        ]


async def test_an_actor_joins_and_leaves_by_itself_and_broadcasts_to_itself() -> None:
    class Peer(Actor[Item | Note]):
        def pre_start(self) -> None:
            self.system.group(WORKERS).join(self.ref)

        @on(Item)
        def item(self, msg: Item) -> None:
            seen.append((self.ref.name, msg.number))
            if msg.number:
                self.system.group(WORKERS).broadcast(Item(msg.number - 1))

        @on(Note)
        def note(self, msg: Note) -> None:
            self.system.group(WORKERS).leave(self.ref)

        initial = item | note

    seen: list[tuple[str, int]] = []
    async with ActorSystem() as system:
        first = system.spawn(props(Peer).named("first"))
        second = system.spawn(props(Peer).named("second"))
        await second.started()
        first.tell(Item(1))
        await system.drain()
        assert seen[0] == ("first", 1)
        assert sorted(seen[1:]) == [("first", 0), ("second", 0)]
        second.tell(Note("leave"))
        await system.drain()
        assert system.group(WORKERS).members() == (first,)


async def test_an_adapter_joins_for_its_actor_and_the_last_one_counts() -> None:
    async with ActorSystem() as system:
        group = system.group(Name[str]("texts"))
        worker = system.spawn(Worker)
        for label in ("old", "new"):
            adapter: ActorRef[str] = await worker.ask(Adapter(label))
            group.join(adapter)
        assert len(group) == 1
        assert adapter in group
        assert worker in group
        group.broadcast("text")
        assert await worker.ask(Seen()) == ["new text"]
        group.leave(adapter)
        assert len(group) == 0


async def test_a_ref_by_name_joins_for_the_actor_that_holds_the_name_then() -> None:
    async with ActorSystem() as system:
        group = system.group(WORKERS)
        ref = system.spawn(Worker)
        system.register(WORKERS, ref)
        group.join(system.ref(WORKERS))
        system.unregister(WORKERS)
        group.broadcast(Item(1))
        assert await ref.ask(Seen()) == [1]
        assert group.members() == (ref,)


async def test_actors_of_another_system_join_and_leave_with_its_end() -> None:
    async with ActorSystem("one") as one:
        group = one.group(WORKERS)
        async with ActorSystem("two") as two:
            there, here = two.spawn(Worker), one.spawn(Worker)
            group.join(there)
            group.join(here)
            group.broadcast(Item(1))
            assert await there.ask(Seen()) == [1]
        assert group.members() == (here,)
        group.join(there)
        group.broadcast(Item(2))
        assert await here.ask(Seen()) == [1, 2]


# ---------------------------------------------------------------- misuse


class Generic(Message):
    value: object


@pytest.mark.parametrize("kind", ["group", "topic"])
async def test_one_name_with_two_types_is_an_error_that_names_both(kind: str) -> None:
    async with ActorSystem() as system:
        # Any: a group or a topic
        find: Any = getattr(system, kind)
        held = find(Name[Item | Note]("mixed"))
        with pytest.raises(ProtocolError, match=rf"the {kind} 'mixed' is of .*Item") as caught:
            find(Name[Item]("mixed"))
        assert "not of tests.naming.test_group.Item" in caught.value.what
        both = TypeAliasType("both", Note | Item)
        for same in (Name[Note | Item]("mixed"), Name[both]("mixed"), Name("mixed")):
            assert find(same) is held
        # Any: type arguments that are not known, or are whatever one likes
        name: Any = Name
        for unknown in (Any, "Item", T):
            assert find(name[unknown]("mixed")) is held


async def test_a_name_without_a_type_takes_that_of_the_first_that_has_one() -> None:
    async with ActorSystem() as system:
        # Any: no type argument
        plain: Name[Any] = Name("plain")
        group = system.group(plain)
        assert system.group(Name[Item]("plain")) is group
        with pytest.raises(ProtocolError, match="RT001"):
            system.group(Name[Note]("plain"))
        assert system.group(plain) is group


@pytest.mark.parametrize("verb", ["group", "topic", "unregister"])
async def test_a_text_is_no_name(verb: str) -> None:
    async with ActorSystem() as system:
        with pytest.raises(BadArgument, match="'workers' is no name"):
            getattr(system, verb)("workers")
        with pytest.raises(BadArgument, match="'workers' is no name"):
            # Any: wrong on purpose
            system.register("workers", system.spawn(Worker))  # type: ignore[arg-type]


async def test_another_thread_is_refused() -> None:
    async with ActorSystem() as system:
        group, topic = system.group(WORKERS), system.topic(WORKERS)
        ref = system.spawn(Worker)
        group.join(ref)
        await system.drain()
        caught: list[object] = []

        def work() -> None:
            for use in (
                lambda: system.group(WORKERS),
                lambda: system.topic(WORKERS),
                lambda: system.register(WORKERS, ref),
                lambda: system.unregister(WORKERS),
                lambda: group.join(ref),
                lambda: group.leave(ref),
                lambda: group.broadcast(Item(1)),
                lambda: topic.publish(Item(1)),
                lambda: topic.subscribe(ref),
                lambda: topic.unsubscribe(ref),
                lambda: topic.stream(),
            ):
                with pytest.raises(WrongThread, match="RT004"):
                    # Any: some return nothing
                    any_use: Any = use
                    any_use()
                caught.append(use)

        await anyio.to_thread.run_sync(work)
        assert len(caught) == 11
        assert group.members() == (ref,)
        assert await ref.ask(Seen()) == []


async def test_a_member_of_a_system_in_another_thread_is_refused() -> None:
    async with ActorSystem() as system:
        foreign: list[ActorRef[Item]] = []
        ready, done = anyio.Event(), anyio.Event()

        async def serve() -> None:
            async with ActorSystem("foreign") as other:
                foreign.append(other.spawn(Worker))
                anyio.from_thread.run_sync(ready.set)
                while not done.is_set():
                    await anyio.sleep(0.001)

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(anyio.to_thread.run_sync, lambda: anyio.run(serve))
            await ready.wait()
            try:
                with pytest.raises(WrongThread, match="/worker-1"):
                    system.group(WORKERS).join(foreign[0])
                with pytest.raises(WrongThread, match="/worker-1"):
                    system.topic(WORKERS).subscribe(foreign[0])
            finally:
                done.set()


async def test_a_system_that_was_left_has_no_groups() -> None:
    async with ActorSystem() as system:
        group, topic = system.group(WORKERS), system.topic(WORKERS)
        stream = topic.stream()
        ref = system.spawn(Worker)
        group.join(ref)
    assert group.members() == ()
    for use in (
        lambda: system.group(WORKERS),
        lambda: system.topic(WORKERS),
        lambda: system.register(WORKERS, ref),
        lambda: system.unregister(WORKERS),
        lambda: group.join(ref),
        lambda: group.broadcast(Item(1)),
        lambda: topic.publish(Item(1)),
        lambda: topic.subscribe(ref),
        lambda: topic.stream(),
    ):
        # Any: some return nothing
        any_use: Any = use
        with pytest.raises(ActorStopped, match="is closed"):
            any_use()
    with pytest.raises(ActorStopped):
        await stream.__aenter__()
    group.leave(ref)
    topic.unsubscribe(ref)


# ---------------------------------------------------------------- what is left behind


async def test_joins_and_ends_leave_nothing_behind() -> None:
    async with ActorSystem() as system:
        group, scheduler = system.group(WORKERS), engine(system)
        last: weak[Any] | None = None
        for _ in range(100):
            refs = [system.spawn(Worker) for _ in range(100)]
            for ref in refs:
                group.join(ref)
            last = weak(refs[-1]._cell)
            for ref in refs:
                ref.stop()
            await system.drain()
            for ref in refs:
                await ref.stopped()
            del ref, refs
        assert len(group) == 0
        gc.collect()
        assert last is not None
        assert last() is None
        assert scheduler.actors == 1  # the root


async def test_joining_and_leaving_leaves_nothing_at_the_member() -> None:
    async with ActorSystem() as system:
        ref = system.spawn(Worker)
        for number in range(50):
            group: Group[Item] = system.group(Name[Item](f"group-{number}"))
            group.join(ref)
            group.leave(ref)
        cell: Any = ref._cell
        assert not cell.rich.at_end


async def test_a_group_lives_while_it_has_members_or_is_held() -> None:
    async with ActorSystem() as system:
        directory: Any = system._parts and system._parts.directory
        for number in range(50):
            system.group(Name[Item](f"group-{number}")).broadcast(Item(1))
            system.topic(Name[Item](f"topic-{number}")).publish(Item(1))
        ref = system.spawn(Worker)
        system.group(WORKERS).join(ref)
        system.topic(WORKERS).subscribe(ref)
        gc.collect()
        assert list(directory._groups) == ["workers"]
        assert list(directory._topics) == ["workers"]
        assert system.group(WORKERS).members() == (ref,)
        assert system.topic(WORKERS).subscribers == 1
        await over(ref)
        del ref
        gc.collect()
        assert not list(directory._groups)
        assert not list(directory._topics)
        # nobody is in the way of a new type any more
        assert len(system.group(Name[Note]("workers"))) == 0
