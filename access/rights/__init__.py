"""Rights beside the document: asked for, contained, opened in an emergency; and doors that ask for them."""
