"""What runs inside the virtual machine: access points, laptops, attackers and WiFiGuard itself, on simulated radios."""
