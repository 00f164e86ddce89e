"""What reporting does: record facts and sum them up."""
