"""`python -m airssys_rt.bench.rivals NAME` serves the cases of one library."""

from __future__ import annotations

import logging
import sys
from importlib import import_module

if __name__ == "__main__":
    logging.disable(logging.CRITICAL)
    import_module(f"airssys_rt.bench.rivals.on_{sys.argv[1]}").main()
