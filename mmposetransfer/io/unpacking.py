"""What a compressed file holds, by how it begins, within bounds."""

import bz2
import lzma
import zlib

__all__ = ['is_packed', 'unpacked']

# Formats of joblib: how files begin -> what unpacks them. The third number of
# zlib has it look for its own header or that of gzip.
_FORMATS = {
    b'\x78\x01': 'zlib',
    b'\x78\x5e': 'zlib',
    b'\x78\x9c': 'zlib',
    b'\x78\xda': 'zlib',
    b'\x1f\x8b': 'zlib',
    b'BZh': 'bz2',
    b'\xfd7zXZ': 'lzma',
    b'\x5d\x00\x00': 'lzma',
}
_ZLIB_OR_GZIP = 47
_REFUSED = {
    b'\x04\x22\x4d\x18': 'LZ4, which is not read',
    b'\x28\xb5\x2f\xfd': 'Zstandard, which is not read',
    b'ZF0x': 'joblib before 0.10, whose files are not read',
}
_WAY_OUT = (
    'load it by joblib and write it again by joblib.dump(content, '
    'path, compress=3)'
)
# Bytes for each packed one, of a file that unpacks to more than the second
# number of bytes, and the most of all.
_MOST_RATIO, _RATIO_FROM, _MOST_BYTES = 200, 2**26, 2**32
_MOST_DICTIONARY = 2**30  # bytes that LZMA may ask for


def is_packed(data: bytes) -> bool:
    """Whether a file is compressed, also in a way that is not read.

    Args:
        data: How it begins.
    """
    return data.startswith((*_FORMATS, *_REFUSED))


def unpacked(data: bytes) -> bytes:
    """The content of a file, whether it is compressed or not.

    Args:
        data: Of the file: zlib, gzip, bz2, xz or lzma, or none of these.

    Returns:
        What was compressed; all else as it is.

    Raises:
        ValueError: If it is cut off or damaged, is compressed in a way that
            is not read, or unpacks to more than a decent file.
    """
    for beginning, what in _REFUSED.items():
        if data.startswith(beginning):
            raise ValueError(f'it was compressed by {what}: {_WAY_OUT}')
    kind = next(
        (
            kind
            for beginning, kind in _FORMATS.items()
            if data.startswith(beginning)
        ),
        None,
    )
    if kind is None:
        return data
    most = min(max(_MOST_RATIO * len(data), _RATIO_FROM), _MOST_BYTES)
    unpacker = _unpacker(kind)
    try:
        content = unpacker.decompress(data, most)
        ended = unpacker.eof
    except (EOFError, OSError, zlib.error, lzma.LZMAError) as error:
        raise ValueError(
            f'its compressed data are damaged: {error}'
        ) from error
    if not ended:
        raise ValueError(
            f'it unpacks to more than {most:,} bytes'
            if len(content) >= most
            else 'its compressed data are cut off'
        )
    return content


def _unpacker(kind):
    if kind == 'zlib':
        return zlib.decompressobj(_ZLIB_OR_GZIP)
    if kind == 'bz2':
        return bz2.BZ2Decompressor()
    return lzma.LZMADecompressor(memlimit=_MOST_DICTIONARY)
