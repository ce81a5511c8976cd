"""The processes that `maillage serve` starts and watches, one module each."""
