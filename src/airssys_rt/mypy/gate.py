"""The version gate: the plugin says clearly when it was not tested with the mypy at hand."""

from __future__ import annotations

import re
from hashlib import sha256
from pathlib import Path

from mypy.options import Options as MypyOptions

from airssys_rt.mypy.options import end_with
from airssys_rt.mypy.plugin import ActorPlugin

__all__ = ["SUPPORTED", "__version__", "plugin"]

# the oldest and the newest mypy that the plugin is tested with
SUPPORTED = ((2, 1), (2, 4))


def _digest() -> str:
    """A text that changes with the plugin: mypy discards its cache when it does."""
    sources = sorted(Path(__file__).parent.glob("*.py"))
    return sha256(b"".join(source.read_bytes() for source in sources)).hexdigest()[:16]


# mypy looks at this, and at the text of the package's first file, no further
__version__ = _digest()


def plugin(version: str) -> type[ActorPlugin]:
    """The plugin for a version of mypy, or one that ends the run with an explanation."""
    number = re.match(r"(\d+)\.(\d+)", version)
    if number is None:
        return ActorPlugin
    found = (int(number[1]), int(number[2]))
    oldest, newest = SUPPORTED
    if oldest <= found <= newest:
        return ActorPlugin
    return type("GatedPlugin", (Gated,), {"version": version, "too_old": found < oldest})


class Gated(ActorPlugin):
    """Ends the run, unless the configuration says to go on with a newer mypy."""

    version = ""
    too_old = False

    def __init__(self, options: MypyOptions) -> None:
        super().__init__(options)
        (old, new) = (".".join(map(str, part)) for part in SUPPORTED)
        if self.too_old:
            end_with(
                f"mypy {self.version} is not supported\n"
                f"  why    the plugin is tested with mypy {old} to {new}\n"
                f"  mend   pip install 'mypy>={old}'"
            )
        elif not self.own.newer_mypy:
            after = f"{SUPPORTED[1][0]}.{SUPPORTED[1][1] + 1}"
            end_with(
                f"mypy {self.version} is newer than this plugin\n"
                f"  why    the plugin is tested with mypy {old} to {new}\n"
                f"  mend   pip install 'mypy<{after}', a newer airssys-rt, or newer_mypy = true"
                " in [tool.airssys-rt-mypy] to try"
            )
