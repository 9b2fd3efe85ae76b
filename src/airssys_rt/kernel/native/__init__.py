"""The compiled twins of the engine's hottest functions; wheels without them are pure Python."""
