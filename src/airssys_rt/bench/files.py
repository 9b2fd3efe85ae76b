"""How many files this process may have open.  Imports nothing: the echo case's clients do, too."""

from __future__ import annotations

__all__ = ["most_connections"]

SPARE = 200  # open files for all else


def most_connections(wanted: int) -> int:
    """How many connections this process may have, after asking for more if need be."""
    try:
        import resource
    except ImportError:  # no such limit here
        return wanted
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = wanted + SPARE
    if soft < needed:
        soft = needed if hard == resource.RLIM_INFINITY else min(needed, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return min(wanted, soft - SPARE)
