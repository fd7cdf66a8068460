"""What reasons and notes mean to people, in Korean and English."""
