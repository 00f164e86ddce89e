"""Print the schema: ``python -m gateway.schema > gateway/schema.graphql``."""

import sys

from gateway.schema.schema import create_schema

if __name__ == "__main__":
    sys.stdout.write(create_schema(introspection=True).as_str() + "\n")
