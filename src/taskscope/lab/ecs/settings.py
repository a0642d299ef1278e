"""Account settings: what was put, else AWS's defaults."""

from typing import Final

from taskscope.lab.ecs import wording
from taskscope.lab.ecs.context import Context
from taskscope.lab.ecs.paging import page
from taskscope.lab.ecs.state import Region
from taskscope.lab.gateway.service import Call, Document

INSIGHTS: Final = frozenset({"enabled", "disabled", "enhanced"})
"""Values of ``containerInsights``."""
_DEFAULTS: Final = {
    "awsvpcTrunking": "disabled",
    "containerInsights": "disabled",
    "containerInstanceLongArnFormat": "enabled",
    "defaultLogDriverMode": "non-blocking",
    "fargateEventWindows": "disabled",
    "fargateFIPSMode": "disabled",
    "fargateTaskRetirementWaitPeriod": "7",
    "guardDutyActivate": "off",
    "serviceLongArnFormat": "enabled",
    "tagResourceAuthorization": "off",
    "taskLongArnFormat": "enabled",
}
_VALUES: Final = {
    "containerInsights": INSIGHTS,
    "defaultLogDriverMode": {"blocking", "non-blocking"},
    "fargateTaskRetirementWaitPeriod": {"0", "7", "14"},
    "guardDutyActivate": {"on", "off"},
    "tagResourceAuthorization": {"on", "off"},
}
"""Where the values are not ``enabled`` and ``disabled``."""


def effective(region: Region, name: str) -> str:
    """Value of an account setting."""
    return region.settings.get(name, _DEFAULTS[name])


def put(context: Context, call: Call) -> Document:
    """PutAccountSetting and PutAccountSettingDefault: the lab has one principal, so they are the same."""
    name, value = call.params["name"], call.params["value"]
    region = context.region(call.region)
    if name not in _DEFAULTS or value not in _VALUES.get(name, {"enabled", "disabled"}):
        raise wording.invalid(f"Invalid value for the setting {name}: {value}")
    region.settings[name] = value
    return {"setting": _setting(region, name, value)}


def list_settings(context: Context, call: Call) -> Document:
    """ListAccountSettings: with ``effectiveSettings`` also what was never put."""
    region, params = context.region(call.region), call.params
    values = {**_DEFAULTS, **region.settings} if params.get("effectiveSettings") else region.settings
    names = [
        name
        for name, value in values.items()
        if params.get("name") in {None, name} and params.get("value") in {None, value}
    ]
    found = page(names, params, "settings", default=10)
    found["settings"] = [_setting(region, name, values[name]) for name in found["settings"]]
    return found


def _setting(region: Region, name: str, value: str) -> Document:
    return {"name": name, "value": value, "principalArn": region.names.root(), "type": "user"}


OPERATIONS: Final = {
    "PutAccountSetting": put,
    "PutAccountSettingDefault": put,
    "ListAccountSettings": list_settings,
}
