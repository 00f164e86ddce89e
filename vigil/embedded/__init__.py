"""Real servers for one machine: nats-server, mongod and SMTP, in a locked data folder."""
