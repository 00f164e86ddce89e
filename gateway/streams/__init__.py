"""What is pushed: changes to the school's own staff, events to its integrators."""
