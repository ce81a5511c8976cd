"""An authority that only the tests trust, and certificates by it, good and bad."""

from datetime import timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from maillage.core import clock


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


class Authority:
    """Writes certificates into `folder`, each in one file with its key."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = _name("Authority of these tests")
        unrestricted = x509.BasicConstraints(ca=True, path_length=None)
        self.own = self._of(self.name, self.key, 30).add_extension(unrestricted, critical=True)
        self.file = folder / "authority.pem"
        self.file.write_bytes(self.own.sign(self.key, SHA256()).public_bytes(Encoding.PEM))

    def certificate(self, host: str, *, days: int = 30, by_itself: bool = False) -> Path:
        """One for `host`, over since `days` ago when negative; signed by the authority, or by itself."""
        key = ec.generate_private_key(ec.SECP256R1())
        wanted = self._of(_name(host), key, days, by=_name(host) if by_itself else self.name)
        signed = wanted.add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False).sign(
            key if by_itself else self.key, SHA256()
        )
        file = self.folder / f"{host}.{days}.{by_itself}.pem"
        private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        file.write_bytes(private + signed.public_bytes(Encoding.PEM))
        return file

    def _of(
        self, whose: x509.Name, key: ec.EllipticCurvePrivateKey, days: int, *, by: x509.Name | None = None
    ) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .subject_name(whose)
            .issuer_name(by or self.name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(clock.now() - timedelta(days=60))
            .not_valid_after(clock.now() + timedelta(days=days))
        )
