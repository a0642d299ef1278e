"""How a call names a cluster, task or service: by its name or by its ARN."""

from taskscope.lab.ecs import wording
from taskscope.lab.ecs.arns import cluster_of, region_of, resource_type, short_name
from taskscope.lab.ecs.state import Cluster


def cluster_name(region: str, reference: str) -> str:
    """
    Return the name of the cluster that is meant.

    Raises:
        ApiError: ClusterNotFoundException, it is the ARN of something else or of another region.
    """
    if not reference.startswith("arn:"):
        return reference
    if resource_type(reference) != "cluster" or region_of(reference) != region:
        raise wording.cluster_not_found()
    return short_name(reference)


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
