# Partial: the entry point of psycopg2.
# Any: what is not listed is not typed here, and what comes from elsewhere has any type.
from typing import Any

from psycopg2.extensions import connection

def connect(
    dsn: str | None = None,
    connection_factory: Any = None,
    cursor_factory: Any = None,
    **kwargs: Any,
) -> connection: ...
def __getattr__(name: str) -> Any: ...
