"""What is kept: findings, networks and what was learned of them, mutes."""
