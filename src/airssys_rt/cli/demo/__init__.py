"""`airssys-rt demo`: a tree of Python files, indexed by a tree of actors."""
