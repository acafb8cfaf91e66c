"""The programs, a family in each module."""
