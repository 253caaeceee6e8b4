r"""The one answer to "which entry is this picture?".

Lists, keypoint files, files of fits and folders call the same picture by
different names. Two names are of the same picture by these rules alone:

- Their last parts decide. One name is the end of the other: ``anna/1.jpg`` is
  ``1.jpg`` and ``photos/anna/1.jpg``, and never ``ben/1.jpg``. Of several
  entries the one counts that more parts agree with.
- ``/`` and ``\``, composed and decomposed accents, and blanks at the ends of
  a part make no difference.
- Nor does the ending of a picture: ``a.jpg`` may be called ``a``, ``a.JPG`` or
  ``a.png``, unless several of them are there: then each is a picture of its
  own. Case counts in all else: ``Anna.jpg`` is not ``anna.jpg``.
- The two ways of writing a name of DeepFashion are the same.

What fits equally well is an error that names the candidates. Of pictures that
fit one entry it belongs to the one that fits it best, and the others have
none: nobody gets a namesake's joints.
"""

from typing import NamedTuple

from mmposetransfer.utils.folders import Picture, few

from .name_keys import ending_of, folder_key, name_keys, name_text, picture_id

__all__ = ['AmbiguousNameError', 'NameIndex', 'picture_id']

_WAY_OUT = ('Write names with so many of their folders, or with their '
            'endings, that they differ.')


class AmbiguousNameError(ValueError):
    """A name that several entries answer to, or an entry of two pictures."""


class _Fit(NamedTuple):
    """How well a picture fits an entry; the least is the best.

    Attributes:
        guessed: Whether an ending had to be taken for a part of a name.
        agreeing: Number of parts that agree, negative.
        longer: Whether the picture's name has further parts.
        ending: 0 for the same name, 1 for the same last part, 2 for the same
            ending, 3 where one has none, 4 for another ending.
    """

    guessed: bool
    agreeing: int
    longer: bool
    ending: int


class NameIndex:
    """Finds the entry of a picture, in a time that many entries do not change.

    Args:
        names (Iterable[str | Picture]): Of the entries: of a table, a list or
            the pictures of a folder.
        source (str): What errors call all of it, such as "'poses.csv'".
        what (str): What errors call an entry.
        endings (bool): False if entries are called without the ending of
            their picture, as OpenPose's files are: then ``a.jpg`` is the
            entry of ``a.jpg.png``.

    Examples:
        >>> index = NameIndex(['anna/1.jpg', 'ben/1.jpg', 'eva.png'])
        >>> index.find('photos/ben/1.png')
        'ben/1.jpg'
        >>> index.find('eva'), index.find('carl/1.jpg')
        ('eva.png', None)
    """

    def __init__(self, names, source='the list', what='entry', endings=True):
        self.names = list(dict.fromkeys(names))
        self.source, self.what, self.endings = source, what, endings
        # Key, or end of one that has more parts -> place, or list of them
        self._whole, self._ends = {}, {}
        for place, name in enumerate(self.names):
            for key in name_keys(name, endings):
                _note(self._whole, key, place)
                start = key.find('/')
                while start >= 0:
                    _note(self._ends, key[start + 1:], place)
                    start = key.find('/', start + 1)

    def __len__(self):
        return len(self.names)

    def find(self, picture):
        """The entry of a picture.

        Args:
            picture (str | Path | Picture): Its name. The folder in which a
                `Picture` was found tells namesakes apart, too; that one may
                be called otherwise, as data may be moved.

        Returns:
            str | Picture | None: The entry as it was given; None if there is
            none.

        Raises:
            AmbiguousNameError: If several fit equally well.
        """
        claim = self._claim(picture)
        return None if claim is None else self.names[claim[1]]

    def __getitem__(self, picture):
        """The entry of a picture that has to be there.

        Raises:
            ValueError: If there is none, or several fit equally well.
        """
        entry = self.find(picture)
        if entry is None:
            raise ValueError(self.why_not(picture))
        return entry

    def why_not(self, picture):
        """Say that there is no entry of a picture, and what there is.

        Args:
            picture (str | Path | Picture): Its name.

        Returns:
            str: Sentences.
        """
        last = name_keys(picture)[0].rpartition('/')[2]
        namesakes = [name_text(self.names[place]) for place in {
            *_places(self._whole, last), *_places(self._ends, last)}]
        text = (f'{self.source} has no {self.what} of the image '
                f"'{name_text(picture)}'; it knows {len(self)} images: "
                f'{few(list(map(name_text, self.names)))}')
        if namesakes:
            text += (f'. {few(sorted(namesakes))} is called alike, but lies '
                     'in another folder: where it is meant, rename one')
        return text

    def match(self, pictures, rivals=(), distinct=True):
        """The entries of many pictures, none of which gets another one's.

        Args:
            pictures (Iterable[str | Path | Picture]): Their names.
            rivals (Iterable[str | Path | Picture]): Other pictures; an entry
                that fits one of them better is not given away.
            distinct (bool): Whether these are all different pictures, as the
                files of a folder are; the names in a list may be several of
                one picture.

        Returns:
            dict: Picture -> entry, None where there is none.

        Raises:
            AmbiguousNameError: If several entries fit a picture equally well,
                or several pictures an entry.
            ValueError: If there is no entry of any of them.
        """
        found = dict.fromkeys(pictures)
        claims = self._claims(found, rivals)
        for place, claimants in claims.items():
            for picture in self._entitled(place, claimants, distinct, found):
                found[picture] = self.names[place]
        if found and self.names and not claims:
            raise ValueError(
                f'no {self.what} in {self.source} is of any of the '
                f'{len(found)} pictures: one is called '
                f"'{name_text(self.names[0])}', and a picture "
                f"'{name_text(next(iter(found)))}'")
        return found

    def _claims(self, asked, rivals):
        """Place of an entry -> how well its pictures fit, and which."""
        claims = {}
        for picture in dict.fromkeys([*asked, *rivals]):
            try:
                claim = self._claim(picture)
            except AmbiguousNameError:
                if picture in asked:
                    raise
                continue
            if claim is not None:
                claims.setdefault(claim[1], []).append((claim[0], picture))
        return {place: claimants for place, claimants in claims.items()
                if any(picture in asked for _, picture in claimants)}

    def _entitled(self, place, claimants, distinct, asked):
        """Those of the pictures asked for that an entry belongs to."""
        best = min(fit for fit, _ in claimants)
        # Of equals those that are asked for count.
        first = [picture for fit, picture in claimants
                 if fit == best and picture in asked]
        if first and not distinct:
            same = [p for _, p in claimants if _may_be_one(first[0], p)]
            if set(first) <= set(same):
                return same
        if len(first) > 1:
            entry = name_text(self.names[place])
            raise AmbiguousNameError(
                f"{self.source}: '{entry}' could be each of these pictures: "
                f'{few(list(map(name_text, first)))}. {_WAY_OUT}')
        return first

    def _claim(self, picture):
        """How well a picture fits its entry, and its place; None of none."""
        for guessed in (False, True):
            keys = self._guesses(picture) if guessed else [
                (key, None) for key in name_keys(picture)]
            claims = [self._best(picture, *key, guessed) for key in keys]
            claims = sorted({claim for claim in claims if claim is not None})
            if claims:
                best = [place for fit, place in claims if fit == claims[0][0]]
                return claims[0] if len(best) == 1 else self._refuse(
                    picture, best)
        return None

    def _guesses(self, picture):
        """What else to look for: what looks like an ending may be none.

        ``a.jpg`` may be what ``a.jpg.png`` is called without its own ending.

        Returns:
            list[tuple[str, str | None]]: Keys, and what the last part of the
            entry has to be then.
        """
        stem = name_keys(picture)[0]
        guesses = [(name_keys(stem)[0], _last(stem))] if self.endings else []
        return [(name_keys(picture, False)[0], None), *guesses] if (
            ending_of(picture)) else []

    def _best(self, picture, key, last, guessed):
        """The best of the entries that most parts of a path agree with."""
        own = key.count('/') + 1
        if isinstance(picture, Picture):
            key = f'{folder_key(picture.folder)}/{key}'
        agreeing, *groups = self._search(key, own)
        first, second = ([
            (self._ending_fit(picture, place), place) for place in places
            if last is None or last == self._last_of(place)]
            for places in groups)
        if not first and not second:
            return None
        best = min([*first, *second])[0]
        places = [place for fit, place in first or second if fit == best]
        if len(places) != 1:
            self._refuse(picture, [p for _, p in [*first, *second]])
        return _Fit(guessed, -agreeing, own > agreeing, best), places[0]

    def _last_of(self, place):
        return _last(name_keys(self.names[place], False)[0])

    def _search(self, key, own):
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
        """See `_Fit.ending`."""
        name, entry = name_text(picture), name_text(self.names[place])
        if name == entry:
            return 0
        if _last(name) == _last(entry):
            return 1
        endings = ending_of(name), ending_of(entry) if self.endings else ''
        if endings[0] == endings[1]:
            return 2
        return 3 if '' in endings else 4

    def _refuse(self, picture, places):
        names = [name_text(self.names[place]) for place in places]
        raise AmbiguousNameError(
            f'{self.source} has several images called {name_text(picture)}: '
            f'{few(names)}. {_WAY_OUT}')


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


def _may_be_one(first, second):
    """Whether two names in a list can be those of one picture."""
    endings = ending_of(first), ending_of(second)
    return (endings[0] == endings[1] or '' in endings) and any(
        f'/{a}'.endswith(f'/{b}') or f'/{b}'.endswith(f'/{a}')
        for a in name_keys(first) for b in name_keys(second))
