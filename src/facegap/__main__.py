"""`python -m facegap`."""

from facegap.cli.app import main

main()
