"""The console: what helpdesk, auditors and administrators see of their own organization. ◆"""
