"""Ask the gateway once, by POST."""

import asyncio
from http import HTTPStatus
from types import TracebackType
from typing import Any, Self

import httpx

from vigil.graphql.errors import LostError, RefusedError, raise_first

ANSWER_WITHIN_S = 20.0
PAUSE_S = 0.5

Answer = dict[str, Any]


class Gateway:
    """One user's questions. Use as an async context manager."""

    def __init__(self, url: str, token: str) -> None:
        self.token = token
        self._url = url
        self._http = httpx.AsyncClient(timeout=ANSWER_WITHIN_S, trust_env=False)

    async def __aenter__(self) -> Self:
        """Nothing is sent yet."""
        return self

    async def __aexit__(
        self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None
    ) -> None:
        """Let the connection go."""
        await self._http.aclose()

    async def ask(self, document: str, tries: int = 1, **variables: Any) -> Answer:
        """The data of an answer without errors.

        What will pass is tried ``tries`` times. Raises LostError, or RefusedError.
        """
        for _ in range(tries - 1):
            try:
                return await self._once(document, variables)
            except LostError:
                await asyncio.sleep(PAUSE_S)
        return await self._once(document, variables)

    async def _once(self, document: str, variables: Answer) -> Answer:
        try:
            answer = await self._http.post(
                self._url,
                json={"query": document, "variables": variables},
                headers={"authorization": f"Bearer {self.token}"},
            )
        except httpx.TransportError as error:
            raise LostError(f"the gateway does not answer ({type(error).__name__})") from None
        if answer.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise LostError(f"the gateway answers {answer.status_code}")
        try:
            said = answer.json()
        except ValueError:
            raise RefusedError("NO_GATEWAY", f"{self._url} is no Vigil gateway") from None
        if answer.status_code == HTTPStatus.UNAUTHORIZED:
            raise RefusedError("UNAUTHENTICATED", said.get("detail", "the token is not valid"))
        if not isinstance(said, dict) or "data" not in said:
            detail = said.get("detail") if isinstance(said, dict) else None
            raise RefusedError("REFUSED", detail or f"the gateway answers {answer.status_code}")
        raise_first(said.get("errors") or ())
        data: Answer = said["data"]
        return data
