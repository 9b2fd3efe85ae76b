"""An actor class as the checks see it: its union, behaviours with their tables, states and moves.

Made once for each class, when mypy checks its statement: then the decorated types of its own
handlers are known, and the facts of its bases are, from wherever they come.  Laws: what cannot be
known (a type variable, Any, an expression that is not read) is not judged; dispatch is by class, so
type arguments of messages do not count.
"""

from __future__ import annotations

from typing import Any

from mypy import nodes as n
from mypy.errorcodes import ErrorCode
from mypy.maptype import map_instance_to_supertype
from mypy.types import Instance, ProperType, Type, get_proper_type

from airssys_rt.mypy.actors import Tree, functions, plain_calls
from airssys_rt.mypy.bodies import statements
from airssys_rt.mypy.facts import Facts, facts_of
from airssys_rt.mypy.method import Method
from airssys_rt.mypy.names import ACCEPTS, ACTOR, BEHAVIOUR, HANDLER
from airssys_rt.mypy.once import once
from airssys_rt.mypy.table import Table, is_closed, members_of
from airssys_rt.mypy.vocabulary import Vocabulary

__all__ = ["HOOKS", "ActorModel", "Method"]


HOOKS = frozenset({"__init__", "pre_start", "post_stop"})  # what the engine calls of any class
NO_DOINGS: Facts = {"does": [], "mentions": []}


class ActorModel(Vocabulary):
    """One actor class."""

    # Any: mypy's checker, whose plugin interface lacks what the checks need
    def __init__(self, info: n.TypeInfo, api: Any) -> None:
        super().__init__(info)
        self.api = api
        self.union = self._union()
        self.members = {i.type.fullname: i for i in members_of(self.union)}
        self.closed = is_closed(self.union)
        self.own: Facts = facts_of(info) or {}
        found = [facts_of(base) for base in info.mro]
        self._ancestry = tuple([f for f in found if f is not None and "methods" in f])
        self._tables: dict[tuple[n.TypeInfo, str], Table] = {}
        self._known: dict[str, ProperType | None] = {}
        self._is_behaviour: dict[str, bool] = {}
        self._messages: dict[str, Instance | None] = {}
        self._with_called: dict[str, frozenset[str]] = {}
        self._plainly: dict[str, bool] = {}
        self.places = self._places()

    def fail(self, text: str, where: n.Context, code: ErrorCode) -> None:
        """Report a finding."""
        self.api.fail(text, where, code=code)

    def _union(self) -> ProperType | None:
        for base in self.info.bases:
            info = base.type
            if info.fullname == ACTOR:  # as in most classes
                return get_proper_type(base.args[0])
            if info.has_base(ACTOR):
                root = next(b for b in info.mro if b.fullname == ACTOR)
                return get_proper_type(map_instance_to_supertype(base, root).args[0])
        return None

    def _places(self) -> dict[str, n.Context]:
        """Where the class body assigns a name."""
        return {
            lvalue.name: statement
            for statement in statements(self.info.defn.defs)
            if isinstance(statement, n.AssignmentStmt)
            for lvalue in statement.lvalues
            if isinstance(lvalue, n.NameExpr)
        }

    # -- declarations, inherited ones included -----------------------------------------------

    def lineage(self) -> tuple[Facts, ...]:
        """The facts of the class and its bases, the nearest first."""
        return self._ancestry

    @once
    def behaviours(self) -> tuple[str, ...]:
        """The names of all behaviours that are not just handlers, in order of definition."""
        names: dict[str, None] = {}
        for facts in reversed(self._ancestry):
            names.update(dict.fromkeys(facts["behaviours"]))
        return tuple([name for name in names if self.is_behaviour(name)])

    @once
    def own_behaviours(self) -> tuple[str, ...]:
        """Those that the class's own body assigns."""
        own = self.own.get("behaviours", ())
        return tuple([name for name in self.behaviours if name in own])

    @once
    def methods(self) -> tuple[Method, ...]:
        """The methods in the class's own body."""
        message_of = self.message_of
        return tuple(
            [Method(name, part, message_of(name)) for name, part in functions(self.info.defn)]
        )

    @once
    def statements(self) -> frozenset[type[n.Node]]:
        """The kinds of statements that the class's own methods consist of."""
        nothing: frozenset[type[n.Node]] = frozenset()
        return nothing.union(*[method.kinds for method in self.methods])

    def calls_plainly(self, verb: str) -> bool:
        """Whether each mention of a verb is a call by the method itself, a statement of its own."""
        known = self._plainly.get(verb)
        if known is None:
            known = self._plainly[verb] = self._calls_plainly(verb)
        return known

    def _calls_plainly(self, verb: str) -> bool:
        if "super" in self.words:
            return False  # super().verb(...) is no attribute
        count = self.count(verb)
        for method in self.methods if count else ():
            if verb in self.doings(method.name)["mentions"]:
                calls = plain_calls(method.function)
                count -= len([True for _, called, _ in calls if called == verb])
        return count == 0

    def setting(self, name: str) -> object:
        """A class attribute that the facts hold; None if nothing is said."""
        for facts in self.lineage():
            if name in facts["settings"]:
                return facts["settings"][name]
        return None

    @once
    def flow(self) -> list[tuple[str, str, str]] | None:
        """The declared transitions: origin, target, "to" or "push"; None if none are declared."""
        for facts in self.lineage():
            if facts["flow"] is not None:
                return [(a, b, kind) for a, b, kind in facts["flow"]]
            if facts["flow_unread"]:
                return None
        return None

    @once
    def flow_unread(self) -> bool:
        """Whether `flow` is declared by an expression that the plugin does not read."""
        said = (f for f in self.lineage() if f["flow"] is not None or f["flow_unread"])
        return any(facts["flow_unread"] for facts in said)

    @once
    def final(self) -> frozenset[str]:
        """The states that `flow` declares to be final."""
        return frozenset(next((f["final"] for f in self.lineage() if f["flow"] is not None), ()))

    def doings(self, method: str) -> Facts:
        """What a method of the class or of a base does."""
        return self._doings.get(method, NO_DOINGS)

    @once
    def _doings(self) -> dict[str, Facts]:
        merged: dict[str, Facts] = {}
        for facts in reversed(self._ancestry):
            merged.update(facts["methods"])
        return merged

    @once
    def method_names(self) -> frozenset[str]:
        """The names of all methods that the class and its bases define in Python."""
        return frozenset(self._doings)

    @once
    def mentioned(self) -> frozenset[str]:
        """What any method mentions of its actor."""
        nothing: frozenset[str] = frozenset()
        return nothing.union(*[doings["mentions"] for doings in self._doings.values()])

    @once
    def shared(self) -> bool:
        """Whether code that the facts do not tell of acts for the actor.

        It is given the actor itself, or stands in a base that is no actor class.
        """
        for facts in self._ancestry:
            if True in [doings.get("hands_on", False) for doings in facts["methods"].values()]:
                return True
        mixins = [base.names for base in self.info.mro[1:-1] if not base.has_base(ACTOR)]
        return any(not (HOOKS.isdisjoint(m) and self.mentioned.isdisjoint(m)) for m in mixins)

    def with_called(self, method: str) -> frozenset[str]:
        """A method, and those of the actor that it mentions, and so on."""
        if self._apart:
            return frozenset((method,))
        if method not in self._with_called:
            found, todo = {method}, [method]
            while todo:
                doings = self.doings(todo.pop())
                mentions = doings["mentions"]
                if self.method_names.isdisjoint(mentions):
                    continue  # most methods
                entered = doings.get("entered", ())  # named, not called
                new = self.method_names.intersection(mentions).difference(found, entered)
                found |= new
                todo += new
            self._with_called[method] = frozenset(found)
        return self._with_called[method]

    @once
    def _apart(self) -> bool:
        """Whether no method mentions another one, as in most classes."""
        return self.method_names.isdisjoint(self.mentioned)

    def reaching(self, names: frozenset[str]) -> frozenset[str]:
        """The methods of whose calls one of these may come: `with_called`, the other way round."""
        found = names
        while not found.isdisjoint(self.mentioned):
            new = [
                name
                for name, doings in self._doings.items()
                if name not in found
                and not found.isdisjoint(doings["mentions"])
                and not found.isdisjoint(
                    {*doings["mentions"]}.difference(doings.get("entered", ()))
                )
            ]
            if not new:
                break
            found = found.union(new)
        return found

    def mentioning(self, names: frozenset[str]) -> frozenset[str]:
        """The methods that mention one of these of their actor."""
        methods = self._doings.items()
        return frozenset([m for m, doings in methods if not names.isdisjoint(doings["mentions"])])

    def does(self, verb: str) -> list[list[Any]]:
        """Every use of a verb in the class and its bases."""
        return self._uses.get(verb, [])

    @once
    def _uses(self) -> dict[str, list[list[Any]]]:
        found: dict[str, list[list[Any]]] = {}
        for facts in self._ancestry:
            for doings in facts["methods"].values():
                for doing in doings["does"]:
                    found.setdefault(doing[0], []).append(doing)
        return found

    # -- types of attributes -----------------------------------------------------------------

    def attribute(self, name: str, owner: n.TypeInfo | None = None) -> ProperType | None:
        """The type of a class attribute as far as it is known now."""
        if owner is not None and owner is not self.info:
            return self._attribute(name, owner)
        known = self._known
        if name not in known:
            known[name] = self._attribute(name, self.info)
        return known[name]

    @staticmethod
    def _attribute(name: str, owner: n.TypeInfo) -> ProperType | None:
        symbol = owner.get(name)
        node = symbol.node if symbol is not None else None
        if isinstance(node, n.Decorator):
            node = node.var
        kind = node.type if isinstance(node, n.Var) else None
        return None if kind is None else get_proper_type(kind)

    def is_behaviour(self, name: str) -> bool:
        """Whether an attribute is a behaviour that is not just a handler of its own name."""
        if name not in self._is_behaviour:
            kind = self.attribute(name)
            self._is_behaviour[name] = isinstance(kind, Instance) and kind.type.has_base(ACCEPTS)
        return self._is_behaviour[name]

    def message_of(self, name: str, owner: n.TypeInfo | None = None) -> Instance | None:
        """The message that the handler of a name handles."""
        if owner is not None and owner is not self.info:
            return handled(self.attribute(name, owner))
        if name not in self._messages:
            self._messages[name] = handled(self.attribute(name))
        return self._messages[name]

    def is_handler(self, name: str) -> bool:
        """Whether an attribute is a handler."""
        kind = self.attribute(name)
        return isinstance(kind, Instance) and kind.type.fullname == HANDLER

    def reply_of(self, name: str) -> Type | None:
        """The reply type of a handler, taken out of its coroutine."""
        kind = self.attribute(name)
        if not isinstance(kind, Instance) or kind.type.fullname != HANDLER:
            return None
        result = get_proper_type(kind.args[1])
        if isinstance(result, Instance) and result.type.fullname == "typing.Coroutine":
            return result.args[2]
        return result

    # -- tables ----------------------------------------------------------------------------------

    def table(self, name: str, owner: n.TypeInfo | None = None) -> Table:
        """What the behaviour or handler of a name accepts."""
        key = (owner or self.info, name)
        found = self._tables.get(key)
        if found is None:
            self._tables[key] = Table(known=False)  # while it is made: a behaviour made of itself
            found = self._tables[key] = self._make_table(name, key[0])
        return found

    def _make_table(self, name: str, owner: n.TypeInfo) -> Table:
        for base in owner.mro:
            facts = facts_of(base)
            if facts is not None and "methods" in facts and name in facts["behaviours"]:
                tree = facts["behaviours"][name]
                return self._by_type(name, owner) if tree is None else self._read(tree, base, name)
            if name in base.names:
                break
        message = self.message_of(name, owner)
        if message is not None:
            return Table({message.type.fullname: name})
        return self._by_type(name, owner)

    def _read(self, tree: Tree, home: n.TypeInfo, name: str) -> Table:
        # not by `match`: patterns of lists take longer than what is done with them
        if isinstance(tree, str):
            # a name within a class body means that body's, or a global one
            return self.table(tree, home) if tree != name else self._by_type(name, home)
        kind = tree[0] if tree else None
        if kind == "of":
            for base in home.mro[1:]:
                if base.name == tree[1]:
                    return self.table(tree[2], base)
            return self._by_type(name, home)
        if kind == "|":
            # `a | b | c` is `(a | b) | c`: one table takes what is on the right, from the left on
            more: list[Tree] = []
            while kind == "|":
                more.append(tree[2])
                tree = tree[1]
                kind = tree[0] if tree.__class__ is list else None
            one = self._read(tree, home, name)
            result = Table(dict(one.handlers), known=one.known)
            result.twice = [*one.twice]
            for part in reversed(more):
                result.take(self._read(part, home, name))
            return result
        if kind == "replace":
            below = self._read(tree[1], home, name)
            result = Table(dict(below.handlers), known=below.known)
            for part in tree[2]:
                result.handlers.update(self._read(part, home, name).handlers)
            return result
        return Table(known=False)

    def _by_type(self, name: str, owner: n.TypeInfo) -> Table:
        """A behaviour whose expression is not read: its type names the messages."""
        kind = self.attribute(name, owner)
        if not isinstance(kind, Instance) or not kind.type.has_base(ACCEPTS):
            return Table(known=False)
        base = next((b for b in kind.type.mro if b.fullname in (BEHAVIOUR, ACCEPTS)), None)
        if base is None:
            return Table(known=False)
        accepted = get_proper_type(map_instance_to_supertype(kind, base).args[0])
        return Table(
            {i.type.fullname: None for i in members_of(accepted)}, known=is_closed(accepted)
        )


def handled(kind: ProperType | None) -> Instance | None:
    """The message of a handler's type."""
    if not isinstance(kind, Instance) or kind.type.fullname != HANDLER:
        return None
    message = get_proper_type(kind.args[0])
    return message if isinstance(message, Instance) else None
