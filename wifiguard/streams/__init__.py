"""Conversations: bounded reassembly, which protocol speaks, what may be left to the kernel. Pure."""
