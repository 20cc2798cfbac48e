"""What Linux knows about this process: when it began, and the most memory it held."""

import os
import pathlib
import time


def start_epoch():
    """Seconds since the epoch at which this process was started (to 10 ms)."""
    after_command = pathlib.Path("/proc/self/stat").read_text().rpartition(")")[2].split()
    ticks_after_boot = int(after_command[19])  # field 22 of stat; the first after the command is field 3
    uptime = float(pathlib.Path("/proc/uptime").read_text().split()[0])
    return time.time() - uptime + ticks_after_boot / os.sysconf("SC_CLK_TCK")


def peak_rss_mib():
    status = pathlib.Path("/proc/self/status").read_text()
    kib = next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM:"))
    return round(int(kib) / 1024, 1)
