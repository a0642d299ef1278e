# The function that tells the story of every Amazon ECS task that stops: the same as template.yaml.

data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}
data "aws_region" "current" {}

locals {
  partition = data.aws_partition.current.partition
  place     = "${data.aws_region.current.name}:${data.aws_caller_identity.current.account_id}"
}

resource "aws_lambda_function" "taskscope" {
  function_name    = var.function_name
  description      = "Tells the story of every Amazon ECS task that stops."
  filename         = var.package
  source_code_hash = filebase64sha256(var.package)
  handler          = "taskscope.handler.task_stopped"
  runtime          = "python3.13"
  architectures    = ["arm64"]
  memory_size      = var.memory_size
  timeout          = var.timeout_seconds
  role             = aws_iam_role.taskscope.arn

  logging_config {
    log_format = "Text"
    log_group  = aws_cloudwatch_log_group.taskscope.name
  }

  environment {
    variables = {
      TASKSCOPE_DURATION = var.duration
      TASKSCOPE_SNS      = var.topic_arn
      TASKSCOPE_STDOUT   = tostring(var.stdout)
    }
  }
}

resource "aws_cloudwatch_log_group" "taskscope" {
  name              = "/aws/lambda/${var.function_name}"
  retention_in_days = var.retention_days
}

resource "aws_iam_role" "taskscope" {
  name_prefix        = "${substr(var.function_name, 0, 32)}-"
  assume_role_policy = data.aws_iam_policy_document.trust.json
}

data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["lambda.amazonaws.com"]
    }
  }
}

resource "aws_iam_role_policy" "taskscope" {
  name   = "taskscope"
  role   = aws_iam_role.taskscope.id
  policy = data.aws_iam_policy_document.taskscope.json
}

# As `taskscope iam-policy lambda` prints it; a test compares the two.
data "aws_iam_policy_document" "taskscope" {
  statement {
    sid       = "ReadClusters"
    actions   = ["ecs:DescribeTaskDefinition"]
    resources = ["*"]
  }

  statement {
    sid     = "ReadTasks"
    actions = ["ecs:DescribeServices", "ecs:DescribeTasks"]
    resources = [
      "arn:${local.partition}:ecs:${local.place}:task/*",
      "arn:${local.partition}:ecs:${local.place}:service/*",
    ]
  }

  statement {
    sid       = "ReadContainerLogs"
    actions   = ["logs:GetLogEvents"]
    resources = ["arn:${local.partition}:logs:${local.place}:log-group:*:log-stream:*"]
  }

  statement {
    sid       = "WriteOwnLog"
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources = ["arn:${local.partition}:logs:${local.place}:log-group:/aws/lambda/${var.function_name}:*"]
  }

  dynamic "statement" {
    for_each = var.topic_arn == "" ? [] : [var.topic_arn]
    content {
      sid       = "PublishReport"
      actions   = ["sns:Publish"]
      resources = [statement.value]
    }
  }

  dynamic "statement" {
    for_each = aws_sqs_queue.dead_letters
    content {
      sid       = "KeepFailures"
      actions   = ["sqs:SendMessage"]
      resources = [statement.value.arn]
    }
  }
}

resource "aws_cloudwatch_event_rule" "taskscope" {
  name_prefix = "${substr(var.function_name, 0, 32)}-"
  description = "Amazon ECS tasks that have stopped."

  event_pattern = jsonencode({
    source      = ["aws.ecs"]
    detail-type = ["ECS Task State Change"]
    detail = merge(
      { lastStatus = ["STOPPED"] },
      var.cluster_arn == "" ? {} : { clusterArn = [var.cluster_arn] },
    )
  })
}

resource "aws_cloudwatch_event_target" "taskscope" {
  rule      = aws_cloudwatch_event_rule.taskscope.name
  target_id = "taskscope"
  arn       = aws_lambda_function.taskscope.arn

  dynamic "dead_letter_config" {
    for_each = aws_sqs_queue.dead_letters
    content {
      arn = dead_letter_config.value.arn
    }
  }
}

resource "aws_lambda_permission" "rule" {
  function_name = aws_lambda_function.taskscope.function_name
  action        = "lambda:InvokeFunction"
  principal     = "events.amazonaws.com"
  source_arn    = aws_cloudwatch_event_rule.taskscope.arn
}

# Lambda tries an event three times; what fails then goes to the queue, as does what the rule cannot deliver.
resource "aws_lambda_function_event_invoke_config" "failures" {
  count = var.dead_letter_queue ? 1 : 0

  function_name          = aws_lambda_function.taskscope.function_name
  maximum_retry_attempts = 2

  destination_config {
    on_failure {
      destination = aws_sqs_queue.dead_letters[0].arn
    }
  }

  # Lambda checks that the role may send to the queue.
  depends_on = [aws_iam_role_policy.taskscope]
}

resource "aws_sqs_queue" "dead_letters" {
  count = var.dead_letter_queue ? 1 : 0

  name_prefix               = "${substr(var.function_name, 0, 32)}-"
  message_retention_seconds = 1209600 # 14 days, the longest
  sqs_managed_sse_enabled   = true
}

data "aws_iam_policy_document" "dead_letters" {
  count = var.dead_letter_queue ? 1 : 0

  statement {
    actions   = ["sqs:SendMessage"]
    resources = [aws_sqs_queue.dead_letters[0].arn]

    principals {
      type        = "Service"
      identifiers = ["events.amazonaws.com"]
    }

    condition {
      test     = "ArnEquals"
      variable = "aws:SourceArn"
      values   = [aws_cloudwatch_event_rule.taskscope.arn]
    }
  }
}

resource "aws_sqs_queue_policy" "dead_letters" {
  count = var.dead_letter_queue ? 1 : 0

  queue_url = aws_sqs_queue.dead_letters[0].id
  policy    = data.aws_iam_policy_document.dead_letters[0].json
}
