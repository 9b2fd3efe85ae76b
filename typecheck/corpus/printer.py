"""A printer that puts jobs aside while its tray is empty."""

from typing import TypeAlias

from airssys_rt import Actor, Later, Message, Request, on


class Print(Request[int]):
    pages: int


class TrayEmpty(Message): ...


class TrayFilled(Message):
    sheets: int


PrinterMsg: TypeAlias = Print | TrayEmpty | TrayFilled


class Printer(Actor[PrinterMsg]):
    stash_capacity = 50

    def __init__(self, sheets: int) -> None:
        self.sheets = sheets
        self.printed = 0

    @on(Print)
    def print_job(self, msg: Print) -> int | Later:
        if msg.pages > self.sheets:
            self.become(self.empty)
            return self.stash()
        self.sheets -= msg.pages
        self.printed += msg.pages
        return self.printed

    @on(Print)
    def wait(self, msg: Print) -> Later:
        return self.stash()

    @on(TrayEmpty)
    def tray_empty(self, msg: TrayEmpty) -> None:
        self.become(self.empty)

    @on(TrayFilled)
    def filled(self, msg: TrayFilled) -> None:
        self.sheets += msg.sheets
        self.become(self.initial)
        self.unstash_all()

    initial = print_job | tray_empty | filled
    empty = wait | filled
    flow = (initial.to(empty, initial), empty.to(initial))
