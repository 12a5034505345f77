"""A Bluesky server in this process, for direct messages alone: what the program's own client talks with in most tests.

It signs accounts in, knows whose handles are, and passes the rest to the stand-in for the chat service. The real server
stands between the two in tests/servers/test_direct_messages.py.
"""

import base64
import json
import time
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import parse_qs

import httpx
from pydantic import SecretStr

from bot.platforms.bluesky.direct_messages import BlueskyMessages
from bot.platforms.memory import MemorySessionStore
from chat_standin import ChatService, LostAnswer, RefusalError

_SERVER: Final = "http://pds.test"
_PASSWORD: Final = "app-password"
_HOURS: Final = 7_200


@dataclass
class Server(httpx.BaseTransport):
    """A server: ``handles`` says who is called what, ``allowed`` whose app password may read messages."""

    service: ChatService
    handles: dict[str, str] = field(default_factory=dict)
    allowed: bool = True
    down: bool = False

    def messages(self, handle: str) -> BlueskyMessages:
        """Return the program's client for an account."""
        return BlueskyMessages(
            service=_SERVER,
            handle=handle,
            app_password=SecretStr(_PASSWORD),
            sessions=MemorySessionStore(),
            transport=self,
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer a request."""
        request.read()
        if self.down:
            raise httpx.ConnectError("nobody listens", request=request)
        method = request.url.path.rpartition("/")[2]
        try:
            return httpx.Response(200, json=self._answer(request, method), request=request)
        except RefusalError as error:
            body = {"error": error.error, "message": error.message}
            return httpx.Response(error.status, json=body, headers=dict(error.headers), request=request)
        except LostAnswer:
            raise httpx.ReadTimeout("the answer did not come", request=request) from None

    def _answer(self, request: httpx.Request, method: str) -> dict[str, Any]:
        body = json.loads(request.content) if request.content else {}
        params = {name: ",".join(values) for name, values in parse_qs(request.url.query.decode()).items()}
        match method:
            case "com.atproto.server.createSession":
                if body["password"] != _PASSWORD:
                    raise RefusalError("AuthenticationRequired", status=HTTPStatus.UNAUTHORIZED)
                return self._session(body["identifier"])
            case "com.atproto.server.refreshSession":
                return self._session(_payload(request)["handle"])
            case "com.atproto.identity.resolveHandle":
                return self._resolved(params["handle"])
        if not request.headers.get("atproto-proxy"):
            raise RefusalError("InvalidRequest", f"No service configured for {method}")
        if not self.allowed:
            raise RefusalError("InvalidToken", "Bad token method")
        return self.service.call(_payload(request)["sub"], method.rpartition(".")[2], params, body)

    def _session(self, handle: str) -> dict[str, Any]:
        did = self.handles[handle]
        token = _token({"sub": did, "handle": handle, "exp": int(time.time()) + _HOURS, "scope": "com.atproto.appPass"})
        return {"handle": handle, "did": did, "accessJwt": token, "refreshJwt": token, "active": True}

    def _resolved(self, handle: str) -> dict[str, Any]:
        if handle not in self.handles:
            raise RefusalError("HandleNotFound", "Unable to resolve handle")
        return {"did": self.handles[handle]}


def _token(claims: dict[str, Any]) -> str:
    parts: tuple[dict[str, Any], ...] = ({"alg": "none", "typ": "JWT"}, claims, {})
    return ".".join(base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts)


def _payload(request: httpx.Request) -> dict[str, Any]:
    part = request.headers["authorization"].split(".")[1]
    claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(part + "=="))
    return claims
