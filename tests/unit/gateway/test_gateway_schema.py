"""The schema against the contracts: one definition, declared, not defined a second time."""

from pathlib import Path

import pytest
from google.protobuf.descriptor import FieldDescriptor
from graphql import (
    GraphQLEnumType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    get_named_type,
)
from strawberry.utils.str_converters import to_camel_case

import gateway.schema
from gateway.schema.reading import SHOWN
from gateway.schema.schema import create_schema

SCHEMA = create_schema(introspection=True)
TYPES = SCHEMA._schema.type_map

HELPERS = {"Incident": {"id"}, "Case": {"escalations"}}
"""Fields with a resolver of their own."""
OF_GRAPHQL = {
    *("Query", "Mutation", "Subscription", "PageInfo"),
    *("IncidentConnection", "IncidentEdge", "IncidentWritten", "IncidentChange"),
}
"""Object types that stand for no message."""
WHOLE = FieldDescriptor
SCALARS = {
    WHOLE.TYPE_STRING: {"String", "ID"},
    WHOLE.TYPE_BOOL: {"Boolean"},
    WHOLE.TYPE_DOUBLE: {"Float"},
    WHOLE.TYPE_INT32: {"Int"},
    WHOLE.TYPE_UINT32: {"Int"},
    WHOLE.TYPE_INT64: {"BigInt"},
    WHOLE.TYPE_UINT64: {"BigInt"},
}


def is_list(declared: GraphQLOutputType) -> bool:
    inner = declared.of_type if isinstance(declared, GraphQLNonNull) else declared
    return isinstance(inner, GraphQLList)


def test_the_committed_schema_is_this_one() -> None:
    committed = Path(gateway.schema.__file__).parents[1] / "schema.graphql"
    assert committed.read_text() == SCHEMA.as_str() + "\n", (
        "run: python -m gateway.schema > gateway/schema.graphql"
    )


def test_every_object_type_declares_a_message() -> None:
    objects = {
        name
        for name, type_ in TYPES.items()
        if isinstance(type_, GraphQLObjectType) and not name.startswith("__")
    }
    declared = set(SHOWN) & objects
    assert objects == declared | OF_GRAPHQL
    assert set(SHOWN) == declared


@pytest.mark.parametrize("name", sorted(SHOWN))
def test_a_type_declares_its_messages_fields_and_all_of_them(name: str) -> None:
    declared = TYPES[name]
    assert isinstance(declared, GraphQLObjectType)
    left = {field: spec.type for field, spec in declared.fields.items()}
    for helper in HELPERS.get(name, ()):
        del left[helper]
    for field in SHOWN[name].DESCRIPTOR.fields:
        plain, moment = (to_camel_case(n) for n in (field.name, field.name.removesuffix("_ms")))
        if plain in left:
            check(field, left.pop(plain))
        else:
            assert field.type == FieldDescriptor.TYPE_INT64
            assert get_named_type(left.pop(moment)).name == "DateTime"
    assert not left, f"{name} declares what its message has not"


def check(field: FieldDescriptor, declared: GraphQLOutputType) -> None:
    named = get_named_type(declared)
    assert is_list(declared) == field.is_repeated, field.full_name
    if field.has_presence and field.message_type is None:
        assert not isinstance(declared, GraphQLNonNull), f"{field.full_name} may be unset"
    elif field.message_type is None:
        assert isinstance(declared, GraphQLNonNull), f"{field.full_name} is never unset"
    if field.message_type is not None:
        assert SHOWN[named.name].DESCRIPTOR is field.message_type, field.full_name
    elif not isinstance(named, GraphQLEnumType):
        assert named.name in SCALARS[field.type], field.full_name


def test_names_and_words_are_reached_by_a_reveal_alone() -> None:
    roots: dict[str, set[str]] = {"Query": set(), "Mutation": set(), "Subscription": set()}
    for root, seen in roots.items():
        fields = TYPES[root]
        assert isinstance(fields, GraphQLObjectType)
        waiting = [spec.type for name, spec in fields.fields.items() if name != "reveal"]
        while waiting:
            named = get_named_type(waiting.pop())
            if isinstance(named, GraphQLObjectType) and named.name not in seen:
                seen.add(named.name)
                waiting += [spec.type for spec in named.fields.values()]
        assert not seen & {"Reveal", "RevealedFinding", "RevealedNote", "Activity", "Explanation"}


def test_a_failing_service_nulls_its_own_field_only() -> None:
    for root in ("Query", "Mutation"):
        type_ = TYPES[root]
        assert isinstance(type_, GraphQLObjectType)
        for name, spec in type_.fields.items():
            assert not isinstance(spec.type, GraphQLNonNull), name
