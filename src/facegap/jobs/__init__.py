"""What a command does: evaluate, adapt, train, audit, plan, check, verify, calibrate, look-alikes."""
