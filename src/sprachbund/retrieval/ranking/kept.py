"""A cache that forgets what was used longest ago when it holds too many bytes."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

Item = TypeVar("Item")


class Kept(Generic[Item]):
    """Items by key, the last used ones, up to ``budget`` bytes; an item larger than that is made and not kept."""

    def __init__(self, budget: int, size: Callable[[Item], int]) -> None:
        self._budget, self._size = budget, size
        self._items: OrderedDict[Hashable, Item] = OrderedDict()
        self._held = 0

    def get(self, key: Hashable, make: Callable[[], Item]) -> Item:
        """The item of a key, made if it is not held."""
        if key in self._items:
            self._items.move_to_end(key)
            return self._items[key]
        item = make()
        size = self._size(item)
        if size <= self._budget:
            self._items[key] = item
            self._held += size
            while self._held > self._budget:
                _, oldest = self._items.popitem(last=False)
                self._held -= self._size(oldest)
        return item
