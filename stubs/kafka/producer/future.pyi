# Partial: what sending returns in kafka-python.
# Any: what is not listed is not typed here, and what comes from elsewhere has any type.
from typing import Any

from kafka.future import Future

class FutureRecordMetadata(Future): ...

def __getattr__(name: str) -> Any: ...
