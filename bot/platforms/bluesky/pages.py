"""Around the sending of a document: its publication is written before it, and what stands at its key is looked at.

A publication that cannot be written holds nothing up: documents name it by its key, and the next thread writes it.
"""

from collections.abc import Mapping
from typing import Final

import structlog

from bot.domain.errors import PicksError
from bot.platforms.bluesky.errors import SDK_FAILURES, read_failure, reason_of, token_refused
from bot.platforms.bluesky.records import PageRecords, Record, ThreadBatch
from bot.platforms.bluesky.session import BlueskySession
from bot.platforms.bluesky.standard_site import DOCUMENT, PUBLICATION, brought_up_to_date, document_write
from bot.platforms.bluesky.stored_records import Place, put_record, record_at

_log: Final = structlog.get_logger(__name__)


class Pages:
    """The document of one batch and its publication, on the account's server."""

    def __init__(self, session: BlueskySession, batch: ThreadBatch) -> None:
        if batch.page is None:
            raise ValueError("the batch has no document")
        self._session = session
        self._repo, self._host = batch.repo, batch.host
        self._page: PageRecords = batch.page

    def publish(self) -> None:
        """Write the publication if it is not there as it should be; what others have added to it stays."""
        try:
            self._put(self._stored(self._publication))
        except SDK_FAILURES as error:
            _log.warning("cannot write the publication of the archive", repo=self._repo, reason=reason_of(error))
        except PicksError as error:
            _log.warning("cannot write the publication of the archive", repo=self._repo, reason=str(error))

    def write(self) -> Record:
        """Return the write of the document, over the one that a thread deleted by hand has left at its key.

        Raises PermanentError or TransientError when the server cannot be asked.
        """
        try:
            left = self._stored(Place(DOCUMENT, self._page.name.rkey))
        except SDK_FAILURES as error:
            raise read_failure(error, task="look up a document on Bluesky") from error
        return document_write(self._page, replaces=left is not None)

    @property
    def _publication(self) -> Place:
        return Place(PUBLICATION, self._page.publication_key)

    def _put(self, answer: Mapping[str, object] | None) -> None:
        stored = answer.get("value") if answer else None
        ours = self._page.publication
        wanted = brought_up_to_date(stored, ours) if isinstance(stored, Mapping) else ours
        if wanted is None:
            return
        try:
            put_record(self._session.client(), self._repo, self._publication, wanted)
        except SDK_FAILURES as error:
            if not token_refused(error):
                raise
            put_record(self._session.renew(), self._repo, self._publication, wanted)

    def _stored(self, place: Place) -> Mapping[str, object] | None:
        client = self._session.public_client(self._host)
        try:
            return record_at(client, self._repo, place)
        finally:
            client.request.close()
