"""Message classes, as they are analyzed: facts for the unions they join, and their own laws.

    {"frozen": bool, "tag": str | int | false | null, "tag_field": str | null, "array": bool}

A tag of null is computed at run time and not judged; false means that there is none.  A message is
"inert" if no field of it can hold a container.
"""

from __future__ import annotations

from mypy import nodes as n
from mypy.plugin import ClassDefContext

from airssys_rt.mypy import codes
from airssys_rt.mypy.actors import instances, last_name
from airssys_rt.mypy.bodies import statements
from airssys_rt.mypy.facts import Facts, facts_of, remember
from airssys_rt.mypy.fields import FieldCheck
from airssys_rt.mypy.names import ACTOR, KEY, MESSAGE, REQUEST
from airssys_rt.mypy.options import Options
from airssys_rt.mypy.rests import rest_on_module

__all__ = ["is_inert", "is_message", "struct_analyzed"]

NO_FACTS: Facts = {"frozen": False, "tag": False, "tag_field": None, "array": False}
ROOTS = (MESSAGE, REQUEST)
# passes of the analyzer in which the types of fields get known; mypy gives up after twenty, and
# some programs never come to the pass that it calls the final one
PATIENCE = 8


def is_message(info: n.TypeInfo) -> bool:
    """Whether a class derives from `Message` or `Request`."""
    return info.has_base(MESSAGE) or info.has_base(REQUEST)


def is_inert(info: n.TypeInfo) -> bool:
    """Whether a message can take nothing of an actor's own along; told quickly."""
    facts = info.metadata.get(KEY)
    return facts is not None and facts.get("inert") is True


def struct_analyzed(options: Options, ctx: ClassDefContext) -> None:
    """Remember a Struct's configuration; check it, if it is a message."""
    info = ctx.cls.info
    plain = is_plain(ctx.cls)
    facts = plain_configuration(ctx.cls) if plain else configuration(ctx.cls)
    waited = (facts_of(info) or {}).get("waited", 0)
    remember(ctx, facts, plain=plain)
    if not plain:
        if info.fullname in ROOTS or not is_message(info):
            return
        _check_configuration(ctx, facts)
        if not _check_bases(ctx):
            return
    check = FieldCheck(ctx, options)
    for statement in statements(ctx.cls.defs):
        if not isinstance(statement, n.AssignmentStmt) or statement.type is None:
            continue
        for lvalue in statement.lvalues:
            symbol = info.names.get(lvalue.name) if isinstance(lvalue, n.NameExpr) else None
            if symbol is None or not isinstance(symbol.node, n.Var) or symbol.node.is_classvar:
                continue
            if not check.field(symbol.node, statement) and waited < PATIENCE:
                facts["waited"] = waited + 1
                ctx.api.defer()
                return
    check.report()
    if plain and check.inert:
        facts["inert"] = True


def is_plain(cls: n.ClassDef) -> bool:
    """Whether a class is a message as nearly all are: of the library's base, with no options."""
    bases = cls.info.bases
    return not cls.keywords and len(bases) == 1 and bases[0].type.fullname in ROOTS


def plain_configuration(cls: n.ClassDef) -> Facts:
    """The same for such a class."""
    facts = dict(facts_of(cls.info.bases[0].type) or NO_FACTS)
    if facts.get("named"):
        facts["tag"] = cls.name
    return facts


def configuration(cls: n.ClassDef) -> Facts:
    """The Struct options of a class: its own, and what it inherits."""
    bases = [known for base in cls.info.mro[1:] if (known := facts_of(base)) and "tag" in known]
    # the nearest base has inherited what the others say
    inherited = bases[0] if bases else NO_FACTS
    facts = {key: inherited.get(key) for key in NO_FACTS}
    # a tag of its own name was made of tag=True, which is what is inherited
    named = any(known.get("named") for known in bases)
    keywords = cls.keywords
    own_tag = "tag" in keywords and last_name(keywords["tag"]) != "None"
    facts["frozen"] = literal(keywords.get("frozen"), facts["frozen"])
    facts["array"] = literal(keywords.get("array_like"), facts["array"])
    facts["tag_field"] = literal(keywords.get("tag_field"), facts["tag_field"])
    tag = literal(keywords["tag"], None) if own_tag else True if named else facts["tag"]
    facts["tag"] = cls.name if tag is True else tag
    facts["named"] = tag is True
    return facts


# Any-free: JSON scalars
def literal(value: n.Expression | None, otherwise: object) -> object:
    """The value of a literal; `otherwise` if there is none, None if it is not literal."""
    match value:
        case None:
            return otherwise
        case n.StrExpr() | n.IntExpr():
            return value.value
        case n.NameExpr(name="True"):
            return True
        case n.NameExpr(name="False"):
            return False
        case n.UnaryExpr(op="-", expr=n.IntExpr() as number):
            return -number.value
        case _:
            return None


def _check_configuration(ctx: ClassDefContext, facts: Facts) -> None:
    name = ctx.cls.name
    if facts["frozen"] is False:
        ctx.api.fail(
            f'Message "{name}" is not frozen, but its sender and its receiver share it;'
            " leave frozen=False out",
            ctx.cls,
            code=codes.SEALED,
        )
    if facts["tag"] is False:
        ctx.api.fail(
            f'Message "{name}" has no tag, by which a union tells its members apart;'
            " leave tag=False out",
            ctx.cls,
            code=codes.SEALED,
        )


def _check_bases(ctx: ClassDefContext) -> bool:
    """No member of a protocol is extended in another module; False if that is not known yet."""
    for base in ctx.cls.info.bases:
        info = base.type
        if info.fullname in ROOTS or not is_message(info):
            continue
        if info.module_name == ctx.cls.info.module_name:
            continue
        # an alias that comes to that module may make the message a member
        rest_on_module(ctx.api, info.module_name)
        home = ctx.api.modules.get(info.module_name)
        joined = None if home is None else protocol_of(info, home)
        if joined is not None:
            ctx.api.fail(
                f'Message "{info.name}" is a member of the protocol "{joined}" of'
                f' "{info.module_name}": actors dispatch by the exact class, so a'
                f' "{ctx.cls.name}" sent there is not handled; derive it from Message or Request',
                ctx.cls,
                code=codes.SEALED,
            )
    return True


def protocol_of(info: n.TypeInfo, home: n.MypyFile) -> str | None:
    """The union of its own module that a message is a member of: an alias, or an actor's."""
    for name, symbol in home.names.items():
        node = symbol.node
        if isinstance(node, n.TypeAlias) and not node._is_recursive:
            if any(i.type is info for i in instances(node.target)):
                return name
        elif isinstance(node, n.TypeInfo) and node.module_name == home.fullname:
            unions = [b.args[0] for b in node.bases if b.type.has_base(ACTOR) and b.args]
            if any(i.type is info for union in unions for i in instances(union)):
                return name
    return None
