"""A cycle of states, driven by state timeouts, with a way out for the night."""

from typing import Literal, TypeAlias

from airssys_rt import Actor, Message, Request, on, on_enter

Colour: TypeAlias = Literal["red", "green", "yellow", "off"]


class Next(Message): ...


class Night(Message): ...


class Day(Message): ...


class Shown(Request[Colour]): ...


LightMsg: TypeAlias = Next | Night | Day | Shown


class TrafficLight(Actor[LightMsg]):
    def __init__(self) -> None:
        self.colour: Colour = "red"

    @on(Shown)
    def shown(self, msg: Shown) -> Colour:
        return self.colour

    @on(Next)
    def go(self, msg: Next) -> None:
        self.become(self.green)

    @on(Next)
    def slow(self, msg: Next) -> None:
        self.become(self.yellow)

    @on(Next)
    def halt(self, msg: Next) -> None:
        self.become(self.initial)

    @on(Night)
    def night(self, msg: Night) -> None:
        self.become(self.off, push=True)

    @on(Day)
    def day_already(self, msg: Day) -> None:
        """It is day."""

    @on(Day)
    def day(self, msg: Day) -> None:
        self.unbecome()

    initial = shown | go | night | day_already
    green = shown | slow | night
    yellow = shown | halt
    off = shown | day
    flow = (
        initial.to(green),
        initial.push(off),
        green.to(yellow),
        green.push(off),
        yellow.to(initial),
    )

    @on_enter(initial)
    def show_red(self) -> None:
        self.colour = "red"
        self.state_timeout(30.0, Next())

    @on_enter(green)
    def show_green(self) -> None:
        self.colour = "green"
        self.state_timeout(20.0, Next())

    @on_enter(yellow)
    def show_yellow(self) -> None:
        self.colour = "yellow"
        self.state_timeout(3.0, Next())

    @on_enter(off)
    def show_nothing(self) -> None:
        self.colour = "off"
