"""
Who this machine is in AWS: an instance of EC2, and one that is managed from outside of AWS.

Ids are made once for each run of the lab. Tasks that share the machine's network listen on loopback, so that is its
address.
"""

from typing import Final

from taskscope.lab.ecs.arns import hexadecimal

INSTANCE_ID: Final = f"i-{hexadecimal(17)}"
MANAGED_ID: Final = f"mi-{hexadecimal(17)}"
"""Of ECS Anywhere: the launch type EXTERNAL."""
ADDRESS: Final = "127.0.0.1"
NAME: Final = "lab"
AGENT_VERSION: Final = "1.105.1"
"""Of the ECS agent."""
