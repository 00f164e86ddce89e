"""What a command answers when nothing is to be read back."""

import strawberry

from contracts.common.v1 import common_pb2 as co
from gateway.schema.reading import shows


@shows(co.Written)
@strawberry.type(description="The write is stored.")
class Written:
    """Where the last event of a command stands."""

    position: str = strawberry.field(description="Give it as afterPosition to read your write.")
