"""What the library says of what it did goes to Python's own logging, as the logger "coreshed"."""

import logging

from coreshed import _core

_core.set_log(logging.getLogger("coreshed").info)
