"""`airssys-rt graph`: the protocol of an actor class as a state diagram."""
