"""A real nginx on loopback with its own prefix: plain HTTP, and one TLS port a certificate. What
each location answers can be changed while it runs; /switch/NAME, any name, is good until fail()."""
import os
import signal

from harness.fetch import fetch
from harness.ports import free_port
from harness.process import Process
from harness.workspace import make_folder

_CONFIG = """
daemon off;
{user}
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/error.log warn;
events {{ worker_connections 16384; }}
worker_rlimit_nofile 40000;
http {{
  access_log {access_log};
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  default_type text/plain;
  absolute_redirect off;
  server_tokens off;
  keepalive_timeout 5s;
{servers}
}}
"""
_SERVER = """
  server {{
{listen}
{tls}
    location = /-/generation {{ return 200 "{generation}"; }}
    location /switch/ {{
      if (-f {folder}$uri) {{ return 500; }}
      return 200 "ok\\n";
    }}
    location ~ ^/barred/(?<name>.+)$ {{
      if (-f {folder}/switch/$name) {{ return 403; }}
      return 200 "ok\\n";
    }}
{locations}
  }}
"""

# Path to what nginx does there.
LOCATIONS = {
    "/": 'return 200 "ok\\n";',
    "/500": "return 500;",
    "/503": 'return 503 "busy\\n";',
    "/503-later": "add_header Retry-After 120 always; return 503;",
    "/429": "return 429;",
    "/429-later": "add_header Retry-After 60 always; return 429;",
    "/401": "return 401;",
    "/403": "return 403;",
    "/404": "return 404;",
    "/moved": "return 302 /;",
    "/loop": "return 302 /loop;",
    "/json": 'default_type application/json; return 200 \'{"status":"ok","late":3}\';',
}


class Nginx:
    def __init__(self, certificates=None, locations=None, access_log=False,
                 addresses=("127.0.0.1",), http2=()):
        """`certificates` is a dict of names to Leaf; each gets a port of its own, see url(); those
        named in `http2` speak that too.
        `locations` come on top of LOCATIONS. Listens on all of the loopback `addresses`, of which
        127.0.0.1 must be one."""
        self.folder = make_folder("nginx")
        self.port = free_port()
        self._tls = {name: (free_port(), leaf) for name, leaf in (certificates or {}).items()}
        self._locations = {**LOCATIONS, **(locations or {})}
        self._access_log = access_log
        self._addresses = addresses
        self._http2 = http2
        self._generation = 0
        self._process = None
        self.folder.joinpath("switch").mkdir()
        self.start()

    @property
    def pid(self):
        return self._process.pid

    def url(self, path="/", tls=None, host="127.0.0.1"):
        """Where `path` is served; `tls` names the certificate, none is plain HTTP."""
        if tls:
            return f"https://{host}:{self._tls[tls][0]}{path}"
        return f"http://{host}:{self.port}{path}"

    def start(self):
        """Starts it, on the same ports as before."""
        self._write()
        self._process = Process(
            ["nginx", "-p", self.folder, "-c", self.folder / "nginx.conf", "-e", "stderr"],
            self.folder / "nginx.log")
        self._process.until_ready(self._current, 10)

    def stop(self):
        self._process.stop()

    def answer(self, path, directives):
        """From now on `path` does `directives`; returns when that holds."""
        self._locations[path] = directives
        self._write()
        self._process.signal(signal.SIGHUP)
        self._process.until_ready(self._current, 10, "serving the new configuration")

    def fail(self, name):
        """From now on /switch/NAME answers 500, and /barred/NAME 403, which does not pass."""
        self.folder.joinpath("switch", name).touch()

    def heal(self, name):
        self.folder.joinpath("switch", name).unlink(missing_ok=True)

    def requests(self):
        """The lines of its access log, for one made with access_log=True."""
        path = self.folder / "access.log"
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        return [line for line in lines if "/-/generation" not in line]

    def _current(self):
        # For a moment after a reload the worker before takes connections too.
        return all(fetch(self.url("/-/generation"), timeout=2).text == str(self._generation)
                   for _ in range(10))

    def _write(self):
        self._generation += 1
        locations = "\n".join(f"    location = {path} {{ {does} }}"
                              for path, does in self._locations.items())
        servers = []
        for name, (port, leaf) in [("", (self.port, None)), *self._tls.items()]:
            tls = "" if leaf is None else (f"    ssl_certificate {leaf.cert_file};\n"
                                           f"    ssl_certificate_key {leaf.key_file};\n"
                                           "    ssl_protocols TLSv1.2 TLSv1.3;\n"
                                           "    ssl_session_cache shared:all:8m;")
            speaks = (" ssl" if leaf else "") + (" http2" if name in self._http2 else "")
            listen = "\n".join(f"    listen {address}:{port}{speaks} backlog=8192;"
                               for address in self._addresses)
            servers.append(_SERVER.format(
                listen=listen, tls=tls, generation=self._generation, folder=self.folder,
                locations=locations))
        self.folder.joinpath("nginx.conf").write_text(_CONFIG.format(
            folder=self.folder, user="user root;" if os.geteuid() == 0 else "",
            access_log=self.folder / "access.log" if self._access_log else "off",
            servers="".join(servers)), encoding="utf-8")
