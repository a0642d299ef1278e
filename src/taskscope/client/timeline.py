"""The spans of a task, asked over REST."""

from urllib.parse import quote, urlencode

from taskscope.client.rest import Rest
from taskscope.errors import UnreachableError
from taskscope.model.document import from_document
from taskscope.model.timeline import Kind, TaskTimeline


def fetch_spans(rest: Rest, task_id: str, start_ns: int, end_ns: int) -> TaskTimeline:
    """
    Return the spans that entered a task in a stretch of time, or failed in it; errors are those of ``Rest``.

    Raises:
        UnreachableError: The answer is not understood.
    """
    asked = urlencode({"start": start_ns, "end": end_ns, "kinds": Kind.SPAN.value})
    answer = rest.get(f"/api/tasks/{quote(task_id, safe='')}/timeline?{asked}")
    try:
        return from_document(TaskTimeline, answer)
    except ValueError as error:
        raise UnreachableError(
            f"the server's answer is not understood: {error}", hint="is it of another version than this program?"
        ) from None
