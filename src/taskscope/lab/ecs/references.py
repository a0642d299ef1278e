"""How a call names a cluster, task or service: by its name or by its ARN."""

from taskscope.lab.ecs import wording
from taskscope.lab.ecs.arns import cluster_of, region_of, resource_type, short_name
from taskscope.lab.ecs.state import Cluster, Region


def find_cluster(region: Region, reference: str) -> Cluster | None:
    """Find a cluster, deleted ones too; None also for an ARN of something else or of another region."""
    if not reference.startswith("arn:"):
        return region.clusters.get(reference)
    if resource_type(reference) != "cluster" or region_of(reference) != region.names.region:
        return None
    return region.clusters.get(short_name(reference))


def name_in(cluster: Cluster, kind: str, reference: str) -> str:
    """
    Return the id of the ``task``, or the name of the ``service``, that is meant in a cluster.

    Raises:
        ApiError: InvalidParameterException, it is the ARN of something else or of another cluster's.
    """
    if not reference.startswith("arn:"):
        return reference
    if (found := resource_type(reference)) != kind:
        raise wording.unsupported_type(found)
    theirs = cluster_of(reference)
    if theirs not in {"", cluster.name}:  # empty in ARNs of the old short format
        raise wording.other_cluster(theirs, cluster.name)
    return short_name(reference)
