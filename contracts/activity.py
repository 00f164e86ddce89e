"""The JSON form in which agents post activity.

The sealed body of an ``activity.*`` message is this JSON, byte for byte as it came, so capture
validates it and evaluation reads it without a conversion in between. A test holds the field
names against ``contracts.capture.v1.Activity``.
"""

from enum import StrEnum
from typing import Annotated

import msgspec

MAX_ACTIVITIES = 500
"""Activities in one batch. Larger batches pass NATS's payload cap with long texts."""

MAX_BODY_BYTES = 524_288
"""Bytes of one batch as posted: half of NATS's default ``max_payload``, so a sealed one fits."""

MAX_TEXT = 32_768
"""Characters in one ``text``."""

Id = Annotated[str, msgspec.Meta(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_.:-]+$")]
Short = Annotated[str, msgspec.Meta(max_length=256)]
Long = Annotated[str, msgspec.Meta(max_length=4096)]
Login = Annotated[str, msgspec.Meta(min_length=1, max_length=256)]
Text = Annotated[str, msgspec.Meta(max_length=MAX_TEXT)]
EpochMs = Annotated[int, msgspec.Meta(ge=0, le=4_102_444_800_000)]


class Kind(StrEnum):
    """What the user did. A screenshot carries its title and application; pixels are not taken."""

    PAGE_VISIT = "page_visit"
    SEARCH = "search"
    TEXT_TYPED = "text_typed"
    MESSAGE_SENT = "message_sent"
    MESSAGE_RECEIVED = "message_received"
    APP_FOCUS = "app_focus"
    FILE_OPEN = "file_open"
    DOWNLOAD = "download"
    SCREENSHOT = "screenshot"


class Activity(
    msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True, omit_defaults=True
):
    """One thing somebody did. ``received_at``, school, device and person are the server's to say.

    ``id`` is unique on the device for ever; ``occurred_at_ms`` is the device's clock, in
    milliseconds since the epoch (UTC); ``login`` is the identity as the device knows it.
    """

    id: Id
    occurred_at_ms: EpochMs
    kind: Kind
    login: Login
    application: Short = ""
    url: Long = ""
    title: Long = ""
    text: Text = ""
    conversation: Short = ""
    counterpart: Short = ""
    offline: bool = False


class Batch(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    """What one device posts at once: one identity's activities, in the order of its spool."""

    batch_id: Id
    activities: Annotated[list[Activity], msgspec.Meta(min_length=1, max_length=MAX_ACTIVITIES)]
