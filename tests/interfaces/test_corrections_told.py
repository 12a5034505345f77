"""Who approved a correction hears what became of it; who approved the pick hears nothing of another's correction."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlmodel import col, select

from bot.curation import corrections
from bot.curation.housekeeping import retire_withdrawn
from bot.domain.actors import Actor
from bot.domain.channels import Channel
from bot.domain.corrections import CorrectionForm
from bot.domain.papers import AnnounceType
from bot.domain.posts import Platform
from bot.intake.ingest import Capture, ingest
from bot.interfaces.notices import plan_notices
from bot.platforms.memory import Moment
from bot.platforms.publisher import ReplyRefusedError
from bot.publishing import rounds
from bot.store.database import Database
from bot.store.message_tables import Message
from morning import ANA, OLA
from publishing_stage import CHANNEL, PAPER, Stage, approved_stage
from samples import WEDNESDAY, announcement, batch

PEOPLE = [{"account": ANA, "name": "Ada"}, {"account": OLA, "name": "Ola"}]
TOLD: Channel = Channel.model_validate(
    {**CHANNEL.model_dump(), "curators": PEOPLE, "notices": {"digest": False, "picks": True}}
)


@pytest.fixture
def stage(sqlite_database: Database) -> Stage:
    """Return a stage on which Ada's pick is out, and she knows it."""
    stage = approved_stage(sqlite_database)
    stage.tick()
    _news(stage)
    stage.now += timedelta(hours=1)
    return stage


def _news(stage: Stage) -> list[tuple[str, str]]:
    """Plan what is to be told, and return who is told of the pick what was not told before."""
    before = _messages(stage)
    plan_notices(replace(stage.context(), channel=TOLD), dids={}, addresses=())
    return [(who, text.splitlines()[0]) for who, text in _messages(stage)[len(before) :]]


def _messages(stage: Stage) -> list[tuple[str, str]]:
    of_picks = ~col(Message.key).startswith("reminder")
    with stage.database.reading() as session:
        rows = session.exec(select(Message).where(of_picks).order_by(col(Message.id)))
        return [(row.recipient, row.text) for row in rows]


def _correct(stage: Stage, form: CorrectionForm) -> None:
    context = replace(stage.context(), actor=Actor("ola", "test"))
    corrections.approve(context, PAPER, "It does the opposite.", form=form, at=stage.now)


@pytest.mark.parametrize(
    ("form", "said"),
    [(CorrectionForm.REPLY, "corrected: #1 Probing"), (CorrectionForm.ANEW, "out: #1 Probing")],
)
def test_who_approved_a_correction_hears_once_that_it_is_out(stage: Stage, form: CorrectionForm, said: str) -> None:
    _correct(stage, form)
    assert _news(stage) == []
    rounds.send_due(stage.outbox(), [CHANNEL])
    assert _news(stage) == [(OLA, said)]
    assert _news(stage) == []


def test_who_approved_a_correction_hears_that_it_needs_a_person(stage: Stage) -> None:
    stage.publishers[Platform.X].fail(Moment.BEFORE, ReplyRefusedError("X refused a reply"))
    _correct(stage, CorrectionForm.REPLY)
    rounds.send_due(stage.outbox(), [CHANNEL])
    assert _news(stage) == [(OLA, "needs a person: #1 Probing")]


def test_who_approved_a_correction_hears_that_a_withdrawal_took_it_back(stage: Stage) -> None:
    _correct(stage, CorrectionForm.ANEW)
    notice = announcement(PAPER, "Probing", version=2, type=AnnounceType.REPLACE, withdrawn=True)
    ingest(stage.database, [Capture(batch(notice, day=WEDNESDAY), "test")], channels=[CHANNEL], now=stage.now)
    retire_withdrawn(stage.database, CHANNEL, now=stage.now)
    assert _news(stage) == [(OLA, "correction not approved any more: #1 Probing")]
