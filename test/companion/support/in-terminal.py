"""in-terminal.py signal|silence TEXT COMMAND...: runs COMMAND in a terminal of its own and closes the terminal when TEXT
has stood there, as when an ssh connection breaks. "signal": the system tells the command with SIGHUP; "silence": only its
reads and writes fail. Prints the command's exit code, negative for a signal."""
import fcntl
import os
import pty
import subprocess
import sys
import termios

how, text, command = sys.argv[1], sys.argv[2], sys.argv[3:]
ours, theirs = pty.openpty()


def take_terminal():
    if how == "signal":
        fcntl.ioctl(theirs, termios.TIOCSCTTY, 0)


child = subprocess.Popen(
    command, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True, preexec_fn=take_terminal
)
os.close(theirs)
seen = b""
while text.encode() not in seen:
    try:
        chunk = os.read(ours, 65536)
    except OSError:
        break
    seen += chunk
os.close(ours)
code = child.wait()
if text.encode() not in seen:
    print(seen.decode(errors="replace"))
print(code)
