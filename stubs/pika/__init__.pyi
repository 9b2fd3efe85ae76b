# Partial: the blocking connection of pika.
# Any: what is not listed is not typed here, and what comes from elsewhere has any type.
from typing import Any

from pika.adapters.blocking_connection import BlockingConnection as BlockingConnection

def __getattr__(name: str) -> Any: ...
