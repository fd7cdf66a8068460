"""What somebody proves themselves with: passwords, codes, passkeys; and the help when one is lost."""
