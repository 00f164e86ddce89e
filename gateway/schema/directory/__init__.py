"""Who is signed in, and the devices of a school."""
