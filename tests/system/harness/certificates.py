"""Certificates for TLS peers, made by openssl: an authority, and leaves that are good, expired, for
another host, or signed by nobody we know."""
import subprocess

_CA_CONFIG = """
[ca]
default_ca = test
[test]
database = {folder}/index.txt
new_certs_dir = {folder}
rand_serial = yes
default_md = sha256
policy = any
unique_subject = no
copy_extensions = none
[any]
commonName = supplied
[leaf]
subjectAltName = {names}
basicConstraints = critical,CA:false
[authority]
basicConstraints = critical,CA:true
keyUsage = critical,keyCertSign,cRLSign
[req]
distinguished_name = name
prompt = no
[name]
CN = {common_name}
"""


def _openssl(*arguments):
    done = subprocess.run(["openssl", *map(str, arguments)], capture_output=True, check=False)
    if done.returncode:
        raise RuntimeError(f"openssl {arguments[0]}: {done.stderr.decode()[-2000:]}")


def _key(path, algorithm):
    if algorithm == "rsa":
        _openssl("genpkey", "-quiet", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048",
                 "-out", path)
    else:
        _openssl("genpkey", "-quiet", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256",
                 "-out", path)


class Leaf:
    """Files of one certificate and its key."""

    def __init__(self, cert_file, key_file):
        self.cert_file = cert_file
        self.key_file = key_file


class Authority:
    def __init__(self, folder, algorithm="ec"):
        """Makes the authority's own certificate, valid from 2020 to 2049. `algorithm` is of all
        keys: ec (P-256) or rsa (2048)."""
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.ca_file = folder / "ca.pem"
        self._algorithm = algorithm
        self._key = folder / "ca.key"
        _key(self._key, algorithm)
        (folder / "index.txt").write_text("", encoding="ascii")
        self._sign("ca", self._key, "Seamwatch test authority", "authority", "DNS:none",
                   "20200101000000Z", "20491231000000Z", own=True)

    def leaf(self, name, names="DNS:localhost,IP:127.0.0.1", start="20200101000000Z",
             end="20491231000000Z"):
        """A certificate called `name` for the subject alternative `names`."""
        key = self.folder / f"{name}.key"
        _key(key, self._algorithm)
        self._sign(name, key, name, "leaf", names, start, end)
        return Leaf(self.folder / f"{name}.pem", key)

    def good(self):
        return self.leaf("good")

    def expired(self):
        return self.leaf("expired", end="20210101000000Z")

    def wrong_host(self):
        return self.leaf("wrong_host", names="DNS:elsewhere.invalid")

    def _sign(self, name, key, common_name, extensions, names, start, end, own=False):
        config = self.folder / f"{name}.cnf"
        config.write_text(_CA_CONFIG.format(folder=self.folder, names=names,
                                            common_name=common_name), encoding="ascii")
        request = self.folder / f"{name}.csr"
        _openssl("req", "-new", "-config", config, "-key", key, "-out", request)
        by = ["-selfsign"] if own else ["-cert", self.ca_file]
        _openssl("ca", "-batch", "-notext", "-config", config, "-extensions", extensions, *by,
                 "-keyfile", self._key, "-in", request, "-out", self.folder / f"{name}.pem",
                 "-startdate", start, "-enddate", end)
