"""What a server keeps of a task beside what AWS does, asked over REST."""

from collections.abc import Collection
from urllib.parse import quote, urlencode

from taskscope.client.rest import Rest
from taskscope.errors import UnreachableError
from taskscope.model.document import from_document
from taskscope.model.timeline import Kind, TaskTimeline


def fetch_kept(rest: Rest, task_id: str, kinds: Collection[Kind], start_ns: int, end_ns: int) -> TaskTimeline:
    """
    Return events of a stretch of time: spans that entered a task or failed in it, readings of what it used.

    Errors are those of ``Rest``.

    Raises:
        UnreachableError: The answer is not understood.
    """
    asked = urlencode({"start": start_ns, "end": end_ns, "kinds": ",".join(kinds)})
    answer = rest.get(f"/api/tasks/{quote(task_id, safe='')}/timeline?{asked}")
    try:
        return from_document(TaskTimeline, answer)
    except ValueError as error:
        raise UnreachableError(
            f"the server's answer is not understood: {error}", hint="is it of another version than this program?"
        ) from None
