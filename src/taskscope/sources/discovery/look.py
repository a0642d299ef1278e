"""One look at the clusters: which exporters there are, and which tasks are left out."""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

from taskscope.aws.ec2 import Ec2
from taskscope.aws.ecs import Ecs
from taskscope.aws.placement import Placements
from taskscope.aws.session import Account
from taskscope.aws.ssm import Ssm
from taskscope.errors import NotFoundError
from taskscope.model.placement import Exposure, PlacedTask
from taskscope.sources.discovery.endpoints import Candidate, UnreachableTaskError, candidates, endpoint, needs_host
from taskscope.sources.discovery.hosts import Hosts, HostTable
from taskscope.sources.discovery.left_out import LeftOut
from taskscope.sources.discovery.targets import ScrapeTarget, target
from taskscope.sources.discovery.wanted import Wanted
from taskscope.sources.target import parse, unknown_cluster

_AT_ONCE: Final = 8
"""Task definitions that are read side by side: AWS allows 20 DescribeTaskDefinition a second."""


@dataclass(frozen=True, slots=True)
class Look:
    """What one look has found."""

    targets: tuple[ScrapeTarget, ...]
    left_out: tuple[LeftOut, ...]


class Discovery:
    """Looks at clusters, again and again; what cannot change is asked once (task definitions, machines)."""

    def __init__(self, account: Account, wanted: Wanted) -> None:
        self._wanted = wanted
        self._clusters = [_Cluster(account, each, wanted) for each in wanted.clusters]

    def look(self) -> Look:
        """
        Return what is there now.

        Raises:
            NotFoundError: There is no such cluster or service.
            TaskscopeError: AWS cannot be asked; a target that was found before may still be there.
        """
        looks = [each.look() for each in self._clusters]
        return Look(
            tuple(found for look in looks for found in look.targets),
            tuple(left for look in looks for left in look.left_out),
        )


class _Cluster:
    """Looks at one cluster."""

    def __init__(self, account: Account, cluster: str, wanted: Wanted) -> None:
        named = parse(cluster, None)
        self._name, region = named.cluster or cluster, named.region
        self._wanted = wanted
        self._ecs = Ecs(account, region=region)
        self._placements = Placements(account, region=region)
        hosts = (self._placements, Ec2(account, region=region), Ssm(account, region=region))
        self._hosts = Hosts(*hosts, given=wanted.addresses)
        self._exposures: dict[str, Exposure] = {}

    def look(self) -> Look:
        tasks = self._placements.tasks(self._name, self._task_arns())
        self._exposures = self._read_exposures({each.definition_arn for each in tasks})
        needed = {each.instance_arn for each in tasks if self._needs_host(each)}
        table = self._hosts.look({self._name: needed - {""}})
        targets: list[ScrapeTarget] = []
        left_out: list[LeftOut] = []
        for task in tasks:
            try:
                wanted = candidates(self._exposures[task.definition_arn], self._wanted)
            except UnreachableTaskError as reason:
                left_out.append(LeftOut(task, str(reason)))
                continue
            for each in wanted:
                try:
                    targets.append(self._target(task, each, table))
                except UnreachableTaskError as reason:
                    left_out.append(LeftOut(task, str(reason)))
        return Look(tuple(targets), tuple(left_out))

    def _target(self, task: PlacedTask, candidate: Candidate, table: HostTable) -> ScrapeTarget:
        exposure = self._exposures[task.definition_arn]
        mode, exposed = exposure.network_mode, {each.name: each for each in exposure.containers}
        found = endpoint(task, mode, candidate)
        host = table.find(task.instance_arn) if needs_host(exposure) else None
        if host is None and not task.address:
            raise UnreachableTaskError("its network interface has no address yet")
        return target(task, found, exposed[candidate.container], mode=mode, host=host)

    def _task_arns(self) -> list[str]:
        """List the tasks; one that moves from page to page is listed once."""
        try:
            lists = [self._placements.task_arns(self._name, service=each) for each in self._wanted.services or (None,)]
        except NotFoundError:
            if self._wanted.services:
                raise  # it says which of the two is not there
            raise unknown_cluster(self._ecs, self._name) from None
        return list(dict.fromkeys(arn for some in lists for arn in some))

    def _needs_host(self, task: PlacedTask) -> bool:
        exposure = self._exposures[task.definition_arn]
        try:
            return needs_host(exposure) and bool(candidates(exposure, self._wanted))
        except UnreachableTaskError:
            return False

    def _read_exposures(self, arns: Iterable[str]) -> dict[str, Exposure]:
        """Return the task definitions in use: those that are known, and the others as ECS gives them."""
        wanted = sorted(arns)
        fresh = [each for each in wanted if each not in self._exposures]
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            read = dict(zip(fresh, pool.map(self._placements.exposure, fresh), strict=True))
        return {each: read.get(each) or self._exposures[each] for each in wanted}
