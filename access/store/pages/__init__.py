"""The queries of the pages: read only but for one, each within the organization it names. ◆"""
