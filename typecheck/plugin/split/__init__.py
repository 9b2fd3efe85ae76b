# An actor whose parts are in several modules.
