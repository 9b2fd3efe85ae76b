"""The vocabulary: messages, handlers, behaviours, signals.  No engine, no I/O."""
