"""A shop over several modules: the messages stand in one, the actors in others."""
