"""Strategies for the types that have no parts, within the limits of their encodings.

Laws: each value drawn is encoded and decoded to an equal one, so there is no NaN, no infinity, no
integer beyond 64 bits, no lone surrogate, no offset from UTC in seconds, and no instant beyond the
years 1 to 9999 in UTC; each strategy shrinks to the plainest value that its constraints allow.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import msgspec
import msgspec.inspect as mi
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from airssys_rt.errors import ProtocolError
from airssys_rt.testing.patterns import matching

__all__ = ["ANYTHING", "PLAIN", "scalar"]

LEAST_INT, MOST_INT = -(2**63), 2**64 - 1  # what msgpack has
MANTISSA, PLENTY = 53, 8  # bits of a float; bits that make enough multiples of one
LONGEST_OFFSET = 23 * 60 + 59  # minutes

# what stands for Any: nothing that a decoder without a type would make into something else
PLAIN: SearchStrategy[Any] = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(LEAST_INT, MOST_INT),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(),
)
ANYTHING: SearchStrategy[Any] = st.recursive(
    PLAIN,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=6,
)


def no_value(what: str) -> ProtocolError:
    """The error for a type that nothing belongs to."""
    return ProtocolError(
        f"there is no {what}",
        where="messages(...)",
        why="the constraints of the field leave nothing",
        mend="change its Meta(...)",
    )


def integers(info: mi.IntType) -> SearchStrategy[int]:
    """Integers between the bounds."""
    least, most = LEAST_INT, MOST_INT
    if info.gt is not None:
        least = info.gt + 1
    if info.ge is not None:
        least = max(least, info.ge)
    if info.lt is not None:
        most = info.lt - 1
    if info.le is not None:
        most = min(most, info.le)
    step = info.multiple_of or 1
    low, high = -(-least // step), most // step
    if low > high:
        raise no_value(f"multiple of {step} from {least} to {most}")
    drawn = st.integers(low, high)
    return drawn if step == 1 else drawn.map(lambda n: n * step)


def floats(info: mi.FloatType) -> SearchStrategy[float]:
    """Finite floats between the bounds."""
    least, most = -math.inf, math.inf
    if info.gt is not None:
        least = math.nextafter(info.gt, math.inf)
    if info.ge is not None:
        least = max(least, float(info.ge))
    if info.lt is not None:
        most = math.nextafter(info.lt, -math.inf)
    if info.le is not None:
        most = min(most, float(info.le))
    if least > most:
        raise no_value(f"float from {least} to {most}")
    if info.multiple_of is None:
        return st.floats(
            None if least == -math.inf else least,
            None if most == math.inf else most,
            allow_nan=False,
            allow_infinity=False,
        )
    return multiples(info.multiple_of, least, most)


def multiples(step: float, least: float, most: float) -> SearchStrategy[float]:
    """Multiples of a float by the rules of floats, of which 0.1 has no third one."""
    bits = MANTISSA - step.as_integer_ratio()[0].bit_length()  # of a factor that stays exact
    if bits >= PLENTY:
        low = math.ceil(max(least / step, -(2.0**bits)))
        high = math.floor(min(most / step, 2.0**bits))
        if low > high:
            raise no_value(f"multiple of {step} from {least} to {most}")
        return st.integers(low, high).map(lambda n: n * step)
    found = {sign * step * n * 2.0**k for sign in (1, -1) for n in (1, 3) for k in range(60)}
    fitting = [f for f in found | {0.0} if least <= f <= most and math.fmod(f, step) == 0.0]
    if not fitting:
        raise no_value(f"multiple of {step} from {least} to {most}")
    return st.sampled_from(sorted(fitting, key=lambda f: (abs(f), f < 0)))


def strings(info: mi.StrType) -> SearchStrategy[str]:
    """Text of the given length that matches the pattern."""
    least = info.min_length or 0
    if info.pattern is not None:
        return matching(info.pattern, least, info.max_length)
    return st.text(min_size=least, max_size=info.max_length)


# bytes in three types
Bytes = mi.BytesType | mi.ByteArrayType | mi.MemoryViewType


def binary(info: Bytes) -> SearchStrategy[bytes]:
    """Bytes of the given length."""
    return st.binary(min_size=info.min_length or 0, max_size=info.max_length)


# whole minutes, the plainest first; an offset of a few seconds has no place in RFC 3339
OFFSETS = st.just(dt.UTC) | st.integers(-LONGEST_OFFSET, LONGEST_OFFSET).map(
    lambda minutes: dt.timezone(dt.timedelta(minutes=minutes))
)


def aware(drawn: tuple[dt.datetime, dt.timezone]) -> dt.datetime:
    """The instant, given in UTC, at the offset; in UTC where that leaves the calendar."""
    instant, zone = drawn
    try:
        return instant.replace(tzinfo=dt.UTC).astimezone(zone)
    except OverflowError:
        return instant.replace(tzinfo=dt.UTC)


def datetimes(info: mi.DateTimeType) -> SearchStrategy[dt.datetime]:
    """Moments, with an offset from UTC or without, as the constraint says."""
    naive, zoned = st.datetimes(), st.tuples(st.datetimes(), OFFSETS).map(aware)
    return {True: zoned, False: naive, None: naive | zoned}[info.tz]


def times(info: mi.TimeType) -> SearchStrategy[dt.time]:
    """Times of day, with an offset from UTC or without, as the constraint says."""
    naive, zoned = st.times(), st.times(timezones=OFFSETS)
    return {True: zoned, False: naive, None: naive | zoned}[info.tz]


def extensions() -> SearchStrategy[msgspec.msgpack.Ext]:
    """Extension types of msgpack, of the codes that are free."""
    return st.builds(msgspec.msgpack.Ext, st.integers(0, 127), st.binary())


def decimals() -> SearchStrategy[Decimal]:
    """Finite decimals; those with few places shrink well, the others may be of any size."""
    few = st.integers(-(10**9), 10**9).map(lambda cents: Decimal(cents).scaleb(-2))
    return st.integers().map(Decimal) | few | st.decimals(allow_nan=False, allow_infinity=False)


def raws(form: str | None) -> SearchStrategy[msgspec.Raw]:
    """Encoded values; without a format those that are the same in JSON and in msgpack."""
    encode: dict[str | None, Callable[[Any], bytes]] = {
        "json": msgspec.json.encode,
        "msgpack": msgspec.msgpack.encode,
    }
    if form in encode:
        return ANYTHING.map(encode[form]).map(msgspec.Raw)
    return st.sampled_from([bytes([digit]) for digit in b"0123456789"]).map(msgspec.Raw)


SIMPLE: dict[type[mi.Type], Callable[[], SearchStrategy[Any]]] = {
    mi.NoneType: st.none,
    mi.BoolType: st.booleans,
    mi.DateType: st.dates,
    mi.TimeDeltaType: st.timedeltas,
    mi.UUIDType: st.uuids,
    mi.DecimalType: decimals,
    mi.ExtType: extensions,
}


# Any: values of every type
def scalar(info: mi.Type, form: str | None) -> SearchStrategy[Any] | None:
    """The strategy for a type without parts; None for one with parts."""
    match info:
        case mi.IntType():
            return integers(info)
        case mi.FloatType():
            return floats(info)
        case mi.StrType():
            return strings(info)
        case mi.BytesType():
            return binary(info)
        case mi.ByteArrayType():
            return binary(info).map(bytearray)
        case mi.MemoryViewType():
            return binary(info).map(memoryview)
        case mi.DateTimeType():
            return datetimes(info)
        case mi.TimeType():
            return times(info)
        case mi.RawType():
            return raws(form)
        case mi.LiteralType():
            return st.sampled_from(info.values)
        case mi.EnumType():
            return st.sampled_from(list(info.cls))
        case _:
            make = SIMPLE.get(type(info))
            return None if make is None else make()
