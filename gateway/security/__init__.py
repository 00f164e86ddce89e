"""Who is asking, and how much may be asked at once."""
