"""The pages for employees. ◆"""
