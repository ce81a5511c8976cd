"""`python -m maillage.web.manage` is the same as `maillage`."""

from maillage.web.manage import main

main()
