"""The list of actor-blocking, continued: libraries that are not Python's own.

Laws: those of `blocking_calls`; a method counts in the class that users know, and in those where
typings put it (typeshed's, the library's, and the partial ones in `stubs`).
"""

from __future__ import annotations

from airssys_rt.mypy.blocking_calls import (
    CPU,
    FUNCTIONS,
    HTTP,
    METHODS,
    PRODUCTS,
    THREAD,
    functions,
    instead,
    methods,
)

__all__ = ["FUNCTIONS", "METHODS", "PRODUCTS"]  # the whole list

FETCH = "fetchone fetchmany fetchall"
VERBS = "get post put patch delete head options request"


def makes(name: str, owner: str) -> None:
    """What a function, or a class's method, returns."""
    PRODUCTS[name] = owner


# ---------------------------------------------------------------- HTTP

functions(HTTP, VERBS, "requests")
methods(HTTP, "requests.Session", f"{VERBS} send", homes="requests.sessions.Session")
makes("requests.session", "requests.Session")
functions(HTTP, f"{VERBS} stream", "httpx")
methods(HTTP, "httpx.Client", f"{VERBS} send stream", homes="httpx._client.Client")
functions(HTTP, "request", "urllib3")
methods(
    HTTP,
    "urllib3.PoolManager",
    "request urlopen request_encode_url request_encode_body",
    homes="urllib3.poolmanager.PoolManager urllib3._request_methods.RequestMethods"
    " urllib3.request.RequestMethods urllib3.connectionpool.HTTPConnectionPool",
)

# ---------------------------------------------------------------- databases

POSTGRES = instead("psycopg.AsyncConnection")
functions(POSTGRES, "connect", "psycopg2")
makes("psycopg2.connect", "psycopg2.extensions.connection")
methods(
    POSTGRES,
    "psycopg2.extensions.connection",
    "commit rollback reset cancel",
    homes="psycopg2._psycopg.connection",
)
makes("psycopg2.extensions.connection.cursor", "psycopg2.extensions.cursor")
methods(
    POSTGRES,
    "psycopg2.extensions.cursor",
    f"execute executemany callproc copy_expert copy_from copy_to {FETCH}",
    homes="psycopg2._psycopg.cursor",
)
methods(POSTGRES, "psycopg2.pool.AbstractConnectionPool", "getconn")
functions(POSTGRES, "connect", "psycopg")
functions(POSTGRES, "Connection.connect", "psycopg")
makes("psycopg.connect", "psycopg.Connection")
methods(
    POSTGRES,
    "psycopg.Connection",
    "execute commit rollback transaction notifies",
    homes="psycopg.connection.Connection",
)
makes("psycopg.Connection.cursor", "psycopg.Cursor")
methods(
    POSTGRES,
    "psycopg.Cursor",
    f"execute executemany stream copy {FETCH}",
    homes="psycopg.cursor.Cursor psycopg.client_cursor.ClientCursor",
)
methods(
    instead("psycopg_pool.AsyncConnectionPool"),
    "psycopg_pool.ConnectionPool",
    "connection getconn wait",
    homes="psycopg_pool.pool.ConnectionPool",
)

MYSQL = instead("asyncmy or aiomysql")
functions(MYSQL, "connect Connection Connect", "pymysql")
functions(MYSQL, "connect Connection Connect", "MySQLdb")
functions(MYSQL, "connect", "mysql.connector")
makes("pymysql.connect", "pymysql.connections.Connection")
makes("pymysql.Connection", "pymysql.connections.Connection")
makes("MySQLdb.connect", "MySQLdb.connections.Connection")
makes("pymysql.connections.Connection.cursor", "pymysql.cursors.Cursor")
makes("MySQLdb.connections.Connection.cursor", "MySQLdb.cursors.Cursor")
methods(MYSQL, "pymysql.connections.Connection", "connect commit rollback query ping begin")
methods(MYSQL, "pymysql.cursors.Cursor", "execute executemany callproc")
methods(
    MYSQL,
    "MySQLdb.connections.Connection",
    "commit rollback query ping",
    homes="MySQLdb._mysql.connection",
)
methods(
    MYSQL,
    "MySQLdb.cursors.Cursor",
    "execute executemany callproc",
    homes="MySQLdb.cursors.BaseCursor",
)

SQLALCHEMY = instead("sqlalchemy.ext.asyncio")
methods(
    SQLALCHEMY,
    "sqlalchemy.orm.Session",
    "execute scalar scalars get get_one commit rollback flush refresh merge",
    homes="sqlalchemy.orm.session.Session sqlalchemy.orm.scoping.scoped_session",
)
methods(SQLALCHEMY, "sqlalchemy.engine.Engine", "connect begin")
methods(
    SQLALCHEMY,
    "sqlalchemy.engine.Connection",
    "execute scalar scalars commit rollback exec_driver_sql",
    homes="sqlalchemy.engine.base.Connection",
)

REDIS = instead("redis.asyncio")
# commands are defined in classes that the asynchronous client shares: the receiver's counts
methods(
    REDIS,
    "redis.Redis",
    "execute_command ping get set setex setnx mget mset getset getdel getex delete unlink exists"
    " expire expireat pexpire persist ttl pttl keys scan rename type incr incrby incrbyfloat decr"
    " decrby append strlen hget hset hsetnx hmset hmget hgetall hdel hexists hincrby hkeys hvals"
    " hlen lpush rpush lpop rpop blpop brpop blmove lmove lrange llen lrem lindex lset ltrim sadd"
    " srem smembers sismember scard spop sinter sunion sdiff zadd zrem zrange zrangebyscore zrank"
    " zscore zincrby zcard zcount zpopmin zpopmax bzpopmin bzpopmax publish xadd xread xreadgroup"
    " xack xlen xrange xgroup_create pfadd pfcount eval evalsha script_load flushdb flushall"
    " dbsize info transaction",
    homes="redis.client.Redis redis.client.StrictRedis redis.cluster.RedisCluster",
    received=True,
)
makes("redis.StrictRedis", "redis.Redis")
makes("redis.from_url", "redis.Redis")
makes("redis.Redis.from_url", "redis.Redis")
methods(
    REDIS,
    "redis.client.PubSub",
    "subscribe psubscribe unsubscribe get_message listen parse_response",
)
methods(REDIS, "redis.client.Pipeline", "execute")
makes("redis.Redis.pipeline", "redis.client.Pipeline")
makes("redis.Redis.pubsub", "redis.client.PubSub")

MONGO = instead("pymongo.AsyncMongoClient")
methods(
    MONGO,
    "pymongo.collection.Collection",
    "find_one find_one_and_update find_one_and_replace find_one_and_delete insert_one insert_many"
    " update_one update_many replace_one delete_one delete_many bulk_write aggregate distinct"
    " count_documents estimated_document_count create_index create_indexes drop drop_index",
    homes="pymongo.synchronous.collection.Collection",
)
methods(
    MONGO,
    "pymongo.database.Database",
    "command list_collection_names create_collection drop_collection",
    homes="pymongo.synchronous.database.Database",
)
methods(
    MONGO,
    "pymongo.cursor.Cursor",
    "next to_list",
    homes="pymongo.synchronous.cursor.Cursor",
)
methods(
    MONGO,
    "pymongo.MongoClient",
    "server_info list_database_names drop_database",
    homes="pymongo.mongo_client.MongoClient pymongo.synchronous.mongo_client.MongoClient",
)

# ---------------------------------------------------------------- brokers, hosts, clouds

functions(instead("aioboto3"), "client resource", "boto3")
makes("boto3.session.Session", "boto3.Session")
methods(instead("aioboto3"), "boto3.Session", "client resource", homes="boto3.session.Session")

SSH = instead("asyncssh")
methods(
    SSH,
    "paramiko.SSHClient",
    "connect exec_command open_sftp invoke_shell",
    homes="paramiko.client.SSHClient",
)
makes("paramiko.SSHClient.open_sftp", "paramiko.SFTPClient")
methods(
    SSH,
    "paramiko.SFTPClient",
    "get put getfo putfo open listdir listdir_attr stat mkdir rmdir remove rename",
    homes="paramiko.sftp_client.SFTPClient",
)
methods(
    SSH,
    "paramiko.Channel",
    "recv recv_stderr send sendall exec_command recv_exit_status",
    homes="paramiko.channel.Channel",
)
methods(
    SSH,
    "paramiko.Transport",
    "connect start_client auth_password auth_publickey open_session open_channel",
    homes="paramiko.transport.Transport",
)

RABBIT = instead("aio-pika")
functions(RABBIT, "BlockingConnection", "pika")
methods(
    RABBIT,
    "pika.BlockingConnection",
    "channel process_data_events sleep close",
    homes="pika.adapters.blocking_connection.BlockingConnection",
)
makes("pika.BlockingConnection.channel", "pika.adapters.blocking_connection.BlockingChannel")
methods(
    RABBIT,
    "pika.adapters.blocking_connection.BlockingChannel",
    "basic_publish basic_get basic_consume basic_ack basic_nack basic_qos basic_cancel consume"
    " start_consuming queue_declare queue_bind queue_purge queue_delete exchange_declare"
    " exchange_bind confirm_delivery tx_commit close",
)

KAFKA = instead("aiokafka")
functions(KAFKA, "KafkaConsumer KafkaProducer", "kafka")
methods(
    KAFKA,
    "kafka.KafkaConsumer",
    "poll commit position seek_to_end committed topics partitions_for_topic close",
    homes="kafka.consumer.group.KafkaConsumer",
)
methods(
    KAFKA,
    "kafka.KafkaProducer",
    "send flush close partitions_for",
    homes="kafka.producer.kafka.KafkaProducer",
)
makes("kafka.KafkaProducer.send", "kafka.future.Future")
methods(
    KAFKA,
    "kafka.future.Future",
    "get",
    homes="kafka.producer.future.FutureRecordMetadata",
)
methods(
    KAFKA, "confluent_kafka.Consumer", "poll consume commit", homes="confluent_kafka.cimpl.Consumer"
)
methods(KAFKA, "confluent_kafka.Producer", "flush", homes="confluent_kafka.cimpl.Producer")

functions(THREAD, "Serial serial_for_url", "serial")
methods(
    THREAD,
    "serial.Serial",
    "read read_until readline write flush open",
    homes="serial.serialposix.Serial serial.serialwin32.Serial serial.serialutil.SerialBase",
)

# ---------------------------------------------------------------- long computing

functions(CPU, "hashpw checkpw kdf", "bcrypt")
methods(CPU, "argon2.PasswordHasher", "hash verify", homes="argon2._password_hasher.PasswordHasher")
