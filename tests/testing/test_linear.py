"""The search for an order agrees with trying all of them, and is quick on long histories."""

from __future__ import annotations

import sys
from itertools import permutations
from random import Random
from time import process_time
from typing import Any

import pytest

from airssys_rt import Actor, ActorSystem, AskTimeout, BadArgument, Later, Refused, Request, on
from airssys_rt.testing import History, Operation, linearizable


class Deposit(Request[int]):
    account: int
    amount: int


class Withdraw(Request[int]):
    account: int
    amount: int


class Balance(Request[int]):
    account: int


class Transfer(Request[None]):
    source: int
    target: int
    amount: int


class Account:
    """The model of one account; the key tells it from the others."""

    def initial(self) -> int:
        return 0

    def step(self, state: int, request: Any, /) -> tuple[int, int]:
        match request:
            case Deposit():
                return state + request.amount, state + request.amount
            case Withdraw():
                if state < request.amount:
                    raise Refused("too poor")
                return state - request.amount, state - request.amount
            case _:
                return state, state

    def key(self, request: Any) -> int:
        key: int = request.account
        return key


class Bank:
    """The model of all accounts together, among which transfers go."""

    def initial(self) -> tuple[int, ...]:
        return (0,) * 4

    def step(self, state: tuple[int, ...], request: Any, /) -> tuple[tuple[int, ...], int | None]:
        amounts = list(state)
        if isinstance(request, Transfer):
            if amounts[request.source] < request.amount:
                raise Refused("too poor")
            amounts[request.source] -= request.amount
            amounts[request.target] += request.amount
            return tuple(amounts), None
        amounts[request.account], reply = Account().step(amounts[request.account], request)
        return tuple(amounts), reply


class MovableBank(Bank):
    """A bank with keys, but for transfers."""

    def key(self, request: Any) -> int | None:
        return None if isinstance(request, Transfer) else request.account


def drawn_request(random: Random, accounts: int, transfers: bool) -> Any:
    account, amount = random.randrange(accounts), random.randrange(1, 4)
    kinds: list[Any] = [Deposit(account, amount), Withdraw(account, amount), Balance(account)]
    if transfers:
        kinds.append(Transfer(account, (account + 1) % accounts, amount))
    return random.choice(kinds)


def run_bank(
    random: Random,
    count: int,
    *,
    clients: int = 4,
    accounts: int = 4,
    transfers: bool = False,
    lose: float = 0.0,
    lie: float = 0.0,
) -> History:
    """What clients of a bank see; some answers are lost on the way, and some are lies."""
    history, model = History(), Bank()
    state = model.initial()
    busy: dict[int, list[Any]] = {}  # client -> operation, its answer if it is handled
    while count or busy:
        client = random.randrange(clients)
        if client not in busy:
            if count:
                count -= 1
                request = drawn_request(random, accounts, transfers)
                busy[client] = [history.begin(client, request), None]
            continue
        operation, answer = busy[client]
        if answer is None:
            try:
                state, reply = model.step(state, operation.request)
                answer = ["replied", reply]
            except Refused as error:
                answer = ["refused", error.payload]
            if random.random() < lie and answer[1].__class__ is int:
                answer[1] += random.choice([-1, 1])
            busy[client][1] = answer
            continue
        del busy[client]
        if random.random() < lose:
            history.lost(operation)
        else:
            getattr(history, answer[0])(operation, answer[1])
    return history


def by_all_orders(history: History, model: Any) -> bool:
    """The definition: some order of the answered and of some of the others is a sequential run."""
    answered = [op for op in history if op.outcome != "open"]
    open_ones = [op for op in history if op.outcome == "open"]
    for bits in range(2 ** len(open_ones)):
        chosen = answered + [op for i, op in enumerate(open_ones) if bits >> i & 1]
        if any(is_run(order, model) for order in permutations(chosen)):
            return True
    return False


def is_run(order: tuple[Operation, ...], model: Any) -> bool:
    for index, operation in enumerate(order):
        if any(later.ended < operation.began for later in order[index + 1 :]):
            return False
    state = model.initial()
    for operation in order:
        try:
            state, value = model.step(state, operation.request)
            outcome = "replied"
        except Refused as error:
            value, outcome = error.payload, "refused"
        if operation.outcome != "open" and (operation.outcome, operation.value) != (outcome, value):
            return False
    return True


@pytest.mark.parametrize("seed", range(300))
def test_the_verdict_is_that_of_trying_all_orders(seed: int) -> None:
    random = Random(seed)
    count, transfers = random.randrange(4, 7), random.random() < 0.5
    history = run_bank(
        random, count, clients=3, accounts=2, transfers=transfers, lose=0.2, lie=0.15
    )
    verdict = linearizable(history, Bank())
    assert bool(verdict) is by_all_orders(history, Bank())
    assert bool(linearizable(history, MovableBank())) is bool(verdict)
    if verdict:
        [order] = verdict.orders.values() or [()]
        assert is_run(order, Bank())
        assert {op for op in history if op.outcome != "open"} <= set(order)


def test_the_oracle_has_seen_both_verdicts_often() -> None:
    verdicts = [
        bool(linearizable(run_bank(Random(seed), 6, clients=3, lose=0.2, lie=0.15), Bank()))
        for seed in range(200)
    ]
    assert 40 < sum(verdicts) < 160


@pytest.mark.parametrize("seed", range(60))
def test_the_culprit_is_the_answer_that_makes_the_shortest_wrong_beginning(seed: int) -> None:
    random = Random(seed)
    history = run_bank(random, 6, clients=3, accounts=2, lie=0.3)
    verdict = linearizable(history, Bank())
    if verdict.culprit is None:
        return
    answers = sorted(history, key=lambda op: op.ended)
    for until in answers:
        beginning = History()
        # the operations as they stood when this answer came
        beginning._operations = [
            op if op.ended <= until.ended else Operation(op.client, op.request, op.began)
            for op in history
            if op.began < until.ended
        ]
        assert by_all_orders(beginning, Bank()) is (until.ended < verdict.culprit.ended)
        if until is verdict.culprit:
            break


@pytest.mark.parametrize("model", [Account(), Bank()], ids=["by key", "as a whole"])
@pytest.mark.parametrize("lie", [False, True], ids=["right", "one lie"])
def test_a_thousand_operations_of_four_clients_take_less_than_a_second(
    model: Any, lie: bool
) -> None:
    history = run_bank(Random(1), 1000)
    if lie:
        wrong = [op for op in history if op.outcome == "replied"][-100]
        wrong.value += 1000
    before = process_time()
    verdict = linearizable(history, model)
    # a tracer, such as that of coverage, takes most of the time
    assert process_time() - before < (1.0 if sys.gettrace() is None else 10.0)
    assert bool(verdict) is not lie
    if lie:
        assert verdict.culprit is wrong


def test_long_histories_with_transfers_and_lost_answers_are_judged() -> None:
    for seed in range(5):
        history = run_bank(Random(seed), 400, transfers=True, lose=0.01)
        assert linearizable(history, MovableBank())


def test_a_verdict_says_which_answer_is_wrong_and_what_it_could_have_been() -> None:
    history = History()
    first, second = history.begin("a", Deposit(0, 5)), history.begin("b", Balance(0))
    history.replied(first, 5)
    history.replied(second, 3)
    assert str(linearizable(history, Account())) == (
        "not linearizable: no order of the operations explains\n"
        "  b: Balance(account=0) -> 3\n"
        "the model says: 0, 5\n"
        "before, or at the same time:\n"
        "  a: Deposit(account=0, amount=5) -> 5"
    )


def test_a_linearizable_history_has_an_order_for_each_key() -> None:
    history = run_bank(Random(3), 20)
    verdict = linearizable(history, Account())
    assert verdict.orders.keys() == {op.request.account for op in history}
    assert str(verdict) == "linearizable: 20 operations"
    assert all(is_run(order, Account()) for order in verdict.orders.values())


def test_an_operation_without_an_answer_has_no_effect_before_it_begins() -> None:
    history = History()
    history.replied(history.begin("a", Balance(0)), 5)
    history.lost(history.begin("b", Deposit(0, 5)))
    verdict = linearizable(history, Account())
    assert verdict.culprit is next(iter(history))
    late = History()
    late.lost(late.begin("b", Deposit(0, 5)))
    late.replied(late.begin("a", Balance(0)), 0)
    late.replied(late.begin("a", Balance(0)), 5)
    assert linearizable(late, Account())


def test_an_empty_history_is_linearizable() -> None:
    assert linearizable(History(), Account())


def test_a_search_without_end_is_given_up() -> None:
    history = History()
    for client in range(40):
        history.lost(history.begin(client, Deposit(0, 2**client)))
    history.replied(history.begin("x", Balance(0)), -1)
    with pytest.raises(BadArgument, match="not judged within 500 steps"):
        linearizable(history, Account(), most=500)


def test_a_state_that_cannot_be_remembered_is_an_error() -> None:
    class Odd(Account):
        def initial(self) -> Any:
            return bytearray()

    history = History()
    history.replied(history.begin("x", Balance(0)), 0)
    with pytest.raises(BadArgument, match="bytearray cannot be remembered"):
        linearizable(history, Odd())


@pytest.mark.parametrize("state", [{"a": [1, {2}]}, [1], {3}])
def test_states_of_builtin_containers_can_be_remembered(state: Any) -> None:
    class Constant:
        def initial(self) -> Any:
            return state

        def step(self, state: Any, request: Any, /) -> tuple[Any, Any]:
            return type(state)(state), 0

    history = History()
    history.replied(history.begin("x", Balance(0)), 0)
    assert linearizable(history, Constant())


# ---------------------------------------------------------------- recording


def test_a_client_asks_one_thing_after_the_other() -> None:
    history = History()
    history.begin("a", Balance(0))
    with pytest.raises(BadArgument, match="client 'a' still waits"):
        history.begin("a", Balance(1))


class Vault(Actor[Deposit | Withdraw | Balance]):
    def __init__(self, broken: bool = False) -> None:
        self.amount = 0
        self.broken = broken

    @on(Deposit)
    def deposit(self, msg: Deposit) -> int:
        self.amount += msg.amount
        return self.amount - self.broken

    @on(Withdraw)
    def withdraw(self, msg: Withdraw) -> int:
        if self.amount < msg.amount:
            raise Refused("too poor")
        self.amount -= msg.amount
        return self.amount

    @on(Balance)
    def balance(self, msg: Balance) -> int | Later:
        return self.stash() if msg.account == 9 else self.amount

    initial = deposit | withdraw | balance


@pytest.mark.anyio
@pytest.mark.parametrize("broken", [False, True])
async def test_asks_of_a_live_actor_become_a_history(broken: bool) -> None:
    history = History()
    async with ActorSystem() as system:
        vault = system.spawn(Vault, broken)
        assert await history.ask(vault, Deposit(0, 5), client="a") == 5 - broken
        assert await history.ask(vault, Withdraw(0, 2), client="b") == 3
        with pytest.raises(Refused):
            await history.ask(vault, Withdraw(0, 9), client="a")
        with pytest.raises(AskTimeout):
            await history.ask(vault, Balance(9), client="a", timeout=0.01)
        assert await history.ask(vault, Balance(0), client="a") == 3
    assert [op.outcome for op in history] == ["replied", "replied", "refused", "open", "replied"]
    model = Account()
    model.key = lambda request: 0  # type: ignore[method-assign]
    assert bool(linearizable(history, model)) is not broken
