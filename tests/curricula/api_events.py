"""What the trail says of what a program did."""

from typing import Any


def contexts_of(model: Any) -> list[dict[str, Any]]:
    """Who, by which key, and by which step, of every event of the model, the oldest first."""
    events = model.pgh_event_model.objects.order_by("pgh_id").select_related("pgh_context")
    return [event.pgh_context.metadata for event in events if event.pgh_context]
