"""What must hold of whatever is observed: functions from an observed trace to violations."""
