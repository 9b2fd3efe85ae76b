"""Other actor libraries for Python, each served by a process of its own: see `bench.peer`.

The four cases that all of them can do: `tell` n messages to one actor until the last is handled,
`ask` n times in sequence, `spawn` n actors until the last answers, and n hops around a `ring` of
1,000.  They are used as their own documentation shows it.  Each run checks its result.
"""
