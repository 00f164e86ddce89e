"""Errors as clients see them: a stable code, and never the text of an unforeseen failure."""

import logging

import strawberry
from graphql import GraphQLError
from strawberry.extensions import MaskErrors
from strawberry.types import ExecutionContext

from chassis.errors import InternalError, InvalidError, VigilError

log = logging.getLogger(__name__)


def code_of(kind: str) -> str:
    """``extensions.code`` for a kind of error."""
    return kind.upper()


def refusal_in(error: GraphQLError) -> VigilError:
    """What went wrong, in words that may leave the house."""
    cause = error.original_error
    while isinstance(cause, GraphQLError):
        cause = cause.original_error
    if isinstance(cause, VigilError):
        return cause
    if isinstance(cause, UnicodeEncodeError):
        return InvalidError("bad_text", "the text holds a character that is not Unicode")
    # Syntax, validation and coercion are about the client's own document: they come before any
    # resolver, so without a path, and point into it. A subscription's failure does neither.
    if error.path is None and (cause is None or error.nodes):
        return InvalidError("bad_query", error.message)
    return InternalError("internal", "the service failed; its log says where")


class PresentErrors(MaskErrors):
    """Give every error ``extensions.code`` and ``extensions.slug``, in results and streams."""

    def anonymise_error(self, error: GraphQLError) -> GraphQLError:
        """The error as the client gets it."""
        refusal = refusal_in(error)
        return GraphQLError(
            refusal.message,
            nodes=error.nodes,
            source=error.source,
            positions=error.positions,
            path=error.path,
            extensions={"code": code_of(refusal.kind), "slug": refusal.slug},
        )


class QuietSchema(strawberry.Schema):
    """Logs failures by type and place alone: Strawberry would log the text, and the document."""

    def process_errors(
        self,
        errors: list[GraphQLError],
        execution_context: ExecutionContext | None = None,  # noqa: ARG002 - Strawberry's signature
    ) -> None:
        """Log what nobody foresaw; a refusal is the answering service's to log."""
        for error in errors:
            if isinstance(refusal_in(error), InternalError):
                where = ".".join(str(step) for step in error.path or ("subscription",))
                log.error("the field %s failed", where, exc_info=error.original_error)
