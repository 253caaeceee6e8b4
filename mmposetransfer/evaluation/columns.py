"""How a number's column in the table is printed."""

from dataclasses import dataclass

from mmposetransfer.errors import UserValueError

__all__ = ['Column']

_ARROWS = {'higher': '↑', 'lower': '↓', 'one': '→ 1'}


@dataclass(frozen=True)
class Column:
    """One column of a table of results.

    Attributes:
        table: The table's title, such as 'images' or 'flow'; columns of one
            title stand in one table.
        heading: The number's name for readers, without its unit.
        digits: Digits behind the point.
        better: 'higher' or 'lower': which numbers are the better ones; 'one'
            where those near 1 are.
        unit: Such as 'px'; '' for none.

    Raises:
        ValueError: For another ``better``.

    Examples:
        >>> Column('images', 'PSNR', 2, 'higher', 'dB').text('dsc')
        'PSNR (dB, dsc) ↑'
    """

    table: str
    heading: str
    digits: int
    better: str
    unit: str = ''

    def __post_init__(self) -> None:
        """Refuse an arrow that there is not."""
        if self.better not in _ARROWS:
            raise UserValueError(
                f'expected better of the column {self.heading!r} to be '
                f'one of {sorted(_ARROWS)}, got {self.better!r}'
            )

    def text(self, protocol: str = '') -> str:
        """The heading with unit, protocol, and an arrow to the better.

        Args:
            protocol: The name of the protocol that the numbers are by; ''
                where none matters.
        """
        said = ', '.join(filter(None, (self.unit, protocol)))
        return ' '.join(
            filter(
                None,
                (self.heading, said and f'({said})', _ARROWS[self.better]),
            )
        )
