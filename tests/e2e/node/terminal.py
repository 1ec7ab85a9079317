"""Runs a command on a terminal of its own, 80 columns wide: its standard input and standard error are the terminal, its
standard output is ours. What comes on our standard input is typed, what the terminal shows goes to our standard error.
Ends as the command does, or with 77 where it has not given the terminal back as it was."""

import fcntl
import os
import pty
import select
import struct
import sys
import termios

master, slave = pty.openpty()
fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
before = termios.tcgetattr(slave)
child = os.fork()
if child == 0:
    os.setsid()
    fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
    os.dup2(slave, 0)
    os.dup2(slave, 2)
    os.execvp(sys.argv[1], sys.argv[1:])

ended = os.pidfd_open(child)
sources = [master, ended, 0]
while True:
    ready = select.select(sources, [], [])[0]
    if master in ready:
        os.write(2, os.read(master, 65536))
    elif ended in ready:
        break
    elif 0 in ready:
        typed = os.read(0, 1024)
        if typed:
            os.write(master, typed)
        else:
            sources.remove(0)
code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
sys.exit(code if termios.tcgetattr(slave) == before else 77)
