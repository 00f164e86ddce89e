"""Who is turned away early, and what is too much."""

import json
from typing import Any

import httpx


def slug(answered: Any) -> str:
    assert {error["extensions"]["code"] for error in answered["errors"]} == {"INVALID"}
    (found,) = {error["extensions"]["slug"] for error in answered["errors"]}
    return str(found)


async def test_without_a_valid_token_there_is_a_problem(
    start: Any, system: Any, school: str
) -> None:
    gateway = await start()
    expired = system.user_token(school, "dsl", ttl_s=-5)
    service = system.signer("incidents").service_token(school)
    for header, status, code in (
        (None, 401, "no_token"),
        ("Basic dTpw", 401, "no_token"),
        ("Bearer nonsense", 401, "bad_token"),
        (f"Bearer {expired}", 401, "token_expired"),
        (f"Bearer {service}", 403, "users_only"),
    ):
        for method, path in (
            ("POST", "/graphql"),
            ("GET", "/v1/events"),
            ("GET", "/v1/reports/summary.csv"),
        ):
            refused = await gateway.http.request(
                method,
                path,
                json={"query": "{ __typename }"},
                headers={"authorization": header} if header else {},
            )
            assert (refused.status_code, refused.json()["code"]) == (status, code)
            assert refused.headers["content-type"] == "application/problem+json"
            assert ("www-authenticate" in refused.headers) == (status == 401)


async def test_a_document_is_bounded(start: Any, system: Any, school: str) -> None:
    gateway = await start()
    token = system.user_token(school, "dsl")
    steps = "incident(id: 1) { findings { why { steps { rule } } } }"
    aliases = " ".join(f"a{n}: me {{ role }}" for n in range(16))
    for query in (
        "{ incidents { edges { node " + "{ id " * 12 + "}" * 12 + "} } }",
        f"{{ {aliases} }}",
        "{ me { " + "role " * 1_500 + "} }",
        "{ me { nothing } }",
        "{ me {",
        'mutation { setPlan(plan: {minimumSeverity: 1, steps: [{waitMs: "x"}]}) { position } }',
    ):
        assert slug(await gateway.graphql(token, query)) == "bad_query"
    assert "bad_query" not in str(await gateway.graphql(token, f"{{ __typename }} # {steps}"))


async def test_a_page_is_bounded(start: Any, system: Any, school: str) -> None:
    gateway = await start()
    for first in (0, 101):
        answered = await gateway.graphql(
            system.user_token(school, "dsl"), f"{{ incidents(first: {first}) {{ totalCount }} }}"
        )
        assert slug(answered) == "bad_first"


async def test_a_time_must_name_its_zone(start: Any, system: Any, school: str) -> None:
    gateway = await start()
    answered = await gateway.graphql(
        system.user_token(school, "dsl"), '{ summary(from: "2026-11-24T00:00:00") { incidents } }'
    )
    assert slug(answered) == "time_without_zone"


async def test_a_body_is_bounded_declared_or_not(start: Any, system: Any, school: str) -> None:
    gateway = await start(body_limit=2_000)
    body = json.dumps({"query": "{ __typename }", "padding": "x" * 2_000}).encode()
    headers = {
        "authorization": f"Bearer {system.user_token(school, 'dsl')}",
        "content-type": "application/json",
    }

    async def chunks() -> Any:
        for start_ in range(0, len(body), 500):
            yield body[start_ : start_ + 500]

    for content in (body, chunks()):
        refused = await gateway.http.post("/graphql", content=content, headers=headers)
        assert (refused.status_code, refused.json()["code"]) == (413, "body_too_large")


async def test_the_schema_tells_nothing_of_itself_unless_asked_to(
    start: Any, system: Any, school: str
) -> None:
    gateway = await start(introspection=False)
    token = system.user_token(school, "dsl")
    assert slug(await gateway.graphql(token, "{ __schema { types { name } } }")) == "bad_query"
    near_miss = await gateway.graphql(token, "{ incidenst { totalCount } }")
    assert "Did you mean" not in near_miss["errors"][0]["message"]
    assert "GraphiQL" not in (await gateway.http.get("/")).text
    assert (await gateway.http.get("/graphql", headers={"accept": "text/html"})).status_code == 404


async def test_the_front_page_graphiql_and_introspection(
    start: Any, system: Any, school: str
) -> None:
    gateway = await start()
    page = await gateway.http.get("/")
    assert page.headers["cache-control"] == "no-store"
    assert "GraphiQL" in page.text
    ide = await gateway.http.get("/graphql", headers={"accept": "text/html"})
    assert (ide.status_code, "GraphiQL" in ide.text) == (200, True)
    types = await gateway.graphql(
        system.user_token(school, "dsl"),
        "{ __schema { types { fields { type { ofType { ofType { ofType { name } } } } } } } }",
    )
    assert "errors" not in types


async def test_an_unforeseen_failure_is_masked_and_logged_by_its_place_alone(
    start: Any, system: Any, school: str, bus_as: Any, caplog: Any
) -> None:
    directory = await bus_as("directory")

    async def nonsense(message: Any) -> None:
        await directory.nc.publish(message.reply, b"\xff the pupil's words")

    await directory.nc.subscribe("ask.directory.>", cb=nonsense)
    gateway = await start()
    answered = await gateway.graphql(system.user_token(school, "dsl"), "{ me { role } }")
    assert answered == {
        "data": {"me": None},
        "errors": [
            {
                "message": "the service failed; its log says where",
                "locations": [{"line": 1, "column": 3}],
                "path": ["me"],
                "extensions": {"code": "INTERNAL", "slug": "internal"},
            }
        ],
    }
    assert [record.getMessage() for record in caplog.records] == ["the field me failed"]


async def test_queries_are_not_taken_by_get(start: Any) -> None:
    gateway = await start()
    answered = await gateway.http.get("/graphql", params={"query": "{ me { role } }"})
    assert answered.status_code == httpx.codes.BAD_REQUEST
