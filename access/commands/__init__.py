"""The commands of `officegate`, one file each; access/cli.py has the table of them. ◆"""
