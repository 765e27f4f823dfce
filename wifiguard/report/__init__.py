"""The HTML page: one file that holds everything, asks nobody for anything and runs no script."""

from wifiguard.report.content import Content
from wifiguard.report.page import render

__all__ = ["Content", "render"]
