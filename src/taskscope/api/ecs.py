"""Clusters, ECS services and tasks."""

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from taskscope.api.answers import answers
from taskscope.api.parameters import Cursor, Limit, guarded
from taskscope.api.parts import Parts
from taskscope.model.inventory import ClusterPage, EcsServicePage, TaskEntry, TaskPage
from taskscope.query.ecs import find_task, list_clusters, list_services, list_tasks

_Name = Annotated[str, Query(description="Name or ARN; empty: all.", max_length=512)]


def ecs_router(parts: Parts) -> APIRouter:
    """Return the routes of ECS objects; what is known of them came as EventBridge messages."""
    router = APIRouter(tags=["ecs"], dependencies=guarded(parts.readers))
    reader = parts.reader

    @router.get("/api/clusters", openapi_extra=answers(ClusterPage))
    async def clusters(limit: Limit = 100, cursor: Cursor = "") -> Response:
        """List the clusters that tasks or services were heard of."""
        return await parts.answer(partial(list_clusters, reader, limit=limit, cursor=cursor))

    @router.get("/api/ecs/services", openapi_extra=answers(EcsServicePage))
    async def services(cluster: _Name = "", limit: Limit = 100, cursor: Cursor = "") -> Response:
        """List ECS services."""
        return await parts.answer(partial(list_services, reader, cluster=cluster, limit=limit, cursor=cursor))

    @router.get("/api/tasks", openapi_extra=answers(TaskPage))
    async def tasks(
        cluster: _Name = "",
        service: _Name = "",
        status: Annotated[str, Query(description="Last status, as `RUNNING`.", max_length=64)] = "",
        limit: Limit = 100,
        cursor: Cursor = "",
    ) -> Response:
        """List tasks, the last changed first."""
        question = partial(list_tasks, reader, cluster=cluster, service=service, status=status)
        return await parts.answer(partial(question, limit=limit, cursor=cursor))

    @router.get("/api/tasks/{task_id}", openapi_extra=answers(TaskEntry))
    async def task(task_id: str) -> Response:
        """Tell all that ECS said of a task; `task_id` is its id."""
        return await parts.answer(partial(find_task, reader, task_id))

    return router
