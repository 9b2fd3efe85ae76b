"""A synchronous program around actors: what blocks here blocks no actor."""

import time
from typing import TypeAlias

from airssys_rt import Actor, ActorSystem, BlockingRef, Message, Request, blocking, on


class Note(Message):
    text: str


class Notes(Request[tuple[str, ...]]): ...


NotesMsg: TypeAlias = Note | Notes


class Notebook(Actor[NotesMsg]):
    def __init__(self) -> None:
        self.notes: list[str] = []

    @on(Note)
    def note(self, msg: Note) -> None:
        self.notes.append(msg.text)

    @on(Notes)
    def all_notes(self, msg: Notes) -> tuple[str, ...]:
        return tuple(self.notes)

    initial = note | all_notes


def write(notebook: BlockingRef[NotesMsg], text: str) -> None:
    notebook.tell(Note(text))


def main() -> None:
    with blocking(ActorSystem("notes")) as system:
        notebook = system.spawn(Notebook)
        write(notebook, "first")
        time.sleep(0.01)
        for text in notebook.ask(Notes(), timeout=1.0):
            print(text)
