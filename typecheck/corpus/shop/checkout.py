"""Takes orders, and holds them until they are shipped."""

from airssys_rt import Actor, ActorRef, ActorSystem, Refused, on, props

from .messages import STOCK, CheckoutMsg, Line, Open, Order, Reserve, Restock, Ship, Shipped
from .stock import Stock


class Checkout(Actor[CheckoutMsg]):
    def __init__(self) -> None:
        self.numbers = 0
        self.customers: dict[int, ActorRef[Shipped]] = {}

    @on(Order)
    async def order(self, msg: Order) -> int:
        if not await self.system.ref(STOCK).ask(Reserve(msg.lines)):
            raise Refused("not enough of it")
        self.numbers += 1
        self.customers[self.numbers] = msg.customer
        return self.numbers

    @on(Ship)
    def ship(self, msg: Ship) -> None:
        customer = self.customers.pop(msg.order, None)
        if customer is not None:
            customer.tell(Shipped(msg.order))

    @on(Open)
    def count_open(self, msg: Open) -> int:
        return len(self.customers)

    initial = order | ship | count_open


async def open_shop(system: ActorSystem) -> ActorRef[CheckoutMsg]:
    stock = system.spawn(props(Stock, {"apple": 3}).named(STOCK))
    stock.tell(Restock(Line("pear", 4)))
    await stock.started()
    return system.spawn(Checkout)
