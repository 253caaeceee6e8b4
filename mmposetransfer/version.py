"""The version, in one place for the package and ``setup.py``."""

__version__ = '0.1.0'
