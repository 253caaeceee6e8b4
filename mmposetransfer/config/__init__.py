"""Configs: reading and changing them, and what is wrong with one."""

from .check import ConfigError, check_config

__all__ = ['ConfigError', 'check_config']
