"""botocore's service models: what every request is decoded by and every answer is checked against."""

from functools import cache

import botocore.session
from botocore.model import ServiceModel


@cache
def service_model(name: str) -> ServiceModel:
    """Return the model of an AWS service, such as ``ecs``; it is read from disk once."""
    return botocore.session.get_session().get_service_model(name)


def protocol(model: ServiceModel) -> str:
    """Return the protocol that clients speak with a service: ``json`` or ``rest-json`` for those of the lab."""
    return str(model.metadata["protocol"])
