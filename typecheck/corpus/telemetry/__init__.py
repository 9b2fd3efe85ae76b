"""Agents that measure, a collector that gathers: a protocol in a module of its own."""
