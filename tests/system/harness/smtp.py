"""A real SMTP server: exim as a private instance with its own configuration, on a free port, that
offers STARTTLS (or TLS from the first byte) and AUTH PLAIN and LOGIN (or CRAM-MD5) and delivers into one mbox file."""
import email
import email.policy
import mailbox
import os
import pwd
import shutil
import smtplib
import ssl

from harness import wait
from harness.ports import free_port
from harness.process import Process
from harness.workspace import make_folder

_CONFIG = r"""
primary_hostname = mail.test
daemon_smtp_ports = {port}
local_interfaces = 127.0.0.1
spool_directory = {folder}/spool
log_file_path = {folder}/log/%slog
pid_file_path = {folder}/exim.pid
exim_user = {user}
exim_group = {group}
trusted_users = {user}
keep_environment =
never_users =
deliver_drop_privilege = true
host_lookup =
rfc1413_query_timeout = 0s
check_spool_space = 0
check_log_space = 0
ignore_bounce_errors_after = 0s
smtp_accept_max = 100
message_size_limit = 20M
tls_advertise_hosts = {tls_hosts}
tls_certificate = {cert_file}
tls_privatekey = {key_file}
tls_on_connect_ports = {tls_ports}
acl_smtp_mail = check_mail
acl_smtp_rcpt = check_rcpt
acl_smtp_data = accept

begin acl
check_mail:
  deny  message = 530 5.7.0 Must issue a STARTTLS command first
        condition = {require_tls}
        !encrypted = *
  deny  message = 530 5.7.0 Authentication required
        condition = {require_login}
        !authenticated = *
  accept
check_rcpt:
  defer condition = ${{lookup{{$local_part}}lsearch{{{folder}/defer}}{{yes}}{{no}}}}
        message = ${{lookup{{$local_part}}lsearch{{{folder}/defer}}}}
  deny  condition = ${{lookup{{$local_part}}lsearch{{{folder}/deny}}{{yes}}{{no}}}}
        message = ${{lookup{{$local_part}}lsearch{{{folder}/deny}}}}
  accept

begin routers
all:
  driver = accept
  transport = mbox

begin transports
mbox:
  driver = appendfile
  file = {folder}/mbox
  user = {user}
  group = {group}
  envelope_to_add
  return_path_add
  delivery_date_add

begin retry
* * F,1h,1s

begin authenticators
cram:
  driver = cram_md5
  public_name = CRAM-MD5
  server_advertise_condition = {advertise_cram}
  server_secret = ${{if eq{{$auth1}}{{{username}}}{{{password}}}fail}}
  server_set_id = $auth1
plain:
  driver = plaintext
  public_name = PLAIN
  server_advertise_condition = {advertise_login}
  server_prompts = :
  server_condition = ${{if and{{{{eq{{$auth1}}{{{identity}}}}}{{eq{{$auth2}}{{{username}}}}}\
      {{eq{{$auth3}}{{{password}}}}}}}}}
  server_set_id = $auth2
login:
  driver = plaintext
  public_name = LOGIN
  server_advertise_condition = {advertise_login}
  server_prompts = Username:: : Password::
  server_condition = ${{if and{{{{eq{{$auth1}}{{{username}}}}}{{eq{{$auth2}}{{{password}}}}}}}}}
  server_set_id = $auth1
"""


class Smtp:
    username = "seamwatch"
    password = "correct-horse"

    def __init__(self, leaf=None, require_tls=False, require_login=False, *, implicit=False,
                 cram=False, identity=""):
        """Offers STARTTLS with the certificate `leaf` where it is given, or TLS from the first byte
        (`implicit`); takes mail only after STARTTLS, or a login, where required. A login is offered
        under TLS, or everywhere without `leaf`: CRAM-MD5 alone (`cram`), or PLAIN, which wants this
        `identity`, and LOGIN."""
        self._implicit = implicit
        self.folder = make_folder("smtp")
        self.port = free_port()
        # exim gives up its rights before it reads a configuration that is not Debian's, so it all
        # belongs to the user that it becomes.
        self._user = pwd.getpwnam("Debian-exim") if os.geteuid() == 0 else pwd.getpwuid(os.getuid())
        cert_file, key_file = "", ""
        if leaf:
            cert_file, key_file = self.folder / "cert.pem", self.folder / "key.pem"
            shutil.copy(leaf.cert_file, cert_file)
            shutil.copy(leaf.key_file, key_file)
        self._answers = {"defer": {}, "deny": {}}
        self._write_answers()
        for name in ("spool", "log"):
            self.folder.joinpath(name).mkdir()
        self.folder.joinpath("exim.conf").write_text(_CONFIG.format(
            port=self.port, folder=self.folder, user=self._user.pw_name, group=self._user.pw_gid,
            tls_hosts="*" if leaf else "", cert_file=cert_file, key_file=key_file,
            require_tls="yes" if require_tls else "no",
            require_login="yes" if require_login else "no",
            tls_ports=self.port if implicit else "", identity=identity,
            advertise_login="no" if cram else "${if def:tls_in_cipher}" if leaf else "yes",
            advertise_cram="yes" if cram else "no",
            username=self.username, password=self.password), encoding="utf-8")
        for path in [self.folder, *self.folder.rglob("*")]:
            os.chown(path, self._user.pw_uid, self._user.pw_gid)
        self.folder.joinpath("exim.conf").chmod(0o644)
        self._process = None
        self.start()

    def start(self):
        user = self._user if os.geteuid() == 0 else None
        self._process = Process(["/usr/sbin/exim4", "-C", self.folder / "exim.conf", "-bdf"],
                                self.folder / "exim.out", cwd=self.folder, user=user)
        self._process.until_ready(self._greets, 15)

    def stop(self):
        """Stops it, so that connections are refused, until start()."""
        self._process.stop()

    def defer(self, local_part, reply="451 4.3.0 come back later"):
        """From now on answers RCPT TO of that local part with a temporary error."""
        self._answers["defer"][local_part] = reply
        self._write_answers()

    def deny(self, local_part, reply="550 5.1.1 no such user here"):
        self._answers["deny"][local_part] = reply
        self._write_answers()

    def accept(self, local_part):
        for answers in self._answers.values():
            answers.pop(local_part, None)
        self._write_answers()

    def messages(self):
        """What was delivered so far, as email.message.EmailMessage, in order."""
        path = self.folder / "mbox"
        if not path.exists():
            return []
        box = mailbox.mbox(path, factory=None, create=False)
        try:
            return [email.message_from_bytes(box.get_bytes(key), policy=email.policy.default)
                    for key in box.keys()]
        finally:
            box.close()

    def until_message(self, matches=lambda message: True, seconds=20):
        """The first delivered message for which matches(message) holds."""
        return wait.until(lambda: next((m for m in self.messages() if matches(m)), None), seconds,
                          f"mail in {self.folder}/mbox; server log: {self.log_text()[-1500:]}")

    def log_text(self):
        """Its main, reject and panic log."""
        return "\n".join(path.read_text(encoding="utf-8", errors="replace")
                         for path in sorted(self.folder.joinpath("log").glob("*log")))

    def _greets(self):
        try:
            if self._implicit:
                unchecked = ssl.create_default_context()
                unchecked.check_hostname, unchecked.verify_mode = False, ssl.CERT_NONE
                with smtplib.SMTP_SSL("127.0.0.1", self.port, timeout=2,
                                      context=unchecked) as client:
                    return client.noop()[0] == 250
            with smtplib.SMTP("127.0.0.1", self.port, timeout=2) as client:
                return client.noop()[0] == 250
        except smtplib.SMTPException as problem:
            raise ConnectionError(str(problem)) from problem

    def _write_answers(self):
        for name, answers in self._answers.items():
            text = "".join(f"{local_part}: {reply}\n" for local_part, reply in answers.items())
            path = self.folder / f"{name}.new"
            path.write_text(text, encoding="utf-8")
            os.replace(path, self.folder / name)
