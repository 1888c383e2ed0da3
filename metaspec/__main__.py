"""`python -m metaspec`: the same as the command `metaspec`."""

import sys

from metaspec.cli.main import main

sys.exit(main())
