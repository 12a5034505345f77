"""A Hugging Face collection in and out: ``picks collection``."""

import time

from bot.archive.collection_job import push_now
from bot.archive.collection_plan import Plan, plan, strangers, wanted
from bot.archive.collection_pull import known_here
from bot.archive.collection_pull import pull as pull_collection
from bot.archive.entries import entries
from bot.archive.hub import Collection, Hub
from bot.domain.collection_section import CollectionSlug
from bot.domain.errors import PicksError, UsageError
from bot.interfaces.cli import terminal
from bot.interfaces.cli.invocation import Shell
from bot.interfaces.views import sharing as views
from bot.store.collections import Ledger


def pull(opened: Shell, slug: str | None) -> None:
    """Take over a collection as picks that were published elsewhere."""
    wanted_slug, channel, app = _slug(opened, slug), opened.channel, opened.app
    with app.hub() as hub, terminal.busy("reading the collection"):
        collection = hub.read(wanted_slug)
    done = pull_collection(app.database, channel, collection, now=app.clock())
    opened.say(done, views.pull_summary(done))


def push(opened: Shell, slug: str | None, *, dry_run: bool, remove_retracted: bool) -> None:
    """Bring the collection in step with the picks, or say what that would change."""
    wanted_slug, channel, app = _slug(opened, slug), opened.channel, opened.app
    with app.hub() as hub:
        if dry_run:
            collection, found = _compare(opened, hub, wanted_slug)
            view = views.would_push(collection, found, remove=remove_retracted)
            opened.say(view, views.push_summary(view, dry=True))
            return
        if not hub.may_write:
            raise PicksError("a push needs a token with the role write; set HF_TOKEN, or give --dry-run")
        with terminal.busy("bringing the collection in step"):
            done = push_now(
                app.database,
                channel,
                wanted_slug,
                hub,
                clock=app.clock,
                sleep=_sleep,
                remove_retracted=remove_retracted,
            )
    view = views.pushed(done)
    opened.say(view, views.push_summary(view, dry=False) if done.stopped is None or _did_something(view) else "")
    if done.stopped:
        raise done.stopped
    if done.failed:
        raise PicksError(f"the Hub does not take {', '.join(item.arxiv_id for item in done.failed)}")


def status(opened: Shell, slug: str | None) -> None:
    """Say what differs between the collection and the picks."""
    wanted_slug = _slug(opened, slug)
    with opened.app.hub() as hub:
        collection, found = _compare(opened, hub, wanted_slug)
    rows = _ledger(opened, wanted_slug).items()
    ours = sum(name in rows for name in collection.papers)
    known = known_here(opened.app.database, opened.channel) | set(rows)
    view = views.collection_status(collection, found, ours=ours, strangers=strangers(collection, known=known))
    opened.say(view, views.status_summary(view))


def _compare(opened: Shell, hub: Hub, slug: CollectionSlug) -> tuple[Collection, Plan]:
    app, channel = opened.app, opened.channel
    with terminal.busy("reading the collection"):
        collection = hub.read(slug)
    picks = wanted(entries(app.database, channel), channel)
    return collection, plan(collection, picks, _ledger(opened, slug).items())


def _ledger(opened: Shell, slug: CollectionSlug) -> Ledger:
    return Ledger(opened.app.database, opened.channel.name, slug.key, opened.app.clock)


def _slug(opened: Shell, text: str | None) -> CollectionSlug:
    """Return the collection that is meant: the named one, else the channel's; raise UsageError when there is none."""
    if text is None and opened.channel.collection.target:
        return opened.channel.collection.target
    if text is None:
        raise UsageError("no collection: name it by its slug or address, or set collection.slug in the channel file")
    try:
        return CollectionSlug.parse(text)
    except ValueError as error:
        raise UsageError(str(error)) from error


def _did_something(view: views.PushView) -> bool:
    return bool(view.add or view.update or view.index or view.remove)


def _sleep(seconds: float) -> bool:
    time.sleep(seconds)
    return False
