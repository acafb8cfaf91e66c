"""The programs, one family per module."""
