"""The one schema: a module per context, put together."""

import strawberry
from strawberry.schema.config import StrawberryConfig

from gateway.schema.alerting.mutations import AlertingMutations
from gateway.schema.alerting.queries import AlertingQueries
from gateway.schema.capture.queries import CaptureQueries
from gateway.schema.directory.mutations import DirectoryMutations
from gateway.schema.directory.queries import DirectoryQueries
from gateway.schema.errors import PresentErrors, QuietSchema
from gateway.schema.evaluation.mutations import EvaluationMutations
from gateway.schema.evaluation.queries import EvaluationQueries
from gateway.schema.incidents.mutations import IncidentMutations
from gateway.schema.incidents.queries import IncidentQueries
from gateway.schema.incidents.subscriptions import IncidentSubscriptions
from gateway.schema.reading import read
from gateway.schema.reporting.queries import ReportingQueries
from gateway.schema.scalars import SCALARS
from gateway.schema.tracing import TraceOperation
from gateway.security.limits import limits


@strawberry.type(
    description="What can be read. Each field is answered by its own service: "
    "one that fails is null, with an error beside it, and the others stand."
)
class Query(
    DirectoryQueries,
    IncidentQueries,
    CaptureQueries,
    AlertingQueries,
    EvaluationQueries,
    ReportingQueries,
):
    """All queries."""


@strawberry.type(description="What can be decided. Each answers with the position of its write.")
class Mutation(
    IncidentMutations,
    AlertingMutations,
    EvaluationMutations,
    DirectoryMutations,
):
    """All commands."""


@strawberry.type(description="What is pushed.")
class Subscription(IncidentSubscriptions):
    """All subscriptions."""


def create_schema(*, introspection: bool) -> QuietSchema:
    """The schema; without ``introspection`` it tells nothing of itself, in errors neither."""
    return QuietSchema(
        query=Query,
        mutation=Mutation,
        subscription=Subscription,
        config=StrawberryConfig(
            default_resolver=read,
            scalar_map=SCALARS,
            disable_field_suggestions=not introspection,
        ),
        extensions=[PresentErrors, *limits(introspection=introspection), TraceOperation],
    )
