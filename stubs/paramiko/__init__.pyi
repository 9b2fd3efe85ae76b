# Partial: the clients of paramiko.
# Any: what is not listed is not typed here, and what comes from elsewhere has any type.
from typing import Any

from paramiko.channel import Channel as Channel
from paramiko.client import SSHClient as SSHClient
from paramiko.sftp_client import SFTPClient as SFTPClient
from paramiko.transport import Transport as Transport

def __getattr__(name: str) -> Any: ...
