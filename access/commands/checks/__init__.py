"""What `officegate check` looks at in the world, a file a subject. ◆"""
