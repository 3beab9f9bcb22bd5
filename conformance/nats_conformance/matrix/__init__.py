"""The version matrix: releases of nats-server and the reference, one results file each, compared."""
