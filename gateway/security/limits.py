"""How much one GraphQL document may ask for."""

from collections.abc import Callable, Iterator
from contextlib import suppress

from graphql import GraphQLError, ValidationRule
from graphql.validation import NoSchemaIntrospectionCustomRule
from strawberry.extensions import (
    AddValidationRules,
    MaxAliasesLimiter,
    MaxTokensLimiter,
    ParserCache,
    QueryDepthLimiter,
    SchemaExtension,
    ValidationCache,
)

MAX_DEPTH = 8
"""The deepest query of use, a reveal's steps, has six levels."""
MAX_ALIASES = 15
MAX_TOKENS = 1_500
CACHED_DOCUMENTS = 500


class CachedParse(ParserCache):
    """Leaves what does not parse to Strawberry, whose error passes ``PresentErrors``."""

    def on_parse(self) -> Iterator[None]:
        """Fill in the document if it is one."""
        execution = self.execution_context
        with suppress(GraphQLError):
            execution.graphql_document = self.cached_parse_document(
                execution.query, **execution.parse_options
            )
        yield


def limits(*, introspection: bool) -> list[Callable[[], SchemaExtension]]:
    """Extensions that bound a document, and the caches that make checking it cheap."""
    # The cache's key holds the rule classes, and each limiter makes a new class: made once here.
    rules: list[type[ValidationRule]] = [
        *_rules(QueryDepthLimiter(max_depth=MAX_DEPTH)),
        *_rules(MaxAliasesLimiter(max_alias_count=MAX_ALIASES)),
    ]
    if not introspection:
        rules.append(NoSchemaIntrospectionCustomRule)
    return [
        lambda: MaxTokensLimiter(max_token_count=MAX_TOKENS),
        lambda: AddValidationRules(list(rules)),
        lambda: CachedParse(maxsize=CACHED_DOCUMENTS),
        lambda: ValidationCache(maxsize=CACHED_DOCUMENTS),
    ]


def _rules(limiter: AddValidationRules) -> list[type[ValidationRule]]:
    return [rule for rule in limiter.validation_rules if issubclass(rule, ValidationRule)]
