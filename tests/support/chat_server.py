"""The stand-in for the chat service on 127.0.0.1, behind a real server, which forwards to it and vouches for accounts.

Who speaks stands in the service token of the server: signed with the key that the account directory has for the
account, for this service, for this method alone, and for a minute.
"""

import base64
import json
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest

from chat_standin import SERVICE, ChatService, LostAnswer, RefusalError
from harness_pds import Pds
from local_http import LocalHandler, LocalServer

_DID: Final = SERVICE.partition("#")[0]
_LONGEST: Final = 60  # seconds that a service token lives


class ChatServer(LocalServer):
    """Serves the stand-in; ``service`` may be replaced by a new one."""

    def __init__(self, plc_url: str) -> None:
        super().__init__(_Handler)
        self._plc_url = plc_url
        self.service = self.new_service()

    def new_service(self) -> ChatService:
        """Forget all conversations."""
        self.service = ChatService(name_of=self._name_of)
        return self.service

    def account_of(self, token: str, method: str) -> str:
        """Return whose token it is; raise RefusalError where it proves nothing."""
        from atproto_server.auth.jwt import verify_jwt  # slow to import, and most runs do without

        try:
            claims = verify_jwt(token, self._key, own_did=_DID)
        except Exception as error:
            raise RefusalError("AuthenticationRequired", str(error), HTTPStatus.UNAUTHORIZED) from error
        given = _claims(token)
        if given.get("lxm") != method:
            raise RefusalError("BadJwtLexiconMethod", str(given.get("lxm")), HTTPStatus.UNAUTHORIZED)
        if given["exp"] - given["iat"] > _LONGEST:
            raise RefusalError("AuthenticationRequired", "lives too long", HTTPStatus.UNAUTHORIZED)
        return str(claims.iss)

    def _key(self, did: str, _refresh: bool) -> str:  # as the library calls it
        return str(self._entry(did)["verificationMethods"]["atproto"])

    def _name_of(self, did: str) -> str:
        names = self._entry(did).get("alsoKnownAs", [])
        return str(names[0]).removeprefix("at://") if names else "handle.invalid"

    def _entry(self, did: str) -> dict[str, Any]:
        """Return what the account directory says of an account, nothing where it does not know it."""
        answer = httpx2.get(f"{self._plc_url}/{did}/data")
        return dict(answer.json()) if answer.is_success else {}


class _Handler(LocalHandler):
    server: ChatServer

    def serve(self) -> None:
        """Answer as the service does, through whoever sent the request."""
        body = self.read_body()
        split = urlsplit(self.path)
        method = split.path.rpartition("/")[2]
        params = {name: ",".join(values) for name, values in parse_qs(split.query).items()}
        try:
            me = self.server.account_of(self.headers.get("authorization", "").removeprefix("Bearer "), method)
            answer = self.server.service.call(me, method.rpartition(".")[2], params, json.loads(body) if body else {})
        except RefusalError as error:
            self._answer(error.status, {"error": error.error, "message": error.message}, dict(error.headers))
        except LostAnswer:
            self.reset_connection()
        else:
            self._answer(HTTPStatus.OK, answer, {})

    def _answer(self, status: HTTPStatus, body: dict[str, Any], headers: dict[str, str]) -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        for name, value in {"content-type": "application/json", "content-length": str(len(content)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)


def _claims(token: str) -> dict[str, Any]:
    part = token.split(".")[1]
    found: dict[str, Any] = json.loads(base64.urlsafe_b64decode(part + "=="))
    return found


@pytest.fixture(scope="session")
def chat_server(pds: Pds) -> Iterator[ChatServer]:
    """Run the stand-in behind the real server for the whole session."""
    server = ChatServer(pds.plc_url)
    server.start()
    pds.route(SERVICE, server.url)
    yield server
    server.stop()


@pytest.fixture
def chat_service(chat_server: ChatServer) -> ChatService:
    """Return the stand-in behind the real server, without any conversation."""
    return chat_server.new_service()
