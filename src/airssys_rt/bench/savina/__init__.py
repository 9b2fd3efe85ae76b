"""The half of the Savina suite that fits one process and one core.

After S. Imam and V. Sarkar, *Savina - An Actor Benchmark Suite* (AGERE 2014), written anew.  Each
program is a set of actors and a coroutine function that runs it on a stage and checks its result.
"""
