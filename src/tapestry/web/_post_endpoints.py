"""The endpoint of posts: where teams should stand."""

from typing import Final

from tapestry.app.posts import PostQuestion
from tapestry.web._endpoint import Call, Endpoint

PLANNED_WITHIN_S: Final = 120.0  # three searches over some hundred places


async def plan(call: Call) -> object:
    """Return the layouts of three models."""
    return await call.services.desk.posts.plan(call.who, call.body(PostQuestion))


POST_ENDPOINTS: Final = (
    Endpoint(
        method="POST", path="/api/posts/plan", act=plan, body=PostQuestion, compress=True, within_s=PLANNED_WITHIN_S
    ),
)  # fmt: skip
