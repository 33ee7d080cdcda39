// `impasto service` under a real systemd: a user's instance of its own, in namespaces that nothing outside sees, reads what
// was installed, starts the companion, starts it again when it dies, and stops it in good order.

import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ROOT } from "../../tree/source-files.ts";

const SYSTEMD = ["/usr/lib/systemd/systemd", "/lib/systemd/systemd"].find(existsSync);
const NAMESPACES = ["--mount", "--pid", "--fork", "--cgroup", "--net", "--kill-child"];

/** $1: node, $2: dist/impasto.js, $3: systemd. Each step that fails ends it. */
const SCRIPT = `set -e
mount --make-rprivate /
mount -t proc proc /proc
mount -t tmpfs tmpfs /run
mount -t cgroup2 none /sys/fs/cgroup
ip link set lo up
mkdir -p /run/systemd/system "$XDG_RUNTIME_DIR"
chmod 700 "$XDG_RUNTIME_DIR"
group=/sys/fs/cgroup/$(basename "$HOME")
mkdir "$group"
echo 0 > "$group/cgroup.procs"
impasto() { "$node" "$script" "$@"; }
node=$1 script=$2
until_true() { for _ in $(seq 600); do if "$@" > /dev/null 2>&1; then return 0; fi; sleep 0.2; done; echo "never: $*" >&2; return 1; }
property() { systemctl --user show --property "$1" --value impasto.service; }
answers() { impasto jobs list --json; }
runs_other_than() { [ "$(property MainPID)" != "$1" ] && [ "$(property MainPID)" != 0 ] && answers; }

impasto service install --quiet
impasto service status
"$3" --user --log-target=null &
systemd=$!
leave() {
  kill -TERM "$systemd"
  wait "$systemd" || true
  echo 0 > /sys/fs/cgroup/cgroup.procs
  find "$group" -depth -type d -exec rmdir {} +
}
trap leave EXIT
until_true systemctl --user is-active impasto.service
until_true answers
first=$(property MainPID)
echo "started"
kill -KILL "$first"
until_true runs_other_than "$first"
echo "started again"
systemctl --user stop impasto.service
echo "stopped: $(property Result)"
impasto service remove --quiet
impasto service status
systemctl --user daemon-reload
echo "known: $(property LoadState)"
`;

test("is started at login, started again when it dies, stopped in good order, and forgotten when it is removed", ({
  skip,
}) => {
  const reason = reasonAgainst();
  if (reason !== null) {
    console.warn(`skipped: ${reason}`);
    return skip(reason);
  }
  const folder = mkdtempSync(join(tmpdir(), "impasto-systemd-"));
  try {
    const env = {
      PATH: process.env.PATH ?? "",
      HOME: folder,
      XDG_RUNTIME_DIR: join(folder, "run"),
      IMPASTO_HOME: join(folder, "a b% kept"),
    };
    const words = ["sh", "-c", SCRIPT, "sh", process.execPath, join(ROOT, "dist", "impasto.js"), SYSTEMD ?? ""];
    const { status, stdout, stderr } = spawnSync("unshare", [...NAMESPACES, ...words], {
      env,
      encoding: "utf8",
      timeout: 300_000,
      killSignal: "SIGKILL",
    });
    expect(stderr).toBe("");
    expect(stdout.split("\n")).toEqual([
      "Impasto starts by itself when you log in.",
      "started",
      "started again",
      "stopped: success",
      "Impasto starts only when you start it.",
      "known: not-found",
      "",
    ]);
    expect(status).toBe(0);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

function reasonAgainst(): string | null {
  if (SYSTEMD === undefined) return "systemd is not installed";
  if (process.getuid?.() !== 0) return "only root may give systemd a control group of its own";
  const { status, stderr } = spawnSync("unshare", [...NAMESPACES, "true"], { encoding: "utf8" });
  return status === 0 ? null : `no namespace of its own can be made here: ${stderr.trim()}`;
}
