"""Who somebody is: accounts of directories and our own, groups, one person of two companies."""
