"""`python -m streetwise.cli`."""

from streetwise.cli import main

main()
