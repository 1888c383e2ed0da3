"""Pure functions of parameters and inputs."""
