"""The mypy plugin: `plugins = ["airssys_rt.mypy"]` in a user's configuration of mypy.

It checks what generics cannot say of actors: behaviours against unions, transitions against
`flow`, replies, signals, messages that can be encoded and shared.  It needs mypy (the extra
`mypy`), and nothing of the library imports it.
"""

from airssys_rt.mypy.gate import SUPPORTED, __version__, plugin

__all__ = ["SUPPORTED", "__version__", "plugin"]
