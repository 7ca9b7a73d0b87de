"""AWS STS: tokens of AWS for services of others (outbound web identity federation); all else is the local AWS's."""
