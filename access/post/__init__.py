"""Letters to people and how they travel."""
