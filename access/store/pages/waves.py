"""The publication that comes in waves, as the pages see it: begun, gone on with, held, taken back. ◆"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from access.changes.publishing import Publication
from access.changes.rollout import Bearable, Rollout, Step, Stood, advance, begin, read_waves
from access.errors import Refused
from access.model import User
from access.policy.kept_texts import document_of
from access.policy.zone_scope import beyond
from access.store import policies
from access.store.pages.changes import login, wanted
from access.store.policy_shelf import StoredPolicies
from access.store.rollouts import StoredRollouts
from access.words.phrase import joined, say
from access.words.text_mistakes import Thing


class Overtaken(Refused):
    """Somebody else has moved the waves meanwhile."""

    def __init__(self) -> None:
        super().__init__(
            "Somebody else was faster: the waves are not where you saw them. Look again.",
            "그 사이 다른 사람이 단계를 바꾸었습니다. 다시 확인하십시오.",
        )


@dataclass(frozen=True, slots=True)
class StoredWaves:
    """What the page about waves stands on; by is the administrator who asks.

    seen is the mark of the rollout that they had before them: another one is not moved. All but the readings
    raise Refused.
    """

    shelf: StoredPolicies
    clock: Callable[[], float]
    bearable: Bearable = Bearable()  # noqa: RUF009 - frozen

    def current(self) -> Rollout | None:
        """The rollout that is on its way."""
        return self._rollouts.current()

    def course(self, rollout: Rollout, organization: str = "") -> Sequence[Stood]:
        """The waves that have stood and the one that stands, each with what it did.

        organization: the one that shall be told of, "" for all.
        """
        return self._rollouts.course(rollout, organization)

    def begin(self, draft_id: int, seen: str, waves: str, pause: str, by: User) -> Publication:
        """Let a draft as it was seen speak for the first of some waves, if nothing speaks against it."""
        asked = read_waves(waves, pause)
        made = wanted(self.shelf, draft_id, seen, by)
        return begin(made, asked, self.shelf, self._rollouts, self.clock())

    def go_on(self, seen: str, by: User) -> Step:
        """Let it speak for the people of the next wave, or for everybody."""
        rollout = self._seen(seen, by)
        step = advance(self._rollouts, rollout, self.clock(), login(by))
        if step is Step.NOTHING:
            raise Overtaken
        return step

    def hold(self, seen: str, by: User) -> None:
        """Let the wave stand until somebody goes on."""
        rollout = self._seen(seen, by)
        if not self._rollouts.move(rollout, replace(rollout, held=True), self.clock(), login(by)):
            raise Overtaken

    def take_back(self, seen: str, by: User) -> None:
        """Let the policy in force speak for everybody again."""
        if not self._rollouts.take_back(self._seen(seen, by), login(by), self.clock(), alarm=False):
            raise Overtaken

    @property
    def _rollouts(self) -> StoredRollouts:
        shelf = self.shelf
        return StoredRollouts(shelf.database, shelf.keyring, shelf.random, shelf.writer)

    def _seen(self, seen: str, by: User) -> Rollout:
        rollout = self.current()
        if rollout is None or rollout.mark != seen:
            raise Overtaken
        refuse_beyond_zones(self.shelf, rollout, by)
        return rollout


def refuse_beyond_zones(shelf: StoredPolicies, rollout: Rollout, by: User) -> None:
    """Let nobody move what they could not publish. Raises Refused."""
    zones = shelf.zones_of(by)
    if zones is None:
        return
    with shelf.database.read() as conn:
        texts = [policies.version(conn, each) for each in (rollout.base, rollout.revision)]
    old, new = (document_of(each.document) if each is not None else None for each in texts)
    outside = beyond(old, new, zones) if new is not None else [say(Thing.SECTION, name="?")]
    if outside:
        raise Refused(
            f"It changes more than the zones you answer for: {joined(outside, 'en')}.",
            f"맡은 망 구역 밖의 내용을 바꿉니다: {joined(outside, 'ko')}.",
        )
