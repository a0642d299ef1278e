import re
from collections.abc import Callable
from typing import Any

from taskscope.lab.ecs.pacing import Pacing

Play = Callable[..., None]
TARGETS = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/web/1"


def create(plane: Any, count: int = 1, image: str = "runs", **settings: Any) -> Any:
    """Register the definition and create the service ``web``."""
    plane.define(image=image)
    return plane.call("CreateService", serviceName="web", taskDefinition="web", desiredCount=count, **settings)[
        "service"
    ]


def tasks(plane: Any, status: str = "RUNNING") -> list[str]:
    """List the service's tasks by desired status."""
    return list(plane.call("ListTasks", serviceName="web", desiredStatus=status)["taskArns"])


def test_a_new_service_starts_its_tasks_and_becomes_steady(play: Play) -> None:
    """The events, newest first, and the deployment are as AWS words them."""

    async def story(plane: Any) -> None:
        service = create(plane, 2)
        assert (service["status"], service["pendingCount"], service["events"]) == ("ACTIVE", 0, [])
        await plane.steady()
        steady, completed, started = plane.messages()
        [deployment] = plane.service_named()["deployments"]
        assert steady == "(service web) has reached a steady state."
        assert completed == f"(service web) (deployment {deployment['id']}) deployment completed."
        assert re.fullmatch(
            r"\(service web\) has started 2 tasks: \(task [0-9a-f]{32}\) \(task [0-9a-f]{32}\)\.", started
        )
        assert re.fullmatch(r"ecs-svc/\d{19}", deployment["id"])
        assert (deployment["status"], deployment["rolloutState"]) == ("PRIMARY", "COMPLETED")
        assert deployment["rolloutStateReason"] == f"ECS deployment {deployment['id']} completed."
        assert (deployment["runningCount"], deployment["desiredCount"]) == (2, 2)
        task = plane.task(tasks(plane)[0])
        assert (task["group"], task["startedBy"]) == ("service:web", deployment["id"])

    play(story)


def test_a_task_that_is_gone_is_replaced(play: Play) -> None:
    """StopTask of a service's task: another one is started and the service is steady again."""

    async def story(plane: Any) -> None:
        create(plane)
        await plane.steady()
        [first] = tasks(plane)
        plane.call("StopTask", task=first)
        await plane.until(lambda: len(plane.messages()) == 5)
        await plane.steady()
        assert tasks(plane) != [first]
        assert plane.service_named()["deployments"][0]["failedTasks"] == 0

    play(story)


def test_scale_in_stops_tasks_for_the_deployment(play: Play) -> None:
    """ServiceSchedulerInitiated, with the deployment in the reason."""

    async def story(plane: Any) -> None:
        create(plane, 2)
        await plane.steady()
        plane.call("UpdateService", service="web", desiredCount=0)
        await plane.until(lambda: len(tasks(plane, "STOPPED")) == 2)
        task = await plane.ended(tasks(plane, "STOPPED")[0])
        deployment = plane.service_named()["deployments"][0]["id"]
        assert task["stopCode"] == "ServiceSchedulerInitiated"
        assert task["stoppedReason"] == f"Scaling activity initiated by (deployment {deployment})"
        await plane.steady()
        assert plane.messages()[1].startswith("(service web) has stopped 2 running tasks: (task ")

    play(story)


def test_load_balancers_are_told_in_events(play: Play) -> None:
    """Targets are registered when tasks run; they are deregistered and drained before tasks stop."""

    async def story(plane: Any) -> None:
        create(plane, loadBalancers=[{"targetGroupArn": TARGETS, "containerName": "app", "containerPort": 80}])
        await plane.steady()
        assert f"(service web) registered 1 targets in (target-group {TARGETS})" in plane.messages()
        plane.call("UpdateService", service="web", desiredCount=0)
        await plane.until(lambda: len(tasks(plane, "STOPPED")) == 1)
        messages = [each.partition(": ")[0] for each in plane.messages()]
        at = messages.index("(service web) has stopped 1 running tasks")
        assert messages[at + 1 : at + 3] == [
            "(service web) has begun draining connections on 1 tasks.",
            f"(service web) deregistered 1 targets in (target-group {TARGETS})",
        ]

    play(story)


def test_an_unhealthy_task_is_stopped_and_replaced(play: Play) -> None:
    """There is no own code for it: ServiceSchedulerInitiated and the reason tell."""

    async def story(plane: Any) -> None:
        plane.define(image="falls_ill", healthCheck={"command": ["CMD", "true"]})
        plane.call("CreateService", serviceName="web", taskDefinition="web", desiredCount=1)
        await plane.until(lambda: len(tasks(plane, "STOPPED")) >= 2)
        task = await plane.ended(tasks(plane, "STOPPED")[0])
        assert (task["stopCode"], task["stoppedReason"]) == (
            "ServiceSchedulerInitiated",
            "Task failed container health checks",
        )

    play(story)


def test_tasks_that_never_start_are_started_ever_more_slowly(play: Play) -> None:
    """After three failures the service says so once, and EventBridge hears a warning."""

    async def story(plane: Any) -> None:
        create(plane, image="cannot_pull")
        await plane.until(lambda: len(tasks(plane, "STOPPED")) >= 5)
        impaired = [each for each in plane.messages() if "is unable to consistently start tasks successfully." in each]
        assert len(impaired) == 1
        warnings = [e["detail"] for e in plane.events if e["detail-type"] == "ECS Service Action"]
        assert [(each["eventType"], each["eventName"]) for each in warnings] == [
            ("WARN", "SERVICE_TASK_START_IMPAIRED")
        ]

    play(story)


def test_a_task_that_ends_at_once_counts_as_one_that_could_not_start(play: Play) -> None:
    """A crash within the proving time is a failed start; the deployment is not completed by it."""

    async def story(plane: Any) -> None:
        create(plane, image="exits")
        await plane.until(lambda: any("unable to consistently" in each for each in plane.messages()))
        [deployment] = plane.service_named()["deployments"]
        assert deployment["failedTasks"] >= 3
        assert deployment["rolloutState"] == "IN_PROGRESS"

    play(
        story,
        pacing=Pacing(provisioning=0, stopping=0, deprovisioning=0, backoff=0.001, backoff_limit=0.001, proving=60),
    )


def test_a_new_definition_is_rolled_out(play: Play) -> None:
    """The old tasks go once the new ones run; one deployment is left."""

    async def story(plane: Any) -> None:
        create(plane, 2)
        await plane.steady()
        old = tasks(plane)
        second = plane.define()
        answer = plane.call("UpdateService", service="web", taskDefinition="web:2")["service"]
        assert [each["status"] for each in answer["deployments"]] == ["PRIMARY", "ACTIVE"]
        await plane.until(lambda: len(plane.service_named()["deployments"]) == 1)
        service = plane.service_named()
        assert service["taskDefinition"] == second
        assert {plane.task(arn)["taskDefinitionArn"] for arn in tasks(plane)} == {second}
        assert set(old) <= set(tasks(plane, "STOPPED"))

    play(story)


def test_without_a_change_there_is_no_new_deployment_unless_forced(play: Play) -> None:
    """The same definition again changes nothing; forceNewDeployment replaces the tasks."""

    async def story(plane: Any) -> None:
        create(plane)
        await plane.steady()
        first = plane.service_named()["deployments"][0]["id"]
        plane.call("UpdateService", service="web", taskDefinition="web:1")
        assert [each["id"] for each in plane.service_named()["deployments"]] == [first]
        plane.call("UpdateService", service="web", forceNewDeployment=True)
        await plane.until(lambda: plane.service_named()["deployments"][-1]["id"] != first)
        await plane.steady()

    play(story)


def test_percentages_that_block_a_deployment_are_told_once(play: Play) -> None:
    """100/150 of one task leaves no room."""

    async def story(plane: Any) -> None:
        limits = {"minimumHealthyPercent": 100, "maximumPercent": 150}
        create(plane, deploymentConfiguration=limits)
        await plane.steady()
        plane.define()
        plane.call("UpdateService", service="web", taskDefinition="web")
        await plane.until(lambda: "was unable to stop or start tasks during a deployment" in plane.messages()[0])
        plane.call("UpdateService", service="web", deploymentConfiguration={"maximumPercent": 200})
        await plane.until(lambda: len(plane.service_named()["deployments"]) == 1)
        assert sum("was unable to stop or start" in each for each in plane.messages()) == 1

    play(story)


def test_a_deleted_service_drains_and_is_inactive_without_events(play: Play) -> None:
    """DeleteService is refused while it is scaled above 0, unless by force."""

    async def story(plane: Any) -> None:
        create(plane)
        await plane.steady()
        answer = plane.call("DeleteService", service="web", force=True)["service"]
        assert answer["status"] == "DRAINING"
        await plane.until(lambda: plane.service_named()["status"] == "INACTIVE")
        service = plane.service_named()
        assert (service["events"], service["deployments"], service["runningCount"]) == ([], [], 0)
        assert plane.call("ListServices")["serviceArns"] == []
        create(plane)
        await plane.steady()

    play(story)


def test_events_are_at_most_a_hundred(play: Play) -> None:
    """The oldest ones go; the newest is the first."""

    async def story(plane: Any) -> None:
        arn = create(plane, 0)["serviceArn"]
        events = plane.service._context.schedulers[arn].events  # said inside, since it would take 100 tasks otherwise
        for number in range(150):
            events.say(str(number))
        assert plane.messages() == [str(number) for number in range(149, 49, -1)]

    play(story)
