"""Detection packs and the loader that reads and checks them."""
