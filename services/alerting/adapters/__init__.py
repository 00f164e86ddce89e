"""What the ports are made of, and how domain events become contract messages."""
