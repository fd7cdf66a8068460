"""What is written down and watched: the audit, alarms, guarded rows, what is kept how long."""
