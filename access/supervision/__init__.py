"""Processes kept running, and replaced without a moment in which nobody serves. ◆"""
