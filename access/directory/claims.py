"""Who holds a name that only one entry of an organization may have.

Two entries may carry the same name in different branches of a directory. The first one known keeps it:
otherwise whoever may create entries in one branch could take over the name, and the rights, of somebody in
another.
"""

from dataclasses import dataclass, field


@dataclass(slots=True)
class Claims:
    """Names and those who claim them, in the order they came; the first is the holder."""

    claims: dict[str, list[str]] = field(default_factory=dict)
    _contested: set[str] = field(default_factory=set)

    def claim(self, name: str, uuid: str) -> None:
        """Put uuid behind everyone who already claims name."""
        waiting = self.claims.setdefault(name, [])
        if uuid not in waiting:
            waiting.append(uuid)
        if len(waiting) > 1:
            self._contested.add(name)

    def release(self, name: str, uuid: str) -> str | None:
        """Withdraw uuid's claim; return who holds the name now, if that is somebody else than before."""
        waiting = self.claims.get(name, [])
        if uuid not in waiting:
            return None
        was_holder = waiting[0] == uuid
        waiting.remove(uuid)
        if len(waiting) < 2:
            self._contested.discard(name)
        if not waiting:
            del self.claims[name]
            return None
        return waiting[0] if was_holder else None

    def waiting(self) -> list[str]:
        """Return all who claim a name that another one holds."""
        return [uuid for name in sorted(self._contested) for uuid in self.claims[name][1:]]

    def holds(self, name: str, uuid: str) -> bool:
        """Return whether uuid is the one the name means."""
        return self.claims.get(name, [""])[0] == uuid
