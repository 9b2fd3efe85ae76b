# Partial: the entry points of PyMySQL.
# Any: what is not listed is not typed here, and what comes from elsewhere has any type.
from typing import Any

from pymysql.connections import Connection as Connection

connect = Connection
Connect = Connection

def __getattr__(name: str) -> Any: ...
