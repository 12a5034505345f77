"""The worker's watch over everything that its operator should hear of."""

from collections.abc import Iterator

from bot.app import App
from bot.domain.actors import WORKER
from bot.interfaces.alerts.addresses import operator_addresses
from bot.interfaces.alerts.conditions import Condition, conditions, machine_place
from bot.interfaces.alerts.outage import DatabaseOutage
from bot.interfaces.alerts.telling import tell
from bot.interfaces.doctor.folders import LITTLE, disk, stores
from bot.interfaces.heartbeat import read_pulses
from bot.interfaces.views.status import Status, status
from bot.publishing.alerts import Alerts
from bot.store.database import Database
from bot.store.message_tables import OPERATOR


class Watch:
    """Looks at everything once a minute, and tells what begins and what is over.

    A disk with less than ``room`` bytes left is low.
    """

    def __init__(self, app: App, *, room: int = LITTLE) -> None:
        self._app = app
        self._room = room
        self._host = app.worker_name.partition(":")[0]
        self._alerts = Alerts(
            app.database, lambda _: operator_addresses(app.settings), worker=app.worker_name, clock=app.clock
        )
        self.outage = DatabaseOutage(lambda: operator_addresses(app.settings), app.clock, advice=_advice(app.database))

    @property
    def wanted(self) -> bool:
        """Say whether anybody is to be told; addresses that cannot be read are an error of the job."""
        return self._app.settings.alert_url is not None

    def run(self) -> None:
        """Tell what should be told by now; raise SettingsError when an address is none."""
        addresses = operator_addresses(self._app.settings)
        if not addresses:
            return
        found = self.look()
        places = {"", machine_place(self._host), *self._app.channels}
        with self._app.database.transaction() as session:
            tell(session, found, places=places, addresses=addresses, now=self._app.clock())
        self._alerts.send_due(OPERATOR)

    def look(self) -> list[Condition]:
        """Return what is wrong now."""
        app, now = self._app, self._app.clock()
        pulses = read_pulses(app.database, now=now)
        places = stores(app.database, app.settings.data)
        disks = [disk(folder, name=name, little=self._room) for name, folder in places.items()]
        return conditions(self._statuses(), pulses, disks, host=self._host, now=now)

    def _statuses(self) -> Iterator[Status]:
        app = self._app
        for channel in app.channels.values():
            context = app.context(channel, WORKER)
            yield status(app.database, channel, accounts=context.accounts, now=context.now)


def _advice(database: Database) -> str:
    """Return what to do while the database does not answer: a process that hangs while it writes locks a file."""
    if database.url.get_backend_name() != "sqlite":
        return "Next: see to the server and the way to it; picks doctor tries the connection."
    return (
        "Next: where it is locked, end the process that holds it: picks healthcheck names workers that are silent, "
        f"fuser -v {database.url.database} all that have it open. Else picks doctor tries it."
    )
