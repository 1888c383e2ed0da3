"""How the copies of a meta-model become one."""
