"""Pure rules of evaluation: themes, phrases, views of a text, context and findings."""
