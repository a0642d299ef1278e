"""``taskscope iam-policy``: print the permissions that a feature needs."""

import json

import click

from taskscope.aws.iam_policies import FEATURES, policy
from taskscope.aws.iam_scope import Scope


def _complete(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[str]:
    return [name for name in FEATURES if name.startswith(incomplete)]


@click.command("iam-policy")
@click.argument("features", nargs=-1, metavar="[FEATURE]...", shell_complete=_complete)
@click.option("--list", "listing", is_flag=True, help="List the features.")
@click.option("--account", default="*", help="Narrow to this account.", metavar="ID")
@click.option("--region", default="*", help="Narrow to this region.", metavar="REGION")
@click.option("--function-name", default="*", help="Narrow the log of lambda to this function.", metavar="NAME")
@click.option(
    "--topic-arn", help="The SNS topic that gets reports; without it lambda may publish nowhere.", metavar="ARN"
)
@click.option("--queue-arn", help="The SQS queue that lambda or event-queue receives from.", metavar="ARN")
@click.option("--dead-letter-arn", help="The SQS queue that keeps what lambda failed to tell.", metavar="ARN")
def iam_policy(
    features: tuple[str, ...],
    *,
    listing: bool,
    account: str,
    region: str,
    function_name: str,
    topic_arn: str | None,
    queue_arn: str | None,
    dead_letter_arn: str | None,
) -> None:
    """
    Print the least IAM policy for each FEATURE as one JSON document; without one, for all that change nothing.

    It can be attached to a role as it is: aws iam put-role-policy --policy-document "$(taskscope iam-policy trace)" …
    """
    if listing:
        width = max(map(len, FEATURES))
        for name, feature in FEATURES.items():
            click.echo(f"{name:{width}}  {feature.summary}")
        return
    scope = Scope(account, region, function_name, topic_arn, queue_arn, dead_letter_arn)
    click.echo(json.dumps(policy(features, scope), indent=2))
