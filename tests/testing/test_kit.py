"""`ActorKit`: replies, failures and states of one actor without an event loop."""

from __future__ import annotations

import pytest

from airssys_rt import (
    Actor,
    ActorStopped,
    AskTimeout,
    BadArgument,
    Bounded,
    DeadLetter,
    Failed,
    HandlerFailed,
    MailboxFull,
    Normal,
    NotAccepted,
    Refused,
    StartFailed,
    on,
    props,
)
from airssys_rt.testing import (
    ActorKit,
    Asked,
    Became,
    ForeignAwait,
    Forwarded,
    Linked,
    Monitored,
    Piped,
    PutNext,
    Sent,
    Spawned,
    Stashed,
    Stopped,
    StopSent,
    TimerCancelled,
    TimerSet,
    Unbecame,
    Unlinked,
    Unstashed,
    stand_in,
)
from tests.testing.accounts import (
    Account,
    Buy,
    Deposit,
    Do,
    Freeze,
    Log,
    NotPriced,
    Other,
    Price,
    Priced,
    Shop,
    Thaw,
    Tick,
    Withdraw,
)


def shop() -> tuple[ActorKit[Shop], Shop]:
    kit = ActorKit(Shop, stand_in("other", Other))
    return kit, kit.actor


def test_messages_are_run_and_state_and_replies_are_seen() -> None:
    kit = ActorKit(Account, 100)
    kit.tell(Deposit(5))
    assert kit.actor.balance == 105
    assert kit.state == {"balance": 105}
    assert kit.ask(Withdraw(20)) == 85
    assert kit.effects == []


def test_a_refusal_is_raised_as_for_an_asker_and_the_actor_goes_on() -> None:
    kit = ActorKit(Account, 1)
    with pytest.raises(Refused, match="insufficient funds"):
        kit.ask(Withdraw(20))
    assert kit.ask(Withdraw(1)) == 0


def test_behaviours_and_their_changes_are_seen() -> None:
    kit = ActorKit(Account)
    kit.tell(Freeze())
    assert (kit.behaviour, kit.effects) == ("frozen", [Became("frozen", push=True)])
    assert kit.accepts(Thaw)
    assert not kit.accepts(Withdraw)
    with pytest.raises(NotAccepted):
        kit.ask(Withdraw(1))
    kit.tell(Deposit(1))
    assert [type(effect) for effect in kit.effects] == [DeadLetter]
    kit.tell(Thaw())
    assert (kit.behaviour, kit.effects) == ("initial", [Unbecame("initial")])
    assert len(kit.history) == 4


def test_what_is_told_and_sent_to_others_is_an_effect() -> None:
    kit, actor = shop()
    assert kit.effects == []
    kit.tell(Do("tell"))
    assert kit.effects == [Sent(actor.other, Log("told"))]
    kit.tell(Do("send"))
    assert kit.effects == [Sent(actor.other, Log("sent"))]


def test_what_an_actor_tells_itself_is_handled() -> None:
    kit, actor = shop()
    kit.tell(Do("self"))
    assert actor.seen == [(0.0, 5)]


def test_a_child_is_a_stand_in_that_can_end() -> None:
    kit, actor = shop()
    kit.tell(Do("spawn"))
    assert actor.child is not None
    spawned, hello = kit.effects
    assert spawned == Spawned(Other, name="helper")
    assert hello == Sent(actor.child, Log("hello"))
    assert actor.child.path == "/shop-1/helper"
    assert list(kit.children) == [actor.child]
    kit.end(actor.child)
    assert list(kit.children) == []
    actor.child.tell(Log("late"))
    kit.advance(0)
    assert [type(effect) for effect in kit.effects] == [DeadLetter]


def test_an_unknown_answer_leaves_the_asker_waiting_and_an_answer_ends_that() -> None:
    kit, actor = shop()
    reply = kit.begin(Buy("ask"))
    assert kit.effects == [Asked(actor.other, Price("tea"))]
    assert (reply.done, kit.owed) == (False, [Price("tea")])
    with pytest.raises(AskTimeout, match="others have not answered Price"):
        reply.result()
    kit.answer(Price, 21)
    assert (reply.result(), kit.owed) == (42, [])
    assert kit.ask(Buy("ask")) == 42
    kit.answer_with(Price, lambda msg: len(msg.item))
    assert kit.ask(Buy("ask")) == 6


def test_an_answer_may_be_a_failure() -> None:
    kit, _ = shop()

    def refuse(msg: Price) -> int:
        raise Refused("sold out")

    kit.answer_with(Price, refuse)
    with pytest.raises(Refused, match="sold out"):
        kit.ask(Buy("ask"))


def test_one_open_request_can_be_answered_or_fail_alone() -> None:
    kit, actor = shop()
    kit.tell(Do("pipe"))
    kit.tell(Do("pipe"))
    assert kit.owed == [Price("tea"), Price("tea")]
    kit.reply(3)
    assert (actor.seen, kit.owed) == ([Priced(3)], [Price("tea")])
    kit.fail(ValueError("sold out"))
    assert actor.seen[1:] == [NotPriced("sold out")]
    with pytest.raises(BadArgument, match="no open request"):
        kit.reply(3)


def test_an_actor_that_waits_is_busy() -> None:
    kit, actor = shop()
    kit.begin(Buy("ask"))
    kit.tell(Tick(1))
    assert (kit.busy, actor.seen) == (True, [])
    kit.reply(3)
    assert (kit.busy, actor.seen) == (False, [(0.0, 1)])


def test_the_deadline_of_an_ask_passes_in_virtual_time() -> None:
    kit, _ = shop()
    reply = kit.begin(Buy("ask"))
    kit.advance(4.9)
    assert not reply.done
    kit.advance(0.1)
    with pytest.raises(HandlerFailed) as caught:
        reply.result()
    assert isinstance(caught.value.__cause__, AskTimeout)
    assert kit.behaviour == ""


def test_a_forwarded_request_is_answered_by_the_other_one() -> None:
    kit, actor = shop()
    kit.answer(Price, 3)
    assert kit.ask(Buy("forward")) == 3
    assert kit.effects == [Forwarded(actor.other, Price("tea"))]


def test_a_deferred_reply_comes_with_a_later_message() -> None:
    kit, _ = shop()
    reply = kit.begin(Buy("defer"))
    assert not reply.done
    kit.tell(Do("answer"))
    assert reply.result() == 42


def test_a_stashed_request_is_answered_when_it_comes_back() -> None:
    kit, actor = shop()
    reply = kit.begin(Buy("stash"))
    assert kit.effects == [Stashed(Buy("stash"))]
    kit.tell(Do("close"))
    closed = [Became("closed"), TimerSet(10, Tick(9), "the state timeout")]
    assert kit.effects == [*closed, Sent(actor.other, Log("closed"))]
    kit.advance(10)
    assert kit.effects == [Unstashed(1), Became("initial"), Stashed(Buy("stash"))]
    assert not reply.done


def test_timers_fire_in_order_each_at_its_time() -> None:
    kit, actor = shop()
    kit.tell(Do("after"))
    assert kit.effects == [
        TimerSet(2.5, Tick(1)),
        TimerSet(1, Tick(2), "k"),
        TimerSet(2, Tick(3), every=True),
        TimerSet(1.5, Log("late"), to=actor.other),
    ]
    assert [timer.seconds for timer in kit.timers] == [1, 1.5, 2, 2.5]
    assert kit.next_due == 1
    kit.advance(4)
    assert actor.seen == [(1.0, 2), (2.0, 3), (2.5, 1), (4.0, 3)]
    assert kit.effects == [Sent(actor.other, Log("late"))]
    assert kit.now == 4


def test_a_replaced_timer_is_cancelled() -> None:
    kit, actor = shop()
    kit.tell(Do("after"))
    kit.tell(Do("replace"))
    assert kit.effects == [
        TimerCancelled(Tick(2), "k"),
        TimerSet(3, Tick(4), "k"),
        TimerCancelled(Tick(4), "k"),
    ]
    kit.advance(3)
    assert (1.0, 2) not in actor.seen


def test_a_pipe_gives_its_result_or_its_failure() -> None:
    kit, actor = shop()
    kit.answer(Price, 3)
    kit.tell(Do("pipe"))
    assert kit.effects == [Piped("ActorRef.ask"), Asked(actor.other, Price("tea"))]
    assert actor.seen == [Priced(3)]
    kit.answer_with(Price, lambda _: 1 // 0)
    kit.tell(Do("pipe"))
    assert actor.seen[1:] == [NotPriced("integer division or modulo by zero")]


def test_monitors_links_and_stops_are_effects_and_the_end_of_a_stand_in_arrives() -> None:
    kit, actor = shop()
    for what, effect in [
        ("monitor", Monitored(actor.other)),
        ("link", Linked(actor.other)),
        ("unlink", Unlinked(actor.other)),
        ("stop other", StopSent(actor.other)),
    ]:
        kit.tell(Do(what))
        assert kit.effects == [effect]
    assert actor.seen == [("/other", "Normal")]


def test_a_stop_behind_the_messages_is_an_effect_too() -> None:
    kit, actor = shop()
    kit.tell(Do("drain other"))
    assert kit.effects == [StopSent(actor.other)]


def test_a_linked_stand_in_that_fails_ends_the_actor() -> None:
    kit, actor = shop()
    kit.tell(Do("link"))
    kit.end(actor.other, ValueError("gone"))
    assert isinstance(kit.stopped, Failed)
    assert kit.effects == [Stopped(kit.stopped)]


def test_next_comes_before_what_was_told_earlier() -> None:
    kit, actor = shop()
    kit.ref.tell(Do("next"))
    kit.ref.tell(Tick(1))
    kit.advance(0)
    assert kit.effects == [PutNext(Tick(7)), PutNext(Tick(8))]
    assert actor.seen == [(0.0, 7), (0.0, 8), (0.0, 1)]


def test_what_a_told_handler_raises_is_raised_and_the_end_is_seen() -> None:
    kit, actor = shop()
    with pytest.raises(ValueError, match="as told"):
        kit.tell(Do("crash"))
    assert isinstance(kit.stopped, Failed)
    assert isinstance(kit.effects[-1], Stopped)
    assert kit.actor is actor
    with pytest.raises(ActorStopped):
        kit.ask(Buy("ask"))


def test_what_an_asked_handler_raises_comes_as_for_an_asker() -> None:
    kit, _ = shop()
    with pytest.raises(HandlerFailed) as caught:
        kit.ask(Buy("crash"))
    assert isinstance(caught.value.__cause__, ValueError)


def test_an_actor_with_a_restart_type_is_restarted() -> None:
    kit = ActorKit(props(Shop, stand_in("other", Other)).restart("permanent"))
    first = kit.actor
    with pytest.raises(ValueError, match="as told"):
        kit.tell(Do("crash"))
    assert kit.stopped is None
    assert kit.actor is not first
    assert kit.behaviour == "initial"


def test_a_stop_has_its_reason() -> None:
    kit, _ = shop()
    kit.tell(Do("stop"))
    assert kit.stopped == Normal()
    assert kit.effects == [Stopped(Normal())]
    assert ActorKit(Account).stop() == Normal()


def test_an_actor_that_does_not_start_raises_as_started_does() -> None:
    with pytest.raises(StartFailed) as caught:
        ActorKit(Account, balance=1, other=2)  # type: ignore[call-overload]
    assert isinstance(caught.value.__cause__, TypeError)


def test_an_await_of_something_foreign_is_named() -> None:
    kit, _ = shop()
    with pytest.raises(ForeignAwait) as caught:
        kit.tell(Do("sleep"))
    assert "accounts.py" in caught.value.where or "anyio" in caught.value.where


def test_time_goes_forward_only() -> None:
    with pytest.raises(BadArgument):
        ActorKit(Account).advance(-1)
    with pytest.raises(BadArgument):
        ActorKit(Account).advance(float("nan"))
    with pytest.raises(BadArgument):
        ActorKit(Account).advance(float("inf"))


def test_a_bounded_mailbox_is_bounded_in_a_kit_too() -> None:
    kit = ActorKit(props(Account, 1).mailbox(Bounded(1)))
    kit.ref.tell(Deposit(1))
    with pytest.raises(MailboxFull):
        kit.ref.tell(Deposit(1))
    kit.advance(0)
    assert kit.state == {"balance": 2}


class Restless(Actor[Tick]):
    @on(Tick)
    def tick(self, msg: Tick) -> None:
        self.ref.tell(msg)

    initial = tick


def test_an_actor_that_never_rests_does_not_hang_the_test() -> None:
    with pytest.raises(AssertionError, match="never at rest"):
        ActorKit(Restless).tell(Tick())


def test_a_kit_shows_what_it_holds() -> None:
    kit = ActorKit(Account)
    assert repr(kit) == "<ActorKit of /account-1: initial>"
    kit.stop()
    assert repr(kit) == "<ActorKit of /account-1: over>"


def test_only_a_stand_in_can_be_ended() -> None:
    kit = ActorKit(Account)
    with pytest.raises(BadArgument, match="is no stand-in of this kit"):
        kit.end(kit.ref)


def test_a_stand_in_belongs_to_one_kit() -> None:
    other = stand_in("other", Other)
    ActorKit(Shop, other)
    with pytest.raises(BadArgument, match="belongs to another kit"):
        ActorKit(Shop, other)
