"""NAS clients and endpoints: registered, checked, asked to end a session."""
