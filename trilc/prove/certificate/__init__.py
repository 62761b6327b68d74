"""Certificates: what lets an outsider check a proof without trusting trilc, and a small program that does."""

from trilc.prove.certificate.write import Certificate, write_certificate

__all__ = ["Certificate", "write_certificate"]
