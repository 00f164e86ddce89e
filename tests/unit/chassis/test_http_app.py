"""What the HTTP factory answers and what it leaves out of telemetry."""

import logging

import httpx
import pytest
from fastapi import FastAPI, Request
from opentelemetry import trace
from opentelemetry.propagate import inject
from opentelemetry.sdk.trace import TracerProvider

from chassis.errors import ConflictError
from chassis.http.app import bounded_body, create


@pytest.fixture
def app() -> FastAPI:
    made = create("test", "1", "")

    @made.get("/fails")
    async def fails() -> None:
        raise ValueError("zorblefinch")

    @made.get("/refuses")
    async def refuses() -> None:
        raise ConflictError("taken", "it is taken")

    @made.post("/takes")
    async def takes(request: Request) -> int:
        return len(await bounded_body(request, 10))

    @made.get("/traces")
    async def traces() -> dict[str, str]:
        carried: dict[str, str] = {}
        inject(carried)
        valid = trace.get_current_span().get_span_context().is_valid
        return {**carried, "valid": str(valid)}

    return made


@pytest.fixture
def client(app: FastAPI) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://vigil")


async def test_a_failure_says_nothing_of_its_text(
    client: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR):
        answered = await client.get("/fails")
    assert (answered.status_code, answered.json()["code"]) == (500, "internal")
    assert answered.headers["content-type"] == "application/problem+json"
    assert "zorblefinch" not in answered.text
    assert [record.getMessage() for record in caplog.records] == ["GET /fails failed"]


async def test_a_refusal_keeps_its_slug(client: httpx.AsyncClient) -> None:
    answered = await client.get("/refuses")
    assert (answered.status_code, answered.json()["code"]) == (409, "taken")
    assert (await client.get("/nowhere")).json()["code"] == "no_such_route"


async def test_a_body_is_bounded_whatever_it_declares(client: httpx.AsyncClient) -> None:
    async def pieces():  # type: ignore[no-untyped-def]  # noqa: ANN202 - httpx's own form
        for _ in range(3):
            yield b"12345"

    assert (await client.post("/takes", content=b"1234567890")).json() == 10
    assert (await client.post("/takes", content=b"12345678901")).status_code == 413
    assert (await client.post("/takes", content=pieces())).status_code == 413


async def test_the_framework_traces_nothing_by_itself(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its spans would hold query strings and go on with a stranger's free text."""
    # As ``chassis.telemetry.setup`` installs it, for this test alone.
    monkeypatch.setattr("opentelemetry.trace._TRACER_PROVIDER", TracerProvider())
    stranger = {
        "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "tracestate": "vigil=zorblefinch",
    }
    answered = await client.get("/traces?q=zorblefinch", headers=stranger)
    assert answered.json() == {"valid": "False"}
