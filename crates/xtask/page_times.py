"""How long pages take at a plant of so many orders (24,500 make 112,000 operations): each page some times after one another in a
process that was just started, its first answer, and the median and 95th percentile of the others.

    python3 crates/xtask/page_times.py target/release/plantintel FOLDER [ORDERS] [TIMES]

The folder keeps plant and installation, so that a second run measures at once. Only this machine is asked.
"""

import glob
import http.client
import json
import os
import re
import subprocess
import sys
import time

PAGES = [
    "/", "/changes", "/findings", "/findings?group=category", "{finding}", "/actions", "/explore", "/explore?table=operation",
    "/explore?table=operation&group=work_center_id&by=actual_run_hours", "/explore?table=operation&sort=-actual_run_hours",
    "/explore?table=operation&page=900", "/explore?table=operation&is.operation_sequence=30&sort=-actual_run_hours", "{order}",
    "/data", "/data/quality", "/data/mappings", "{upload}/match", "{upload}/match?column=1", "{upload}/rows", "/reports", "/ask",
    "/data/new", "{mapping}", "/help", "/settings/profile", "/settings/plants", "/settings/members", "/settings/usage", "/settings/analysis",
    "/settings/audit",
]


# What a page links to and later pages need.
PLACES = {
    "/findings": {"finding": r'href="(/findings/[^"?/]+)"'},
    "{finding}": {"order": r'href="(/orders/[^"?]+)"'},
    "/data/mappings": {"mapping": r'href="(/data/mappings/[0-9a-f-]{36})'},
    "/data": {"upload": r'href="(/data/[0-9a-f-]{36})'},
}

# Milliseconds that the 95th percentile may take.
BAR = 100


class Visitor:
    def __init__(self, address, token):
        self.connection = http.client.HTTPConnection(address, timeout=600)
        self.headers = {"content-type": "application/json"}
        answer, body = self.ask("POST", "/api/v1/session/link", json.dumps({"token": token}))
        self.headers["cookie"] = answer.getheader("set-cookie").split(";")[0]
        self.headers["x-csrf-token"] = json.loads(body)["csrf_token"]

    def ask(self, method, path, body=None, kind="application/json"):
        self.connection.request(method, path, body, dict(self.headers, **{"content-type": kind}))
        answer = self.connection.getresponse()
        return answer, answer.read()

    def json(self, method, path, body=None, kind="application/json"):
        return json.loads(self.ask(method, path, body, kind)[1])

    def until(self, path, busy):
        began = time.time()
        while self.json("GET", path)["state"] in busy:
            time.sleep(1)
        return time.time() - began


def fill(visitor):
    files = []
    for path in sorted(glob.glob("plant/*.csv")):
        with open(path, "rb") as file:
            name = os.path.basename(path)
            stored = visitor.json("POST", f"/api/v1/files?name={name}", file.read(), "application/octet-stream")
            files.append(stored["id"])
    upload = visitor.json("POST", "/api/v1/datasets", json.dumps({"files": files}))["id"]
    print(f"read in {visitor.until(f'/api/v1/datasets/{upload}', ('queued', 'running')):.0f} s")
    visitor.json("POST", f"/api/v1/datasets/{upload}/mapping/confirmation", "{}")
    run = visitor.json("POST", "/api/v1/analyses", json.dumps({"datasets": [upload]}))["id"]
    print(f"analyzed in {visitor.until(f'/api/v1/analyses/{run}', ('queued', 'running')):.0f} s")


def start(program, environment, log):
    """The program, its address, and what it said first."""
    server = subprocess.Popen([program], env=environment, stdout=subprocess.PIPE, stderr=log, text=True)
    return server, server.stdout.readline().strip().split("http://")[1]


def stop(server):
    server.terminate()
    server.wait()


def main():
    program, folder = os.path.abspath(sys.argv[1]), sys.argv[2]
    orders, times = (sys.argv[3:5] + ["24500", "40"][len(sys.argv[3:5]):])[:2]
    os.makedirs(folder, exist_ok=True)
    os.chdir(folder)
    if not os.path.exists("plant"):
        subprocess.run([program, "generate", "--orders", orders, "--seed", "7", "plant"], check=True)
    own = {"PLANTINTEL_DATA_FOLDER": os.path.abspath("data"), "PLANTINTEL_ADDRESS": "127.0.0.1:0", "RATE_LIMIT_PER_MINUTE": "100000"}
    environment = dict(os.environ, **own)
    log = open("log", "a")
    if not os.path.exists("data"):
        server, address = start(program, environment, log)
        try:
            server.stdout.readline()
            link = server.stdout.readline()
            fill(Visitor(address, re.search(r"token=(\S+)", link).group(1)))
        finally:
            stop(server)
    # A process that has answered nothing yet: the first answer of a page is its cold one.
    server, address = start(program, environment, log)
    try:
        asked = [program, "admin", "sign-in-link", "owner@plantintel.local"]
        link = subprocess.run(asked, env=environment, capture_output=True, text=True).stdout
        visitor = Visitor(address, re.search(r"token=(\S+)", link).group(1))
        places = {}
        late = []
        for page in PAGES:
            path, took = page.format(**places), []
            for _ in range(int(times)):
                began = time.time()
                answer, body = visitor.ask("GET", path)
                took.append((time.time() - began) * 1000)
            assert answer.status == 200, (path, answer.status)
            for name, pattern in PLACES.get(page, {}).items():
                places[name] = re.search(pattern, body.decode()).group(1)
            first, warm = took[0], sorted(took[1:])
            p50, p95 = warm[len(warm) // 2], warm[int(len(warm) * 0.95)]
            late += [page] if p95 > BAR else []
            print(f"cold {first:8.1f}  p50 {p50:7.1f}  p95 {p95:7.1f} ms  {len(body):7} bytes  {page}", flush=True)
        print(f"over {BAR} ms at the 95th percentile: {', '.join(late) or 'none'}")
    finally:
        stop(server)


main()
