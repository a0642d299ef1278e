"""Documents of the API: copies for answers, and what a new cluster looks like."""

import copy
from collections.abc import Collection

from taskscope.lab.ecs.arns import Names
from taskscope.lab.gateway.service import Document


def without(document: Document, *names: str) -> Document:
    """Copy a document without some of its members."""
    return {name: copy.deepcopy(value) for name, value in document.items() if name not in names}


def answer(document: Document, include: Collection[str]) -> Document:
    """Copy a document for an answer: its tags only if the call asks for them by ``include``."""
    return without(document) if "TAGS" in include else without(document, "tags")


def chosen(params: Document, *names: str) -> Document:
    """Copy those parameters of a call that are given."""
    return {name: copy.deepcopy(params[name]) for name in names if params.get(name) is not None}


def new_cluster(names: Names, name: str) -> Document:
    """Make the document of a cluster with nothing in it."""
    return {
        "clusterArn": names.cluster(name),
        "clusterName": name,
        "status": "ACTIVE",
        "registeredContainerInstancesCount": 0,
        "runningTasksCount": 0,
        "pendingTasksCount": 0,
        "activeServicesCount": 0,
        "statistics": [],
        "tags": [],
        "settings": [{"name": "containerInsights", "value": "disabled"}],
        "capacityProviders": [],
        "defaultCapacityProviderStrategy": [],
    }
