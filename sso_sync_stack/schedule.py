"""The schedule: starts the function every so often."""

from aws_cdk import Aws, Duration, TimeZone
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_scheduler as scheduler
from aws_cdk import aws_scheduler_targets as targets
from constructs import Construct

from sso_sync.settings.types import DeploymentSettings
from sso_sync_stack.permissions import allow

SECONDS = {"minute": 60, "hour": 3600, "day": 86400}
CRON_WAITS = Duration.minutes(15)


def longest_wait(schedule: str) -> Duration:
    """Say how long a run may wait for its start: until the next is due, within Lambda's 1 minute to 6 hours."""
    if schedule == "off" or schedule.startswith("cron"):
        return CRON_WAITS
    number, unit = schedule.split()
    return Duration.seconds(max(60, min(int(number) * SECONDS[unit.removesuffix("s")], 6 * 3600)))


class Schedule(Construct):
    """Invokes a function with {"trigger": "schedule"}; a start that fails is not repeated, the next one follows."""

    def __init__(
        self, scope: Construct, id_: str, *, settings: DeploymentSettings, function: lambda_.IFunction
    ) -> None:
        super().__init__(scope, id_)
        role = iam.Role(
            self,
            "Role",
            assumed_by=iam.ServicePrincipal(
                "scheduler.amazonaws.com", conditions={"StringEquals": {"aws:SourceAccount": Aws.ACCOUNT_ID}}
            ),
        )
        allow(role, "Invoke", ["lambda:InvokeFunction"], [function.function_arn])
        target = targets.LambdaInvoke(
            function,
            role=role.without_policy_updates(),  # which would allow every version of the function
            input=scheduler.ScheduleTargetInput.from_object({"trigger": "schedule"}),
            retry_attempts=0,
            max_event_age=longest_wait(settings.schedule),
        )
        scheduler.Schedule(
            self,
            "Schedule",
            schedule=_expression(settings),
            target=target,
            description=f"{settings.name}: every {settings.schedule}",
        )


def _expression(settings: DeploymentSettings) -> scheduler.ScheduleExpression:
    if settings.schedule.startswith("cron"):
        return scheduler.ScheduleExpression.expression(settings.schedule, TimeZone.of(settings.time_zone))
    return scheduler.ScheduleExpression.expression(f"rate({settings.schedule})")
