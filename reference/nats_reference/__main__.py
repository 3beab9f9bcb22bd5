"""`python -m nats_reference` is the command `nats-reference`."""

from nats_reference import cli

if __name__ == "__main__":
    raise SystemExit(cli.main())
