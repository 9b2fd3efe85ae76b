"""`airssys-rt check`: mypy with the plugin, its findings by actor."""
