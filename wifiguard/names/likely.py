"""Names that say bank by themselves: no catalogue knows every bank, and most call themselves one."""


def is_likely_bank(name: str) -> bool:
    """Whether a canonical host name is a bank's by the name alone."""
    return name.endswith(".bank")
