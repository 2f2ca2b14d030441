"""When the process began to import the program: what waiting times are counted from."""

import time

PROCESS_START = time.perf_counter()
