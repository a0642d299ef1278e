import pytest
from mypy_boto3_logs import CloudWatchLogsClient


def test_a_group_is_created_described_and_deleted(client: CloudWatchLogsClient, group: str, now: int) -> None:
    """A new group has its time, class and both forms of its ARN; a deleted one is gone."""
    [found] = client.describe_log_groups(logGroupNamePrefix=group)["logGroups"]
    assert found["logGroupName"] == group
    assert found["creationTime"] == now
    assert found["arn"] == f"arn:aws:logs:us-east-1:123456789012:log-group:{group}:*"
    assert found["logGroupArn"] == f"arn:aws:logs:us-east-1:123456789012:log-group:{group}"
    assert found["logGroupClass"] == "STANDARD"
    assert "retentionInDays" not in found

    client.delete_log_group(logGroupName=group)

    assert client.describe_log_groups(logGroupNamePrefix=group)["logGroups"] == []
    with pytest.raises(client.exceptions.ResourceNotFoundException, match="The specified log group does not exist"):
        client.delete_log_group(logGroupName=group)


def test_a_second_group_of_a_name_is_refused(client: CloudWatchLogsClient, group: str) -> None:
    """The typed exception of the model arrives."""
    with pytest.raises(client.exceptions.ResourceAlreadyExistsException, match="already exists"):
        client.create_log_group(logGroupName=group)


@pytest.mark.parametrize("name", ["", "a b", "x" * 513])
def test_a_wrong_group_name_is_refused(client: CloudWatchLogsClient, name: str) -> None:
    """Length and pattern of the model count."""
    with pytest.raises(client.exceptions.InvalidParameterException):
        client.create_log_group(logGroupName=name)


def test_groups_come_in_pages(client: CloudWatchLogsClient) -> None:
    """Seven groups in pages of three are each listed once, in ASCII order."""
    names = sorted(f"/pages/{letter}" for letter in "gfedcba")
    for name in reversed(names):
        client.create_log_group(logGroupName=name)

    pages = list(
        client.get_paginator("describe_log_groups").paginate(
            logGroupNamePrefix="/pages/", PaginationConfig={"PageSize": 3}
        )
    )

    assert [group["logGroupName"] for page in pages for group in page["logGroups"]] == names
    assert len(pages) == 3


def test_groups_are_found_by_part_of_the_name_and_by_identifier(client: CloudWatchLogsClient, group: str) -> None:
    """A pattern is a substring and gives name, time and ARN alone; identifiers are names or ARNs."""
    client.create_log_group(logGroupName="/find/Needle/x")

    [found] = client.describe_log_groups(logGroupNamePattern="Needle")["logGroups"]
    assert set(found) == {"logGroupName", "creationTime", "arn"}
    assert client.describe_log_groups(logGroupNamePattern="needle")["logGroups"] == []
    by_identifier = client.describe_log_groups(logGroupIdentifiers=[group])["logGroups"]
    assert [each["logGroupName"] for each in by_identifier] == [group]
    with pytest.raises(client.exceptions.InvalidParameterException):
        client.describe_log_groups(logGroupNamePattern="a", logGroupNamePrefix="b")
    with pytest.raises(client.exceptions.InvalidParameterException):
        client.describe_log_groups(logGroupIdentifiers=["a"], logGroupNamePrefix="b")


def test_more_than_fifty_a_page_is_refused(client: CloudWatchLogsClient) -> None:
    """The limit of the model is checked, in AWS's wording."""
    with pytest.raises(client.exceptions.InvalidParameterException, match="less than or equal to 50"):
        client.describe_log_groups(limit=51)


def test_retention_takes_the_documented_days_only(client: CloudWatchLogsClient, group: str) -> None:
    """30 days are set and taken away; 31 are refused."""
    client.put_retention_policy(logGroupName=group, retentionInDays=30)
    assert client.describe_log_groups(logGroupNamePrefix=group)["logGroups"][0]["retentionInDays"] == 30

    client.delete_retention_policy(logGroupName=group)
    assert "retentionInDays" not in client.describe_log_groups(logGroupNamePrefix=group)["logGroups"][0]
    with pytest.raises(client.exceptions.InvalidParameterException, match="31"):
        client.put_retention_policy(logGroupName=group, retentionInDays=31)


def test_tags_are_set_listed_and_taken_away(client: CloudWatchLogsClient) -> None:
    """Tags given at creation and later are one set."""
    client.create_log_group(logGroupName="/tags", tags={"team": "a"})
    arn = client.describe_log_groups(logGroupNamePrefix="/tags")["logGroups"][0]["logGroupArn"]

    client.tag_resource(resourceArn=arn, tags={"stage": "test"})
    client.untag_resource(resourceArn=arn, tagKeys=["team", "nothing"])

    assert client.list_tags_for_resource(resourceArn=arn)["tags"] == {"stage": "test"}
    with pytest.raises(client.exceptions.TooManyTagsException):
        client.tag_resource(resourceArn=arn, tags={str(number): "x" for number in range(50)})
    with pytest.raises(client.exceptions.ResourceNotFoundException):
        client.list_tags_for_resource(resourceArn=f"{arn}-other")
    with pytest.raises(client.exceptions.InvalidParameterException):
        client.list_tags_for_resource(resourceArn="no-arn")


def test_a_protected_group_is_not_deleted(client: CloudWatchLogsClient) -> None:
    """Deletion protection holds."""
    client.create_log_group(logGroupName="/protected", deletionProtectionEnabled=True)
    with pytest.raises(client.exceptions.ValidationException):
        client.delete_log_group(logGroupName="/protected")


def test_a_wrong_page_token_is_refused(client: CloudWatchLogsClient) -> None:
    """A token that no answer gave is a bad parameter."""
    for token in ("rubbish", "W10", "WzFd", "é"):
        with pytest.raises(client.exceptions.InvalidParameterException, match="nextToken"):
            client.describe_log_groups(nextToken=token)
