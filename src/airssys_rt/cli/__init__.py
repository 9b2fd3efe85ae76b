"""The command `airssys-rt`: needs the extra `cli`."""
