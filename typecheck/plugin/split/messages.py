# The messages, and the unions of them.
from typing import TypeAlias

from airssys_rt import Message, Request


class Go(Message): ...


class Back(Message): ...


class Get(Request[int]): ...


Moves: TypeAlias = Go | Back
Msg: TypeAlias = Moves | Get
