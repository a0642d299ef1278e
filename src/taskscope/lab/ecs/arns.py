"""ECS names: ARNs in the long format, and the ids that AWS makes."""

import hashlib
import random
import string
from dataclasses import dataclass
from typing import Final

_LABEL: Final = string.ascii_letters + string.digits + "-_"
_LABEL_LENGTH: Final = 21
"""Characters of a service deployment's id."""


@dataclass(frozen=True, slots=True)
class Names:
    """Builds the ARNs of one account in one region."""

    region: str
    account: str

    def _arn(self, resource: str) -> str:
        partition = {"cn": "aws-cn", "us-gov": "aws-us-gov"}.get(self.region.rsplit("-", 2)[0], "aws")
        return f"arn:{partition}:ecs:{self.region}:{self.account}:{resource}"

    def cluster(self, name: str) -> str:
        """ARN of a cluster."""
        return self._arn(f"cluster/{name}")

    def task(self, cluster: str, task_id: str) -> str:
        """ARN of a task."""
        return self._arn(f"task/{cluster}/{task_id}")

    def container(self, cluster: str, task_id: str) -> str:
        """ARN of a new container of a task."""
        return self._arn(f"container/{cluster}/{task_id}/{uuid()}")

    def service(self, cluster: str, name: str) -> str:
        """ARN of a service."""
        return self._arn(f"service/{cluster}/{name}")

    def definition(self, family: str, revision: int) -> str:
        """ARN of one revision of a task definition."""
        return self._arn(f"task-definition/{family}:{revision}")

    def container_instance(self, cluster: str, *, external: bool = False) -> str:
        """ARN of this machine in a cluster, of EC2 or of ECS Anywhere: the same for each run of the lab."""
        name = f"{self.region}/{cluster}/external" if external else f"{self.region}/{cluster}"
        digest = hashlib.sha256(name.encode()).hexdigest()
        return self._arn(f"container-instance/{cluster}/{digest[:32]}")

    def capacity_provider(self, name: str) -> str:
        """ARN of a capacity provider."""
        return self._arn(f"capacity-provider/{name}")

    def service_deployment(self, cluster: str, service: str) -> str:
        """ARN of a new service deployment."""
        label = "".join(random.choices(_LABEL, k=_LABEL_LENGTH))
        return self._arn(f"service-deployment/{cluster}/{service}/{label}")

    def service_revision(self, cluster: str, service: str) -> str:
        """ARN of a new service revision."""
        return self._arn(f"service-revision/{cluster}/{service}/{digits(19)}")

    def root(self) -> str:
        """ARN of the account's root user, the principal of every setting here."""
        return f"arn:aws:iam::{self.account}:root"


def resource_type(arn: str) -> str:
    """Type of the resource that an ARN names, such as ``task``; empty if the text is no ARN of ECS."""
    parts = arn.split(":", 5)
    return parts[5].partition("/")[0] if len(parts) == 6 and parts[0] == "arn" and parts[2] == "ecs" else ""  # noqa: PLR2004  an ARN has six parts


def region_of(arn: str) -> str:
    """Region in an ARN; empty if the text is none."""
    parts = arn.split(":", 5)
    return parts[3] if len(parts) == 6 else ""  # noqa: PLR2004  an ARN has six parts


def short_name(name_or_arn: str) -> str:
    """What follows the last ``/``: a cluster's or service's name, a task's id, ``family:revision``."""
    return name_or_arn.rpartition("/")[2]


def cluster_of(arn: str) -> str:
    """Name of the cluster in a long ARN such as that of a task; empty in the old short format."""
    parts = arn.split("/")
    return parts[1] if len(parts) > 2 else ""  # noqa: PLR2004  type, cluster and name


def task_id() -> str:
    """Make the id of a task: 32 hexadecimal digits."""
    return hexadecimal(32)


def deployment_id() -> str:
    """Make the id of a service's deployment: ``ecs-svc/`` and 19 digits."""
    return f"ecs-svc/{digits(19)}"


def hexadecimal(length: int) -> str:
    """Make a random hexadecimal number of exactly ``length`` digits."""
    return f"{random.getrandbits(4 * length):0{length}x}"


def digits(length: int) -> str:
    """Make a random decimal number of exactly ``length`` digits, the first not 0."""
    return str(random.randrange(10 ** (length - 1), 10**length))


def uuid() -> str:
    """Make a random id in the form of a UUID, as events, containers and attachments have."""
    text = hexadecimal(32)
    return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-a{text[17:20]}-{text[20:]}"


def image_digest(image: str) -> str:
    """Digest of an image that the lab only pretends to pull: always the same for one name."""
    return f"sha256:{hashlib.sha256(image.encode()).hexdigest()}"
