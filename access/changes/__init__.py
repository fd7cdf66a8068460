"""The life of a change of the policy: draft, outlook, approval, publication, waves, reviews."""
