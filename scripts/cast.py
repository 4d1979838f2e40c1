"""Records `make demo` as a cast that asciinema plays: docs/demo.cast.

    cast.py OUTPUT COMMAND...

The command runs on a terminal of its own. Times are those of the run, but nothing waits
longer than a moment; paths and times of the machine are not in it.
"""

import json
import os
import pty
import select
import sys
import time

COLUMNS, ROWS = 100, 32
# The longest pause that a cast has, in seconds.
PAUSE = 1.5


def record(command):
    """Output of a command on a terminal, with the seconds since its beginning."""
    child, terminal = pty.fork()
    if child == 0:
        os.environ.update(TERM="xterm-256color", COLUMNS=str(COLUMNS), LINES=str(ROWS))
        os.execvp(command[0], command)
    events, clock, last = [], 0.0, time.monotonic()
    while True:
        select.select([terminal], [], [])
        try:
            read = os.read(terminal, 65536)
        except OSError:
            read = b""
        if not read:
            break
        now = time.monotonic()
        clock, last = clock + min(now - last, PAUSE), now
        events.append([round(clock, 3), "o", read.decode(errors="replace")])
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if status:
        raise SystemExit(f"cast: {' '.join(command)} failed")
    return events


def main(output, command):
    header = {"version": 2, "width": COLUMNS, "height": ROWS, "title": "thimble: make demo"}
    lines = [header, *record(command)]
    with open(output, "w", encoding="utf-8") as file:
        file.writelines(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    print(f"{output}: {len(lines) - 1} events, {lines[-1][0]:.0f} s")


if __name__ == "__main__":
    if len(sys.argv) < 3:
        raise SystemExit(__doc__)
    main(sys.argv[1], sys.argv[2:])
