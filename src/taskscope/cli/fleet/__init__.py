"""What runs and what it uses: `top`, `resources`."""
