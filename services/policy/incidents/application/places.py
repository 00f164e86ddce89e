"""The associated data of each sealed value: what it is and where it belongs."""


def activity_place(device_id: str, batch_id: str) -> str:
    """A batch, as capture seals it."""
    return f"activity:{device_id}:{batch_id}"


def finding_place(finding_id: str) -> str:
    """A finding's words, as evaluation seals them."""
    return f"finding:{finding_id}"


def context_place(finding_id: str) -> str:
    """The activities around a finding."""
    return f"context:{finding_id}"


def note_place(incident_id: str, note_id: str) -> str:
    """A note."""
    return f"note:{incident_id}:{note_id}"


def rationale_place(incident_id: str) -> str:
    """The reason of a closure."""
    return f"rationale:{incident_id}"
