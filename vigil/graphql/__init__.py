"""The command line as a client of the gateway: the same interface that schools' own staff use."""
