"""What the product costs, measured. `make bench` runs every module here that has `figures()`."""
