variable "package" {
  description = "Path of the archive that `taskscope lambda package -o taskscope.zip` wrote."
  type        = string
}

variable "function_name" {
  description = "Name of the function, and the end of its log group's name."
  type        = string
  default     = "taskscope"
}

variable "cluster_arn" {
  description = "Only tasks of this cluster are told; empty for those of every cluster."
  type        = string
  default     = ""
}

variable "duration" {
  description = "Log lines around the start and the end of a task that are told (TASKSCOPE_DURATION), such as 90s or 5m."
  type        = string
  default     = "1m"
}

variable "topic_arn" {
  description = "SNS topic that gets each report (TASKSCOPE_SNS); empty for none."
  type        = string
  default     = ""
}

variable "stdout" {
  description = "Whether reports go to the function's log (TASKSCOPE_STDOUT)."
  type        = bool
  default     = true
}

variable "dead_letter_queue" {
  description = "Whether an SQS queue keeps events that could not be delivered or told."
  type        = bool
  default     = false
}

variable "retention_days" {
  description = "Days that the log group keeps reports."
  type        = number
  default     = 30
}

variable "timeout_seconds" {
  description = "Seconds that one report may take; long windows of many log lines take longer."
  type        = number
  default     = 120
}

variable "memory_size" {
  description = "Memory of the function in MB."
  type        = number
  default     = 256
}
