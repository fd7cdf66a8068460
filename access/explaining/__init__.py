"""Why somebody may or may not: the question, what is known and supposed, and the answer for every surface."""
