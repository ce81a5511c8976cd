"""Web puts the floors together: the application, the command line, the worker, the demo world."""
