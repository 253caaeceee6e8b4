"""Finds the entries whose names agree best with that of a picture."""

from typing import NamedTuple

from mmposetransfer.io.folders import Picture

from .name_keys import ending_of, folder_key, name_keys, name_text

__all__ = ['NameFit', 'NameSearch']


class NameFit(NamedTuple):
    """How well a picture fits an entry; the least is the best.

    Attributes:
        guessed: Whether an ending had to be taken for a part of a name.
        agreeing: Number of parts that agree, negative.
        longer: Whether the picture's name has further parts.
        further: Whether the entry has further parts.
        ending: 0 for the same name, 1 for the same last part, 2 for the same
            ending, 3 where one has none, 4 for another ending.
    """

    guessed: bool
    agreeing: int
    longer: bool
    further: bool
    ending: int


class NameSearch:
    """An index of names; the rules are those of ``names.py``.

    Args:
        names (Sequence[str | Picture]): Of the entries.
        endings (bool): Whether they have the endings of their pictures.
    """

    def __init__(self, names, endings=True):
        self.names, self.endings = names, endings
        self._exact = {name: place for place, name in enumerate(names)}
        # Key, or end of one that has more parts -> place, or list of them
        self._whole, self._ends = {}, {}
        for place, name in enumerate(names):
            for key in name_keys(name, endings):
                _note(self._whole, key, place)
                start = key.find('/')
                while start >= 0:
                    _note(self._ends, key[start + 1 :], place)
                    start = key.find('/', start + 1)

    def namesakes(self, picture):
        """Places of the entries whose last part is that of a picture."""
        last = _last(name_keys(picture)[0])
        return sorted(
            {*_places(self._whole, last), *_places(self._ends, last)}
        )

    def best(self, picture):
        """The entries that fit a picture best.

        Returns:
            tuple[NameFit | None, list[int]]: How well, and their places; there
            should be one.
        """
        if (
            self.endings
            and isinstance(picture, str)
            and (picture in self._exact)
        ):  # most are, and nothing fits better
            parts = name_keys(picture)[0].count('/') + 1
            fit = NameFit(False, -parts, False, False, 0)
            return fit, [self._exact[picture]]
        for guessed in (False, True):
            keys = (
                self._guesses(picture)
                if guessed
                else [(key, None) for key in name_keys(picture)]
            )
            found = [self._of_key(picture, *key, guessed) for key in keys]
            best = min((fit for fit, places in found if places), default=None)
            if best is not None:
                return best, sorted(
                    {
                        place
                        for fit, places in found
                        if fit == best
                        for place in places
                    }
                )
        return None, []

    def _guesses(self, picture):
        """What else to look for: what looks like an ending may be none.

        ``a.jpg`` may be what ``a.jpg.png`` is called without its own ending.

        Returns:
            list[tuple[str, str | None]]: Keys, and what the last part of the
            entry has to be then.
        """
        stem = name_keys(picture)[0]
        guesses = [(name_keys(stem)[0], _last(stem))] if self.endings else []
        return (
            [(name_keys(picture, False)[0], None), *guesses]
            if (ending_of(picture))
            else []
        )

    def _of_key(self, picture, key, last, guessed):
        """The best of the entries that most parts of a path agree with."""
        own = key.count('/') + 1
        if isinstance(picture, Picture):
            key = f'{folder_key(picture.folder)}/{key}'
        agreeing, *groups = self._agreeing(key, own)
        first, second = (
            [
                (self._ending_fit(picture, place), place)
                for place in places
                if last is None or last == self._last_of(place)
            ]
            for places in groups
        )
        best = min([*first, *second], default=(5,))[0]
        places = [place for fit, place in first or second if fit == best]
        if not places:  # folders speak for one, and endings for another
            places = [place for _, place in [*first, *second]]
        return NameFit(
            guessed, -agreeing, own > agreeing, not first, best
        ), places

    def _last_of(self, place):
        return _last(name_keys(self.names[place], False)[0])

    def _agreeing(self, key, own):
        """Entries that agree with most of the last parts of a path.

        Args:
            key (str): The path.
            own (int): How many of its parts are the picture's name.

        Returns:
            tuple[int, list, list]: With how many parts; entries that are
            these parts, and those that have more of them.
        """
        parts, start = key.count('/') + 1, 0
        while parts:
            end = key[start:]
            whole = _places(self._whole, end)
            ends = _places(self._ends, end) if parts >= own else []
            if whole or ends:
                return parts, whole, ends
            parts, start = parts - 1, key.find('/', start) + 1
        return 0, [], []

    def _ending_fit(self, picture, place):
        """See `NameFit.ending`."""
        name, entry = name_text(picture), name_text(self.names[place])
        if name == entry:
            return 0
        if _last(name) == _last(entry):
            return 1
        endings = ending_of(name), ending_of(entry) if self.endings else ''
        if endings[0] == endings[1]:
            return 2
        return 3 if '' in endings else 4


def _note(table, key, place):
    """Most keys have one place, which takes less memory than a list."""
    found = table.setdefault(key, place)
    if isinstance(found, list):
        found.append(place)
    elif found != place:
        table[key] = [found, place]


def _places(table, key):
    found = table.get(key, [])
    return found if isinstance(found, list) else [found]


def _last(name):
    return name.replace('\\', '/').rpartition('/')[2]
