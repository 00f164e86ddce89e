"""One span and one duration an operation. A span for every field costs more than the fields."""

from collections.abc import Iterator

from graphql import FieldNode
from strawberry.extensions import SchemaExtension

from chassis.telemetry.handlers import handling
from gateway.schema.context import Context


class TraceOperation(SchemaExtension):
    """Traces execution, under the name of the first field: the operation's own is the client's."""

    def on_execute(self) -> Iterator[None]:
        """After validation, so every name is one of the schema's; a subscription's start only."""
        with handling("http", self._name(), self._carried()):
            yield

    def _name(self) -> str:
        execution = self.execution_context
        kind = execution.operation_type.value
        document = execution.graphql_document
        for definition in document.definitions if document else ():
            for node in getattr(getattr(definition, "selection_set", None), "selections", ()):
                if isinstance(node, FieldNode) and not node.name.value.startswith("__"):
                    return f"graphql {kind} {node.name.value}"
        return f"graphql {kind}"

    def _carried(self) -> dict[str, str]:
        context = self.execution_context.context
        request = context.request if isinstance(context, Context) else None
        return dict(request.headers) if request is not None else {}
