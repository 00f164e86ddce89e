"""``GET /``: says what is here."""

from fastapi import APIRouter
from starlette.responses import HTMLResponse

_PAGE = """<!doctype html>
<html lang="en-GB">
<meta charset="utf-8">
<title>Vigil gateway</title>
<h1>Vigil gateway</h1>
<p>Every address below the first wants <code>Authorization: Bearer &lt;token&gt;</code>.</p>
<ul>
<li><a href="/docs">/docs</a>: the plain HTTP routes</li>
<li><code>POST /graphql</code>: incidents, alerts, coverage, policy and figures{graphiql}</li>
<li><code>GET /v1/events</code>: the school's events as they happen</li>
<li><code>GET /v1/reports/summary.csv</code>: figures for a spreadsheet</li>
</ul>
</html>
"""
_GRAPHIQL = ' (<a href="/graphql">GraphiQL</a>)'


def router(*, graphiql: bool) -> APIRouter:
    """The route."""
    routes = APIRouter()
    page = _PAGE.format(graphiql=_GRAPHIQL if graphiql else "")

    @routes.get("/", include_in_schema=False)
    async def front_page() -> HTMLResponse:
        return HTMLResponse(page)

    return routes
