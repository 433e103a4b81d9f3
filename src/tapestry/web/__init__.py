"""The web layer: HTTP API, live feed and the console's files, as one ASGI application.

In: requests of browsers and programs. Out: JSON, WebSocket messages, files. Never: a decision who may do
what, SQL, a position or a name or a key in an error.
"""

from tapestry.web._app import ENDPOINTS, build_app, run_chores
from tapestry.web._marti_app import build_marti_app
from tapestry.web._services import Services, WebSettings

__all__ = ["ENDPOINTS", "Services", "WebSettings", "build_app", "build_marti_app", "run_chores"]
