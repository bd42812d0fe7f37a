"""A machine of its own: a root folder that systemd boots, as process 1 of a container without a network."""

import os
import pathlib
import subprocess
import time

BOOT_S = 120
COMMAND_S = 300


def until(what, check, timeout_s=60, every_s=0.1):
    deadline = time.monotonic() + timeout_s
    while True:
        value = check()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"gave up after {timeout_s} s waiting until {what}")
        time.sleep(every_s)


class Machine:
    def __init__(self, root):
        self.root = pathlib.Path(root)
        self.process = None
        self.init = None

    def boot(self):
        self.process = subprocess.Popen(
            ["systemd-nspawn", "--quiet", "--register=no", "--keep-unit", "--private-network", "--console=pipe",
             f"--machine=konekwa-{os.getpid()}", f"--directory={self.root}", "--boot"],
            stdin=subprocess.DEVNULL, stdout=open(self.root.with_suffix(".log"), "ab"), stderr=subprocess.STDOUT)
        until("the machine has a process 1", self.find_init, BOOT_S)
        # "degraded" is a unit of Debian's that a container does not take.
        until("the machine is up", lambda: self.run("systemctl", "is-system-running", check=False).strip() in
              ("running", "degraded"), BOOT_S)

    def find_init(self):
        assert self.process.poll() is None, "the machine does not boot; see machine.log"
        children = pathlib.Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        # Until it is systemd it is a copy of what starts it.
        names = {pid: pathlib.Path(f"/proc/{pid}/comm").read_text() for pid in children}
        self.init = next((pid for pid, name in names.items() if name == "systemd\n"), None)
        return self.init

    def run(self, *command, check=True, stdin=""):
        """What it prints, stderr too."""
        done = subprocess.run(["nsenter", f"--target={self.init}", "--mount", "--uts", "--ipc", "--net", "--pid",
                               "--cgroup", "--root", "--wd", "--", *command], input=stdin, text=True, check=False,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=COMMAND_S,
                              env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "DEBIAN_FRONTEND": "noninteractive",
                                   "LC_ALL": "C.UTF-8"})
        if check and done.returncode != 0:
            raise AssertionError(f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout}")
        return done.stdout

    def succeeds(self, *command):
        try:
            self.run(*command)
        except AssertionError:
            return False
        return True

    def write(self, path, text, mode=0o644):
        file = self.root / path.lstrip("/")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        file.chmod(mode)

    def exists(self, path):
        return (self.root / path.lstrip("/")).exists()

    def power_off(self):
        if self.process and self.process.poll() is None:
            self.run("systemctl", "poweroff", check=False)
            try:
                self.process.wait(BOOT_S)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
