# Partial: the consumer and the producer of kafka-python.
# Any: what is not listed is not typed here, and what comes from elsewhere has any type.
from typing import Any

from kafka.consumer.group import KafkaConsumer as KafkaConsumer
from kafka.producer.kafka import KafkaProducer as KafkaProducer

def __getattr__(name: str) -> Any: ...
