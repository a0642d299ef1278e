"""How long the control plane takes for what AWS needs seconds or minutes for."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pacing:
    """Pauses of the control plane in seconds: real, so that the times of a task differ, and short."""

    provisioning: float = 0.2
    """From RunTask to the agent: in AWS the network interface is made."""
    deactivating: float = 0.05
    """From DEACTIVATING to STOPPING: in AWS load balancers let go of the task."""
    stopping: float = 0.2
    """From the end of the last container to ``stoppingAt``, where a task ends by itself."""
    deprovisioning: float = 0.2
    """From DEPROVISIONING to STOPPED: in AWS the network interface is deleted."""
    proving: float = 2.5
    """
    How long a service's task must be RUNNING before the scheduler takes it for started. AWS sees a task
    RUNNING seconds late, so one that ends at once counts there as a task that could not start.
    """
    backoff: float = 0.5
    """Wait after the first task that fails to start; doubles with each further one."""
    backoff_limit: float = 900.0
    """Longest such wait: 15 minutes, as AWS documents."""
    closing: float = 5.0
    """How long ``close`` waits for tasks to stop before it kills them."""
