"""Books a trip in steps, and undoes what it has booked when a step fails."""

from typing import TypeAlias

from airssys_rt import Actor, ActorError, ActorRef, Message, Refused, Request, on


class Book(Request[str]):
    what: str


class Undo(Message):
    booking: str


ServiceMsg: TypeAlias = Book | Undo


class Service(Actor[ServiceMsg]):
    def __init__(self, free: int) -> None:
        self.free = free

    @on(Book)
    def book(self, msg: Book) -> str:
        if not self.free:
            raise Refused("nothing left")
        self.free -= 1
        return f"{msg.what}-{self.free}"

    @on(Undo)
    def undo(self, msg: Undo) -> None:
        self.free += 1

    initial = book | undo


class Travel(Request[tuple[str, str]]):
    where: str


class Booked(Request[int]): ...


TripMsg: TypeAlias = Travel | Booked


class Trips(Actor[TripMsg]):
    def __init__(self, flights: ActorRef[ServiceMsg], hotels: ActorRef[ServiceMsg]) -> None:
        self.flights = flights
        self.hotels = hotels
        self.booked = 0

    @on(Travel)
    async def travel(self, msg: Travel) -> tuple[str, str]:
        flight = await self.flights.ask(Book(f"flight to {msg.where}"))
        try:
            hotel = await self.hotels.ask(Book(f"hotel in {msg.where}"), timeout=2.0)
        except ActorError as error:
            self.flights.tell(Undo(flight))
            raise Refused(error.what) from error
        self.booked += 1
        return flight, hotel

    @on(Booked)
    def count(self, msg: Booked) -> int:
        return self.booked

    initial = travel | count
