"""What mypy's plugin costs: `python -m tests.benchmarks.plugin --help`.

Makes a tree of 150 modules, 600 actors and 45,000 lines, which holds nothing but actors, and
checks it in alternating rounds with and without the plugin, each in a fresh process: cold with an
empty cache, warm with the one of the cold run. Each round has a third run, with a plugin around the
plugin that measures the time inside of its hooks, of the look-ups for them, and of the import of
its modules, less what the clock itself takes. The share is that time by the CPU time of all else in
the same process, for a shared machine is not as fast in one process as in the next; the median over
the rounds is compared with the target of 7 %. What the plugin adds to mypy's CPU time is printed
beside it: that holds what mypy does on the plugin's account as well, and the noise of two runs.
mypy runs as users run it: its modules and the plugin's are compiled, and it ends without cleaning
up; only to measure the hooks, it ends as other programs do.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import airssys_rt

SOURCE = Path(airssys_rt.__file__).parent.parent
TARGET = 0.07
MODULES, ACTORS = 150, 4  # actors in each module
MESSAGES = 3  # of each actor

HEAD = """\
\"\"\"Module {at} of the tree.\"\"\"

from __future__ import annotations

from typing import TypeAlias

from airssys_rt import Actor, ActorRef, Down, Later, Message, ReplyTo, Request, on
"""
EARLIER = "from tree.part{at:03} import Worker0 as Helper, WorkerMsg0 as HelperMsg, Work0x0\n"

# {a}: the actor's number in its module, {m}: a message's
TOLD = """
class Work{a}x{m}(Message):
    number: int
    text: str = ""
"""
ASKED = """
class Ask{a}x{m}(Request[int]):
    key: str
    default: int = 0
"""
ACTOR_HEAD = """
WorkerMsg{a}: TypeAlias = {union} | Down


class Worker{a}(Actor[WorkerMsg{a}]):
    def __init__(self, limit: int = 10, peer: ActorRef[Work{a}x0] | None = None) -> None:
        self.limit = limit
        self.peer = peer
        self.totals: dict[str, int] = {{}}
        self.waiting: list[ReplyTo[int]] = []

    def pre_start(self) -> None:
        if self.peer is not None:
            self.monitor(self.peer)
        self.after(1.0, Work{a}x0(1))
"""
TOLD_HANDLER = """
    @on(Work{a}x{m})
    {kind}def work{m}(self, msg: Work{a}x{m}) -> None:
        after = self.totals.get(msg.text, {m}) + msg.number
        self.totals[msg.text] = after
        if after > self.limit and self.peer is not None:
            self.peer.tell(Work{a}x0(after - self.limit, msg.text))
{more}
"""
ASKED_HANDLER = """
    @on(Ask{a}x{m})
    {kind}def ask{m}(self, msg: Ask{a}x{m}) -> int | Later:
        value = self.totals.get(msg.key)
        if value is None:
            reply = self.defer(msg)
            self.waiting.append(reply)
            return reply
        return max(value, msg.default)
"""
ACTOR_FOOT = """
    @on(Down)
    def down(self, msg: Down) -> None:
        self.peer = None if msg.reason else self.peer

    @on(Work{a}x0)
    def resume(self, msg: Work{a}x0) -> None:
        for reply in self.waiting:
            reply.reply(msg.number)
        self.waiting.clear()
        self.become(self.initial)

    common = {common}
    initial = common | work0
    waiting_state = common | resume
    flow = (initial.to(waiting_state), waiting_state.to(initial))
"""
USE = """
async def use{a}(ref: ActorRef[WorkerMsg{a}]) -> int:
    ref.tell(Work{a}x0(1, text=str(ref)))
    first = await ref.ask(Ask{a}x1("first"))
    return await ref.ask(Ask{a}x1("second", default=first), timeout=1.0)
"""


def module(at: int) -> str:
    """The text of a module; each but the first uses the one before."""
    lines = [HEAD.format(at=at)]
    if at:
        lines.append(EARLIER.format(at=at - 1))
    for a in range(ACTORS):
        asked = [m % 2 == 1 for m in range(MESSAGES)]
        lines += [(ASKED if asked[m] else TOLD).format(a=a, m=m) for m in range(MESSAGES)]
        names = [f"{'Ask' if asked[m] else 'Work'}{a}x{m}" for m in range(MESSAGES)]
        lines.append(ACTOR_HEAD.format(a=a, union=" | ".join(names)))
        for m in range(MESSAGES):
            more = "        self.become(self.waiting_state)" if m == 0 else ""
            kind = "async " if m % 4 > 1 else ""
            text = ASKED_HANDLER if asked[m] else TOLD_HANDLER
            lines.append(text.format(a=a, m=m, kind=kind, more=more).rstrip() + "\n")
        parts = [f"{'ask' if asked[m] else 'work'}{m}" for m in range(1, MESSAGES)]
        lines.append(ACTOR_FOOT.format(a=a, common=" | ".join([*parts, "down"])))
        lines.append(USE.format(a=a))
    if at:
        lines.append(
            "\n\nclass Derived(Helper):\n"
            '    """An actor from the module before, with a handler of its own."""\n\n'
            "    def help(self, ref: ActorRef[HelperMsg]) -> None:\n"
            "        ref.tell(Work0x0(1)) if self.limit else None\n".replace(
                "ref.tell(Work0x0(1)) if self.limit else None",
                "if self.limit:\n            ref.tell(Before(1))",
            )
        )
    return "".join(lines).replace("HelperMsg, Work0x0", "HelperMsg, Work0x0 as Before")


def make_tree(folder: Path, modules: int) -> int:
    """Write the tree; its number of lines."""
    (folder / "tree").mkdir(parents=True)
    (folder / "tree" / "__init__.py").write_text("", encoding="utf-8")
    lines = 0
    for at in range(modules):
        text = module(at)
        lines += text.count("\n")
        (folder / "tree" / f"part{at:03}.py").write_text(text, encoding="utf-8")
    for name, plugins in CONFIGS.items():
        text = f"[mypy]\nstrict = True\n{plugins}\n"
        (folder / f"{name}.ini").write_text(text, encoding="utf-8")
    (folder / "measured.py").write_text(MEASURED, encoding="utf-8")
    return lines


CONFIGS = {
    "plain": "",
    "plugin": "plugins = airssys_rt.mypy",
    "measured": "plugins = measured",
}

# A plugin around the plugin.  Hooks are timed as they run.  Look-ups are many and short, the clock
# takes longer than most of them: they are noted, and done once more at the end, by a new instance.
MEASURED = """
import atexit, cProfile, gc, os, pstats, sys
from time import process_time
before = process_time()
import airssys_rt.mypy.hooks
from airssys_rt.mypy import plugin as real
imported = process_time() - before

PROFILE = cProfile.Profile() if os.environ.get("PROFILE_HOOKS") else None
spent, empty, count, depth = 0.0, 0.0, 0, 0
asked, made = [], []
begun, collected, pauses = 0.0, 0.0, 0.0

def collecting(phase, info):
    global begun, collected, pauses
    if phase == "start":
        begun = process_time()
        return
    taken = process_time() - begun
    collected += taken
    if depth:
        pauses += taken

gc.callbacks.append(collecting)

def timed(hook):
    def run(*arguments):
        global depth, spent, empty, count
        if depth:  # inside of another hook
            return hook(*arguments)
        depth, count = 1, count + 1
        if PROFILE is not None:
            PROFILE.enable()
        before = process_time()
        try:
            return hook(*arguments)
        finally:
            after = process_time()
            if PROFILE is not None:
                PROFILE.disable()
            spent += after - before
            empty += process_time() - after  # what reading the clock takes
            depth = 0
    return run

def report():
    whole = process_time()
    fresh = real("")(made[0].options)  # asked as mypy asks it
    fresh.set_modules(made[0]._modules)
    if PROFILE is not None:
        PROFILE.enable()
    before = process_time()
    for name, fullname in asked:
        getattr(fresh, name)(fullname)
    looked_up = process_time() - before
    if PROFILE is not None:
        PROFILE.disable()
    print(f"measured imports {imported:.3f} 1", file=sys.stderr)
    print(f"measured look-ups {looked_up:.3f} {len(asked)}", file=sys.stderr)
    hooks = spent - empty - pauses
    print(f"measured hooks {hooks:.3f} {count}", file=sys.stderr)
    print(f"beside {whole - imported - looked_up - hooks:.3f}", file=sys.stderr)
    print(f"pauses {pauses:.3f} of {collected:.3f}", file=sys.stderr)
    if PROFILE is not None:
        pstats.Stats(PROFILE, stream=sys.stderr).sort_stats("tottime").print_stats(30)

def plugin(version):
    base = real(version)
    def started(self, options):
        base.__init__(self, options)
        made.append(self)
    names = [name for name in vars(base) if name.startswith("get_") and name.endswith("_hook")]
    parts = {"__init__": started}
    for name in names:
        def find(self, fullname, name=name, look=getattr(base, name)):
            asked.append((name, fullname))
            hook = look(self, fullname)
            for direct in names:  # the ways past this one
                self.__dict__.pop(direct, None)
            return None if hook is None else timed(hook)
        parts[name] = find
    atexit.register(report)
    return type("Measured", (base,), parts)
"""


def run(folder: Path, config: str, cache: Path, *, profile: bool = False) -> tuple[float, str]:
    """The CPU time of a run of mypy, and what it and the plugins said."""
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("MYPY")},
        "PYTHONPATH": os.pathsep.join([str(SOURCE), str(folder)]),
        # what is installed, mypy finds by itself
        "MYPYPATH": "" if "site-packages" in SOURCE.parts else str(SOURCE),
        # the rounds share the compiled modules, as the runs of a user do
        "PYTHONPYCACHEPREFIX": str(folder / "compiled"),
    }
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    if profile:
        environment["PROFILE_HOOKS"] = "1"
    main = "from mypy.main import main; main()"
    command = [sys.executable, "-c", main, f"--config-file={config}.ini", f"--cache-dir={cache}"]
    if config == "measured":
        command.append("--no-fast-exit")  # its report is made when the process ends
    before = os.times()
    done = subprocess.run(
        [*command, "tree"],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    after = os.times()
    if done.returncode != 0:
        raise SystemExit(f"mypy ended with code {done.returncode}:\n{done.stdout}{done.stderr}")
    spent = after.children_user + after.children_system
    return spent - before.children_user - before.children_system, done.stdout + done.stderr


def measure(folder: Path, rounds: int) -> float:
    """Print the figures of the rounds; the plugin's share."""
    times: dict[tuple[str, str], list[float]] = {}
    shares: list[float] = []
    run(folder, "plugin", folder / "cache-first")  # compiles what both use
    for turn in range(rounds):
        order = ["plain", "plugin"] if turn % 2 == 0 else ["plugin", "plain"]
        for config in order:
            cache = folder / f"cache-{config}"
            shutil.rmtree(cache, ignore_errors=True)
            for state in ("cold", "warm"):
                spent, _ = run(folder, config, cache)
                times.setdefault((state, config), []).append(spent)
                print(f"round {turn + 1}: {state:<5}{config:<7}{spent:6.2f} s CPU", flush=True)
        shares.append(inside(folder))
        print(f"round {turn + 1}: in the plugin {shares[-1]:.1%} of all else", flush=True)
    for state in ("cold", "warm"):
        plain, plugin = times[state, "plain"], times[state, "plugin"]
        more = median(b / a - 1 for a, b in zip(plain, plugin, strict=True))
        print(
            f"{state}: {median(plain):.2f} s without, {median(plugin):.2f} s with the plugin:"
            f" {more:+.1%}"
        )
    return median(shares)


def inside(folder: Path, *, profile: bool = False) -> float:
    """Print the times inside of the plugin: imports, look-ups of hooks, and hooks; their share."""
    cache = folder / "cache-measured"
    shutil.rmtree(cache, ignore_errors=True)
    _, said = run(folder, "measured", cache, profile=profile)
    found = 0.0
    for what, seconds, count in re.findall(r"measured (\S+) (\S+) (\d+)", said):
        found += float(seconds)
        print(f"{what}: {float(seconds):.2f} s in {count} calls")
    [beside] = map(float, re.findall(r"beside (\S+)", said))
    print(f"in the plugin: {found:.2f} s, beside it {beside:.2f} s")
    if profile:
        print(said)
    return found / beside


def main(argv: Sequence[str] | None = None) -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.plugin", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="turns of each contender")
    parser.add_argument("--modules", type=int, default=MODULES, help="modules of the tree")
    parser.add_argument("--profile", action="store_true", help="profile the hooks, nothing else")
    options = parser.parse_args(argv)
    with TemporaryDirectory() as temporary:
        folder = Path(temporary)
        lines = make_tree(folder, options.modules)
        print(f"{options.modules} modules, {options.modules * ACTORS} actors, {lines} lines")
        if not options.profile:
            share = measure(folder, options.rounds)
            print(f"in the plugin: {share:.1%}; target of {TARGET:.0%}:", end=" ")
            print("met" if share <= TARGET else "missed")
        else:
            inside(folder, profile=True)


if __name__ == "__main__":
    main()
