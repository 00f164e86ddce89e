"""The gateway: GraphQL for the school's own staff, an event stream for its integrators."""
