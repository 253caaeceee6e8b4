"""Which files are pictures, by their endings, else by how they begin."""

import re
from pathlib import PurePosixPath

__all__ = [
    'HEAD',
    'READ_ENDINGS',
    'format_not_read',
    'split_ending',
    'why_not_read',
]

# Format (of ``image_decoding.FORMATS``) -> endings of its files.
_READ = {
    'BMP': '.bmp .dib',
    'GIF': '.gif',
    'JPEG': '.jfif .jpe .jpeg .jpg .mpo',
    'JPEG2000': '.j2c .j2k .jp2 .jpc .jpf .jpx',
    'PNG': '.apng .png',
    'PPM': '.pbm .pgm .pnm .ppm',
    'TIFF': '.tif .tiff',
    'WEBP': '.webp',
}
_RAW = (
    '.3fr .arw .cr2 .cr3 .crw .dcr .dng .erf .iiq .kdc .mrw .nef .nrw .orf '
    '.pef .raf .rw2 .rwl .sr2 .srf .srw .x3f'
)
_NOT_READ = {
    'AVIF': '.avif .avifs',
    'camera raw': _RAW,
    'HEIC': '.heic .heif .hif',
    'JPEG XL': '.jxl',
    'JPEG XR': '.hdp .jxr .wdp',
    'OpenEXR': '.exr',
    'PFM': '.pfm',
    'Photoshop': '.psb .psd',
    'Radiance': '.hdr',
    'SVG': '.svg',
    'TGA': '.tga',
    'XCF': '.xcf',
}
# What is known to be no picture is not opened to be looked at.
_OF_OTHER_PROGRAMS = {
    'archives': '.7z .bz2 .gz .rar .tar .tgz .xz .zip',
    'data': '.bin .corr .db .npy .npz .onnx .pickle .pkl .pt .pth',
    'documents': '.doc .docx .html .ipynb .md .pdf .py .sh .xls .xlsx',
    'tables': '.cfg .csv .ini .json .jsonl .log .lst .toml .tsv .txt .xml '
    '.yaml .yml',
}


def _by_ending(table):
    return {e: name for name, text in table.items() for e in text.split()}


#: The endings of pictures that are read.
READ_ENDINGS = frozenset(_by_ending(_READ))
_OTHER_FORMATS = _by_ending(_NOT_READ)
_ENDINGS = READ_ENDINGS.union(_OTHER_FORMATS)
_NO_PICTURES = frozenset(_by_ending(_OF_OTHER_PROGRAMS))
#: So many bytes tell the format of a file.
HEAD = 32
_BEGINNINGS = (
    (rb'\xff\xd8\xff', 'JPEG'),
    (rb'\x89PNG\r\n\x1a\n', 'PNG'),
    (rb'GIF8[79]a', 'GIF'),
    (rb'BM.{4}\0{4}', 'BMP'),
    (rb'RIFF.{4}WEBP', 'WEBP'),
    (rb'II\*\0|MM\0\*', 'TIFF'),
    (rb'\0{3}\x0cjP  \r\n\x87\n|\xff\x4f\xff\x51', 'JPEG2000'),
    (rb'P[1-6][ \t\r\n]+[0-9#]', 'PPM'),
    (rb'.{4}ftypavi[fs]', 'AVIF'),
    (rb'.{4}ftyp(?:he[ivx]|mif1|msf1)', 'HEIC'),
    (rb'\xff\x0a|\0{3}\x0cJXL ', 'JPEG XL'),
    (rb'II\xbc', 'JPEG XR'),
    (rb'8BPS', 'Photoshop'),
)


def split_ending(name):
    """Split a name before the ending of a picture; other dots belong to it.

    Args:
        name (str): Such as 'a.jpg', 'b/c.HEIC', 'anna.2'.

    Returns:
        tuple[str, str]: ('a', '.jpg'), ('b/c', '.HEIC'), ('anna.2', '').
    """
    stem, dot, ending = name.rpartition('.')
    ending = dot + ending
    # Of '.jpg' and 'a/.jpg' it is the name.
    known = ending.lower() in _ENDINGS and stem.rpartition('/')[2]
    return (stem, ending) if known else (name, '')


def format_not_read(head):
    """The format of a picture that is not read, by how its file begins.

    Args:
        head (bytes): The first bytes, `HEAD` or more.

    Returns:
        str | None: Such as 'HEIC'; None of all other files.
    """
    found = _format_of(head)
    return found if found in _NOT_READ else None


def _format_of(head):
    for beginning, name in _BEGINNINGS:
        if re.match(beginning, head, re.DOTALL):
            return name
    return None


def why_not_read(name, read_head):
    """Whether a file is a picture that can be read.

    Its ending tells, or its content where the ending is of no kind that is
    known: pictures may have none.

    Args:
        name (str): Of the file.
        read_head (Callable): Returns its first bytes.

    Returns:
        str | None: None of a picture that is to be read, else what keeps it
        from being one, such as 'no picture'.
    """
    ending = PurePosixPath(name).suffix.lower()
    if ending in READ_ENDINGS:
        return None
    other = _OTHER_FORMATS.get(ending)
    # A camera's raw file begins as a TIFF does.
    if ending not in _NO_PICTURES and other != 'camera raw':
        found = _format_of(read_head())
        if found is not None and found not in _NOT_READ:
            return None
        other = found or other
    if other is None:
        return 'no picture'
    return f'the format {other} is not read: convert it to JPEG or PNG'
