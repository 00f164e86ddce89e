"""Who is told when, and who has been."""
