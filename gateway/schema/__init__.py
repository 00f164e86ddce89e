"""The GraphQL schema: a module per context, declarations over the contract messages."""
