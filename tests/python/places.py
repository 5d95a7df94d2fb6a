"""Where tests make their files: in memory where there is such a place, since they make many small ones."""

import os

TEMPORARY = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
