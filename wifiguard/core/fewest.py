"""Naming the members of a group one by one as long as they are few."""

from __future__ import annotations

from wifiguard.core.bounded import BoundedMap

GROUPS = 256


class Fewest:
    """The first `most` members of a group keep their names, all later ones share `REST`.

    A key of a finding may hold what an attacker varies for free if it went through here.
    """

    REST = "others"

    def __init__(self, most: int) -> None:
        self._most = most
        self._members: BoundedMap[tuple[str, ...], set[str]] = BoundedMap(GROUPS)

    def name(self, group: tuple[str, ...], member: str, tick: float) -> str:
        """What to call `member`."""
        members = self._members.get(group, tick)
        if members is None:
            members = set()
            self._members.put(group, members, tick)
        if member in members:
            return member
        if len(members) >= self._most:
            return self.REST
        members.add(member)
        return member
