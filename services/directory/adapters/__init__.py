"""The directory's ends towards MongoDB, NATS and the files of other systems."""
