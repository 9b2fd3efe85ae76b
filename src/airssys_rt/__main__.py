"""`python -m airssys_rt` is the command `airssys-rt`."""

from __future__ import annotations

from airssys_rt.cli.app import main

if __name__ == "__main__":
    raise SystemExit(main())
