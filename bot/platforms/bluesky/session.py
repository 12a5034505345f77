"""One account's session with its Bluesky server: sign in as seldom as possible, and keep every new token at once.

Servers allow few log-ins a day, so a stored session is used as long as it can be refreshed. This module never shows a
token or the password, and never sends either anywhere but to the account's own server.
"""

from contextlib import closing, suppress

import httpx
from atproto import Client, Request, Session, SessionEvent, models
from atproto.exceptions import AtProtocolError, BadRequestError
from pydantic import SecretStr

from bot.platforms.bluesky.errors import SDK_FAILURES, read_failure, sign_in_failure, token_refused
from bot.platforms.bluesky.post_urls import DID, is_handle
from bot.platforms.bluesky.transport import BoundedTransport
from bot.platforms.sessions import SessionStore


class BlueskySession:
    """The signed-in client of one account."""

    def __init__(
        self,
        *,
        service: str,
        handle: str,
        app_password: SecretStr,
        sessions: SessionStore,
        timeout: float,
        deadline: float,
        transport: httpx.BaseTransport | None,
    ) -> None:
        self._service = service
        self._handle = handle
        self._app_password = app_password
        self._sessions = sessions
        self._timeout = timeout
        self._deadline = deadline
        self._transport = transport
        self._client: Client | None = None
        self._in_doubt = False  # a stored session, whose handle may have moved

    def client(self) -> Client:
        """Return a client with a session, the stored one where there is one; raises as ``renew`` does.

        A stored session is believed without asking the server: whether it still works shows at its first use.
        """
        if self._client is None:
            self._client = self._restore() or self._sign_in()
        return self._client

    def current(self) -> Session:
        """Return the session, signing in if there is none: DID, handle and server of the account."""
        return Session.decode(self.client().export_session_string())

    def checked(self) -> Session:
        """Return the session of the account that the handle belongs to today, as ``current`` does.

        A stored session may be older than that: handles move. Asks once, and signs in anew where the handle has come to
        another account. Raises TransientError when the server cannot be asked.
        """
        session = self.current()
        if not self._in_doubt:
            return session
        if self._holder() not in {None, session.did}:
            self.close()
            self._client = self._sign_in()
        self._in_doubt = False
        return self.current()

    def _holder(self) -> str | None:
        """Return the DID behind our handle, None where the server knows nobody of that name."""
        if DID.fullmatch(self._handle) or not is_handle(self._handle):
            return None  # a DID is compared already, and an e-mail address is nobody's handle
        return self.holder_of(self._handle)

    def holder_of(self, handle: str) -> str | None:
        """Return the DID behind any handle, None where the server knows nobody of that name.

        Raises TransientError when the server cannot be asked.
        """
        client = self.public_client(self._service)
        try:
            params = models.ComAtprotoIdentityResolveHandle.Params(handle=handle)
            return str(client.com.atproto.identity.resolve_handle(params).did)
        except BadRequestError:
            return None
        except SDK_FAILURES as error:
            raise read_failure(error, task=f"find out which account is {handle} on Bluesky") from error
        finally:
            client.request.close()

    def renew(self) -> Client:
        """Return a client with a new session, for when the server has refused the present one.

        Raises AccountError when the account is refused, TransientError when the server cannot be asked.
        """
        stale = self.current()
        self.close()
        self._client = self._refresh(stale) or self._sign_in()
        return self._client

    def public_client(self, host: str) -> Client:
        """Return a client without a session, which the caller closes.

        It follows no redirect: a redirected sign-in would hand the password to another server.
        """
        transport = BoundedTransport(deadline=self._deadline, transport=self._transport)
        return Client(host, request=Request(timeout=self._timeout, transport=transport, max_redirects=0))

    def end(self) -> None:
        """End the session at its server, if there is one; where that fails it ends by itself after some weeks."""
        if self._client is None:
            return
        session = self.current()
        client = self.public_client(session.pds_endpoint or self._service)
        with closing(client.request), suppress(*SDK_FAILURES):
            client.com.atproto.server.delete_session(
                headers={"Authorization": f"Bearer {session.refresh_jwt}"}, ignore_session_check=True
            )
        self.close()

    def close(self) -> None:
        """Let go of connections; the session stays in its store."""
        if self._client is not None:
            self._client.request.close()
        self._client = None

    def _restore(self) -> Client | None:
        text = self._sessions.load()
        session = _decode(text) if text else None
        if session is None or self._handle not in {session.handle.lower(), session.did}:
            return None  # another account's session would post as that account
        self._in_doubt = True
        return self._client_with(session)

    def _refresh(self, stale: Session) -> Client | None:
        """Return a client with the stored session made new, None when the server no longer accepts its token."""
        client = self.public_client(stale.pds_endpoint or self._service)
        try:
            fresh = client.com.atproto.server.refresh_session(
                headers={"Authorization": f"Bearer {stale.refresh_jwt}"}, ignore_session_check=True
            )
        except SDK_FAILURES as error:
            if token_refused(error):
                return None
            raise sign_in_failure(error, handle=self._handle) from error
        finally:
            client.request.close()
        session = Session(fresh.handle, fresh.did, fresh.access_jwt, fresh.refresh_jwt, stale.pds_endpoint)
        self._sessions.save(session.encode())
        return self._client_with(session)

    def _sign_in(self) -> Client:
        client = self._listening_client()
        try:
            client.login(self._handle, self._app_password.get_secret_value(), fetch_bsky_profile=False)
        except SDK_FAILURES as error:
            client.request.close()
            raise sign_in_failure(error, handle=self._handle) from error
        return client

    def _client_with(self, session: Session) -> Client:
        client = self._listening_client()
        client.login(session_string=session.encode(), fetch_bsky_profile=False)  # asks nobody
        return client

    def _listening_client(self) -> Client:
        client = self.public_client(self._service)
        client.on_session_change(self._keep)
        return client

    def _keep(self, event: SessionEvent, session: Session) -> None:
        if event is not SessionEvent.IMPORT:
            self._sessions.save(session.encode())


def _decode(text: str) -> Session | None:
    try:
        session = Session.decode(text)
        expiry = session.access_jwt_payload.exp
    except (ValueError, AtProtocolError):
        return None  # cut short or not ours: worth no more than no session
    return session if expiry else None
