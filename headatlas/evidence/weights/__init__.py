"""What the weights of heads say by themselves."""
