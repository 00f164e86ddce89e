"""Takes in what devices saw, and knows which devices have fallen silent."""
