"""What `make bench` runs: how fast the pages are, against a bare server that sends the same bytes."""
