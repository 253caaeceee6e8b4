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
none: nobody gets a namesake's joints. For that `NameIndex.match` looks at all
pictures together; where one is looked up alone, nobody else can be asked.
"""

from mmposetransfer.errors import UserValueError
from mmposetransfer.io.left_out import few

from .name_keys import ending_of, name_keys, name_text, picture_id
from .name_search import NameSearch

__all__ = ['AmbiguousNameError', 'NameIndex', 'picture_id']

_WAY_OUT = (
    'Write names with so many of their folders, or with their '
    'endings, that they differ.'
)


class AmbiguousNameError(UserValueError):
    """A name that several entries answer to, or an entry of two pictures."""


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
        self.source, self.what = source, what
        self._search = NameSearch(self.names, endings)

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
        _, places = self._search.best(picture)
        if len(places) > 1:
            self._refuse(picture, places)
        return self.names[places[0]] if places else None

    def __getitem__(self, picture):
        """The entry of a picture that has to be there.

        Raises:
            ValueError: If there is none, or several fit equally well.
        """
        entry = self.find(picture)
        if entry is None:
            raise UserValueError(self.why_not(picture))
        return entry

    def why_not(self, picture):
        """Say that there is no entry of a picture, and what there is.

        Args:
            picture (str | Path | Picture): Its name.

        Returns:
            str: Sentences.
        """
        namesakes = [
            name_text(self.names[place])
            for place in self._search.namesakes(picture)
        ]
        text = (
            f'{self.source} has no {self.what} of the image '
            f"'{name_text(picture)}'; it knows {len(self)} images: "
            f'{few(list(map(name_text, self.names)))}'
        )
        if namesakes:
            text += (
                f'. {few(sorted(namesakes))} is called alike, but is '
                'that of another picture: where it is meant, rename one'
            )
        return text

    def match(self, pictures, rivals=(), distinct=True, needed=True):
        """The entries of many pictures, none of which gets another one's.

        Args:
            pictures (Iterable[str | Path | Picture]): Their names.
            rivals (Iterable[str | Path | Picture]): Other pictures; an entry
                that fits one of them better is not given away.
            distinct (bool): Whether these are all different pictures, as the
                files of a folder are; the names in a list may be several of
                one picture.
            needed (bool): Whether it is an error if there is no entry of any.

        Returns:
            dict: Picture -> entry, None where there is none.

        Raises:
            AmbiguousNameError: If several entries fit a picture equally well,
                or several pictures an entry.
            ValueError: If there is no entry of any of them.
        """
        found = dict.fromkeys(pictures)
        claims = self._claims(found, rivals, distinct)
        for place, claimants in claims.items():
            for picture in self._entitled(place, claimants, distinct, found):
                found[picture] = self.names[place]
        if needed and found and self.names and not claims:
            raise UserValueError(
                f'no {self.what} in {self.source} is of any of the '
                f'{len(found)} pictures: one is called '
                f"'{name_text(self.names[0])}', and a picture "
                f"'{name_text(next(iter(found)))}'"
            )
        return found

    def _claims(self, asked, rivals, distinct):
        """Place of an entry -> how well its pictures fit, and which."""
        fitting = self._consistent(
            {
                picture: self._search.best(picture)
                for picture in dict.fromkeys([*asked, *rivals])
            }
        )
        claims = {}
        for picture, (fit, places) in fitting.items():
            if len(places) == 1:
                claims.setdefault(places[0], []).append((fit, picture))
        for picture, (fit, places) in fitting.items():
            # What fits another picture better is that one's.
            left = [
                place
                for place in places
                if not any(
                    better < fit
                    and (distinct or not _may_be_one(other, picture))
                    for better, other in claims.get(place, ())
                )
            ]
            if len(places) > 1 and picture in asked:
                if len(left) > 1:
                    self._refuse(picture, left)
                for place in left:
                    claims.setdefault(place, []).append((fit, picture))
        return {
            place: claimants
            for place, claimants in claims.items()
            if any(picture in asked for _, picture in claimants)
        }

    @staticmethod
    def _consistent(fitting):
        """Without entries in folders that the pictures are not in.

        Where ``anna/1.jpg`` is the entry of ``anna/1.jpg``, entries begin at
        the folder that the pictures are in: ``ben/2.jpg`` is not ``2.jpg``.
        """
        bare = {
            picture
            for picture, (fit, _) in fitting.items()
            if fit is not None and fit.further and fit.agreeing == -1
        }
        begin_here = bare and any(
            fit is not None
            and not fit.further
            and fit.agreeing < -1
            and -fit.agreeing == name_keys(picture)[0].count('/') + 1
            for picture, (fit, _) in fitting.items()
        )
        if not begin_here:
            return fitting
        return {
            picture: (fit, [] if picture in bare else places)
            for picture, (fit, places) in fitting.items()
        }

    def _entitled(self, place, claimants, distinct, asked):
        """Those of the pictures asked for that an entry belongs to."""
        best = min(fit for fit, _ in claimants)
        # Of equals those that are asked for count.
        first = [
            picture
            for fit, picture in claimants
            if fit == best and picture in asked
        ]
        if len(claimants) > 1 and first and not distinct:
            same = [p for _, p in claimants if _may_be_one(first[0], p)]
            if set(first) <= set(same):
                return same
        if len(first) > 1:
            entry = name_text(self.names[place])
            raise AmbiguousNameError(
                f"{self.source}: '{entry}' could be each of these pictures: "
                f'{few(list(map(name_text, first)))}. {_WAY_OUT}'
            )
        return first

    def _refuse(self, picture, places):
        names = [name_text(self.names[place]) for place in places]
        raise AmbiguousNameError(
            f'{self.source} has several images called {name_text(picture)}: '
            f'{few(names)}. {_WAY_OUT}'
        )


def _may_be_one(first, second):
    """Whether two names in a list can be those of one picture."""
    endings = ending_of(first), ending_of(second)
    return (endings[0] == endings[1] or '' in endings) and any(
        f'/{a}'.endswith(f'/{b}') or f'/{b}'.endswith(f'/{a}')
        for a in name_keys(first)
        for b in name_keys(second)
    )
