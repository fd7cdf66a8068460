"""How each family of NAS spells VLAN, role, ACL and disconnect."""
