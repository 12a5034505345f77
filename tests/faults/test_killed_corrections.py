"""A correction killed on either side of each of its steps: the next worker finishes it, and doubles nothing."""

import signal
from collections import Counter
from collections.abc import Iterator

import pytest

import json_views as views
from bot.curation import corrections
from bot.domain.actors import Actor
from bot.domain.corrections import CorrectionForm
from bot.domain.posts import Platform
from bot.publishing.outbox import LEASE
from harness_faults import Lab, Plan
from killable_worker import Death, Errand, Side, Step

PAST_THE_LEASE = LEASE.total_seconds() + 1
NOTE = " ".join(f"This is corrected sentence {number}, which says now what it should have said." for number in range(9))
SENDING = (Step.CLAIM, Step.STORE, Step.SEND, Step.RECORD, Step.FINISH)
REMOVING = (Step.REMOVE, Step.MARK, Step.OTHER)

Case = tuple[CorrectionForm, Platform, Death]


def _cases() -> Iterator[Case]:
    """Yield every step of both forms; where a thread goes post by post, also one in the middle of it."""
    for form in CorrectionForm:
        steps = [Step.DECIDE, *(REMOVING if form is CorrectionForm.ANEW else ()), *SENDING]
        for platform in (Platform.BLUESKY, Platform.X, Platform.MASTODON):
            deaths = [(step, 1) for step in steps]
            if form is CorrectionForm.ANEW:
                deaths.append((Step.OTHER, 2))
            if platform is not Platform.BLUESKY:
                deaths += [(step, 2) for step in (Step.STORE, Step.SEND, Step.RECORD)]
                deaths += [(step, 3) for step in (Step.REMOVE, Step.MARK) if form is CorrectionForm.ANEW]
            yield from ((form, platform, Death(side, *death)) for side in Side for death in deaths)


@pytest.mark.faults
@pytest.mark.node
@pytest.mark.parametrize(
    ("form", "platform", "death"), [pytest.param(*case, id="-".join(map(str, case))) for case in _cases()]
)
def test_a_correction_killed_anywhere_is_finished_by_the_next_worker(
    lab: Lab, form: CorrectionForm, platform: Platform, death: Death
) -> None:
    scene = lab.scene(Plan("sqlite", (platform,)))
    [paper] = scene.papers
    assert lab.nursery.run(scene.job(patient=True)) == 0
    thread = [post.text for post in scene.up(platform)]
    channel = scene.app.channel(None)
    context = scene.app.context(channel, Actor("ada", "test"))
    done = corrections.approve(context, paper, NOTE, form=form, at=context.now)
    posts = [post.text for post in done.proposal.threads[platform].posts]

    assert lab.nursery.run(scene.job(errand=Errand.CORRECT, death=death, behind=PAST_THE_LEASE)) == -signal.SIGKILL
    assert lab.nursery.run(scene.job(errand=Errand.CORRECT, patient=True)) == 0

    assert [post.text for post in scene.up(platform)] == [*([] if form is CorrectionForm.ANEW else thread), *posts]
    if server := scene.x or scene.mastodon:
        made = Counter(post["text"] for post in server.log("accepted"))
        both = set(thread) & set(posts) if form is CorrectionForm.ANEW else set()
        assert {text: made[text] for text in posts} == {text: 2 if text in both else 1 for text in posts}
    shown = views.show(scene.app.database, channel, paper)
    assert (shown["state"], shown["note"], shown["deliveries"][0]["state"]) == ("published", NOTE, "sent")
