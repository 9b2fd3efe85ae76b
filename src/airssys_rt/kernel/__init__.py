"""The engine: cells, the run queue, the life cycle.  Synchronous, no I/O, no event loop."""
