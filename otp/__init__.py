"""One-time passwords: tokens and their verification, without clock, randomness or storage."""
