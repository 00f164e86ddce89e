"""Readers of rosters as other systems write them."""
