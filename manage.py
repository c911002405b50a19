#!/usr/bin/env python
"""Management commands of the portal, by their long names."""

import sys

from portal.cli import execute

if __name__ == "__main__":
    execute(sys.argv)
