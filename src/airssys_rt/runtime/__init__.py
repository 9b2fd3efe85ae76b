"""The engine on an event loop: asyncio, uvloop or trio."""
