"""`airssys-rt bench`: the benchmarks on this machine."""
