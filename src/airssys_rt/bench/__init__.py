"""The benchmarks: what `airssys-rt bench` and the project's own sessions run.

Each case does some number of operations, checks their result, and is raced against its rivals in
alternating rounds: against a floor loop, against the same on bare asyncio, and, where they are
there, against Erlang and other actor libraries, each in a process beside.  Nothing of the library
imports this.
"""
