"""What runs where the activity is: agents on devices, connectors to other systems' logs."""
